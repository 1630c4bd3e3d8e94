/** What happens to an installation that is well, and calls nobody. */
import {
  DAY,
  every,
  Figures,
  forEach,
  from,
  HEALTHY,
  HOUR,
  MINUTE,
  notation,
  series,
  unheard,
  Values,
  valueAt,
  waiting,
} from "../../../support/loomworks-figures";
import type { Series } from "../../../support/promtool";

const SERVER = { server: "127.0.0.1:5432" };

const between = (first: number, last: number, inside: number | undefined, outside: number): Values => {
  return (minute) => (minute >= first && minute <= last ? inside : outside);
};

/** Series whose values are moments. */
const isMoment = (name: string) => /_(created|time|timestamp_seconds)\{/.test(name);

/** What Prometheus reads where its clock, and not theirs, is off by so many seconds. */
function withClockOff(seconds: number): Figures {
  return Object.fromEntries(
    Object.entries(HEALTHY).map(([name, values]) => {
      const shifted = (minute: number) => {
        const value = valueAt(values, minute);
        return value === undefined ? undefined : value + seconds;
      };
      return [name, isMoment(name) ? shifted : values];
    }),
  );
}

/** One target after another misses one scrape. */
const TARGETS = ["kube_", "odoo_", "pg_", "loomworks_", "node_", "kubelet_", "certmanager_"];
const onePartly = (minute: number, name: string) =>
  TARGETS.some((prefix, index) => name.startsWith(prefix) && minute === 20 + 10 * index);

const hasPrefix = (name: string, prefixes: readonly string[]) => prefixes.some((prefix) => name.startsWith(prefix));

/** Minutes between two runs. */
const RUNS = {
  "postgres-offsite-wal": 5,
  "postgres-offsite-backups": 60,
  "odoo-offsite-filestore": 15,
  "odoo-copy-sweep": 60,
};

/** Both ends of the first hour: what is made when, and what is told by then. */
function firstDay(): Figures {
  const born: readonly (readonly [readonly string[], number])[] = [
    [["kube_namespace_"], 0],
    [["kube_", "kubelet_"], 2],
    [["certmanager_"], 3],
    [["node_", "pg_"], 12],
    [["odoo_"], 20],
    [["loomworks_offsite_", "loomworks_filestore_"], 61],
    [["loomworks_"], 10_000],
  ];
  const bornAt = (name: string) => born.find(([prefixes]) => hasPrefix(name, prefixes))?.[1] ?? 0;
  const young = Object.entries(HEALTHY).map(([name, values]) => {
    const value = name.includes("_created{") ? bornAt(name) * MINUTE : values;
    return [name, (minute: number) => (minute < bornAt(name) ? undefined : valueAt(value, minute))] as const;
  });
  const available = "kube_deployment_status_replicas_available";
  return {
    ...Object.fromEntries(young),
    ...forEach(available, "deployment", {
      odoo: (minute) => (minute < 2 ? undefined : minute < 24 ? 0 : 2),
      "odoo-cron": (minute) => (minute < 2 ? undefined : minute < 24 ? 0 : 1),
    }),
    ...forEach("kube_cronjob_status_last_successful_time", "cronjob", {
      "postgres-backup": () => undefined,
      "postgres-drill": () => undefined,
      ...Object.fromEntries(
        Object.entries(RUNS).map(([cronjob, gap]) => [
          cronjob,
          (minute: number) => (minute < 2 + gap ? undefined : every(gap)(minute)),
        ]),
      ),
    }),
    [series("kube_job_created", { job_name: "postgres-backup-2961" })]: () => undefined,
    [series("kube_job_failed", { job_name: "postgres-backup-2961", condition: "true" })]: () => undefined,
    // It takes a while until the first segment is archived, and until the first certificate is there.
    [series("pg_stat_archiver_last_archive_age", SERVER)]: (minute) =>
      minute < 12 ? undefined : minute < 15 ? NaN : 45,
    [series("certmanager_certificate_expiration_timestamp_seconds", { name: "odoo-wildcard-tls" })]: (minute) =>
      minute < 3 ? undefined : minute < 20 ? 0 : 90 * DAY,
    [series("odoo_database_up", { pod: "odoo-a" })]: (minute) => (minute < 20 ? undefined : minute < 22 ? 0 : 1),
    [series("loomworks_offsite_backups")]: (minute) => (minute < 61 ? undefined : 0),
    [series("loomworks_filestore_files")]: (minute) => (minute < 61 ? undefined : 20 * minute),
  };
}

/** Every pod is started anew, PostgreSQL's by a crash that takes its statistics. */
function restarts(): Figures {
  return {
    [series("pg_up")]: between(30, 30, undefined, 1),
    [series("pg_stat_archiver_failed_count", SERVER)]: from(30, 3, 0),
    [series("pg_stat_archiver_last_archive_age", SERVER)]: (minute) => (minute >= 30 && minute < 33 ? NaN : 45),
    [series("odoo_database_up", { pod: "odoo-a" })]: between(30, 31, 0, 1),
    [series("odoo_database_up", { pod: "odoo-b" })]: between(30, 31, 0, 1),
    [series("odoo_up", { pod: "odoo-a" })]: between(40, 43, undefined, 1),
    [waiting("postgres-0", "exporter", "CrashLoopBackOff")]: (minute) => (minute === 31 ? 1 : undefined),
    ...forEach("kube_deployment_status_replicas_available", "deployment", {
      odoo: between(40, 43, 1, 2),
      "odoo-cron": between(50, 53, 0, 1),
    }),
  };
}

/** One more pod while the new version gets ready, and a quota that has room for it. */
function rollout(): Figures {
  return {
    [series("kube_resourcequota", { resource: "requests.cpu", type: "used" })]: between(30, 40, 11, 8),
    [series("kube_horizontalpodautoscaler_status_current_replicas", { horizontalpodautoscaler: "odoo" })]: 3,
    [series("odoo_up", { pod: "odoo-c" })]: (minute) => (minute < 30 ? undefined : minute < 33 ? 0 : 1),
    [series("odoo_database_up", { pod: "odoo-c" })]: (minute) => (minute < 30 ? undefined : minute < 33 ? 0 : 1),
    [waiting("odoo-c", "odoo", "ContainerCreating")]: (minute) => (minute >= 28 && minute < 30 ? 1 : undefined),
    ...forEach("kube_deployment_status_replicas_available", "deployment", {
      odoo: between(33, 36, 3, 2),
      "odoo-cron": between(36, 41, 0, 1),
    }),
  };
}

/** A base backup by a slot of its own, verified, and then an old one goes. */
function night(): Figures {
  return {
    [series("pg_replication_slots_pg_wal_lsn_diff", { slot_name: "pg_basebackup_17", ...SERVER })]: (minute) =>
      minute >= 30 && minute < 60 ? 40e6 : undefined,
    [series("loomworks_backup_good")]: (minute) => (minute < 60 ? 31 : 30),
    ...forEach("kube_cronjob_status_last_successful_time", "cronjob", {
      "postgres-backup": from(60, -23 * HOUR, 60 * MINUTE),
    }),
  };
}

export const QUIET: Readonly<Record<string, Series>> = {
  "nothing at all": notation(HEALTHY),
  "four minutes without Prometheus": notation(
    unheard(HEALTHY, (minute) => minute >= 60 && minute < 64),
    "_",
  ),
  "a scrape that fails, of each target": notation(unheard(HEALTHY, onePartly)),
  "restarts of every pod": notation({ ...HEALTHY, ...restarts() }),
  "a rollout": notation({ ...HEALTHY, ...rollout() }),
  "the nightly backup": notation({ ...HEALTHY, ...night() }),
  "the first two hours of a new installation": notation(firstDay()),
  "a clock that is two minutes fast": notation(withClockOff(-2 * MINUTE)),
  "a clock that is two minutes slow": notation(withClockOff(2 * MINUTE)),
};
