/** What people are called for of the database server. */
import type { AlertRule } from "../../shared/alerts";
import type { LoomworksSettings } from "../../settings/loomworks";
import { POSTGRES } from "../postgres";
import { FIRST_START_SECONDS } from "./odoo";

/** A server that writes archives a segment each `archiveTimeoutSeconds`, and the canary row has it write always. */
const LATE_SEGMENTS = 2;

/** Less would call for a slow file system, which EFS is for minutes when its bursts are used up. */
const SHORTEST_LATENESS_SECONDS = 900;

/** PostgreSQL passes max_wal_size under load by itself; at four times as much, something holds WAL. */
const WAL_EXCESS = 4;

export function postgresRules({ postgres }: LoomworksSettings, namespace: string): AlertRule[] {
  return [
    {
      name: "PostgresDown",
      severity: "critical",
      expression: `max by (namespace) (pg_up{${namespace}}) == 0 or absent(pg_up{${namespace}}) unless on (namespace) (${isNew(namespace)})`,
      for: "2m",
      summary: "PostgreSQL does not answer its exporter",
    },
    {
      name: "PostgresArchiveFailing",
      severity: "critical",
      expression: `${archiveFails(namespace)} or ${archiveIsLate(postgres.archiveTimeoutSeconds, namespace)}`,
      for: "5m",
      summary: "WAL is not archived: a lost disk would cost what was written since",
    },
    {
      name: "PostgresWalGrowing",
      severity: "warning",
      expression: `max by (namespace) (pg_wal_size_bytes{${namespace}}) > ${WAL_EXCESS} * ${walLimit(namespace)}`,
      for: "15m",
      summary: "WAL piles up on PostgreSQL's volume, and the server stops when that is full",
    },
    {
      name: "PostgresReplicationSlotLagging",
      severity: "warning",
      expression: `max by (namespace, slot_name) (pg_replication_slots_pg_wal_lsn_diff{${namespace}}) > on (namespace) group_left () ${walLimit(namespace)}`,
      for: "10m",
      summary: "The replication slot {{ $labels.slot_name }} holds WAL that nobody fetches",
    },
    {
      name: "PostgresConnectionsNearlyUsed",
      severity: "warning",
      expression: `sum by (namespace) (pg_stat_activity_count{${namespace}}) > 0.8 * max by (namespace) (pg_settings_max_connections{${namespace}})`,
      for: "5m",
      summary: "More than 80 % of PostgreSQL's connections are taken",
    },
  ];
}

function isNew(namespace: string): string {
  return `time() - kube_statefulset_created{${namespace}, statefulset="${POSTGRES.name}"} < ${FIRST_START_SECONDS}`;
}

/** PostgreSQL tries again each minute. One failure that the next attempt made good is forgotten before anybody is called. */
function archiveFails(namespace: string): string {
  return `max by (namespace) (increase(pg_stat_archiver_failed_count{${namespace}}[3m])) > 0`;
}

/** A server that never archived, or whose statistics a crash took, has no age to compare: it counts as late too. */
function archiveIsLate(archiveTimeoutSeconds: number, namespace: string): string {
  const limit = Math.max(SHORTEST_LATENESS_SECONDS, LATE_SEGMENTS * archiveTimeoutSeconds);
  const inTime = `max by (namespace) (pg_stat_archiver_last_archive_age{${namespace}}) <= ${limit}`;
  return `(max by (namespace) (pg_up{${namespace}}) == 1 unless on (namespace) (${inTime}))`;
}

function walLimit(namespace: string): string {
  return `max by (namespace) (pg_settings_max_wal_size_bytes{${namespace}})`;
}
