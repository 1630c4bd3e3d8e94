/** What each alert calls for, and the nearest thing that it doesn't call for. */
import {
  every,
  DAY,
  Figures,
  from,
  GIB,
  HOUR,
  MINUTE,
  progress,
  series,
  waiting,
} from "../../../support/loomworks-figures";
import {
  age,
  available,
  Call,
  certificate,
  connections,
  copied,
  critical,
  failed,
  failures,
  gone,
  hpa,
  lastSuccess,
  odoo,
  quota,
  slot,
  volume,
  warning,
} from "./changes";

export interface AlertCase extends Call {
  readonly rests: Figures;
}

export const CASES: Readonly<Record<string, AlertCase>> = {
  OdooUnavailable: {
    fires: available("odoo", from(30, 2, 0)),
    labels: { ...critical, deployment: "odoo" },
    rests: available("odoo", from(30, 2, 1)),
  },
  OdooCronUnavailable: {
    fires: available("odoo-cron", from(30, 1, 0)),
    labels: { ...critical, deployment: "odoo-cron" },
    // Its pod is replaced one by one: the old one has to end first.
    rests: available("odoo-cron", (minute) => (minute < 30 || minute > 43 ? 1 : 0)),
  },
  OdooRolloutStuck: {
    fires: { [progress("odoo-cron")]: from(30, 0, 1) },
    labels: { ...critical, deployment: "odoo-cron" },
    rests: { [progress("postgres-backup-exporter")]: from(30, 0, 1) },
  },
  OdooMigrationFailed: {
    fires: failed("odoo-migrate-1a2860f9", 25 * MINUTE, 30),
    labels: { ...critical, job_name: "odoo-migrate-1a2860f9" },
    rests: { ...failed("odoo-migrate-1a2860f9", 25 * MINUTE, 1000), ...failed("odoo-copy-1", 25 * MINUTE, 30) },
  },
  OdooAtMaximum: {
    fires: hpa(from(30, 2, 10)),
    labels: warning,
    rests: hpa((minute) => (minute < 30 ? 2 : minute < 35 ? 10 : 9)),
  },
  OdooDatabaseUnreachable: {
    fires: odoo(1, from(30, 1, 0)),
    labels: critical,
    // One replica of two; then both start, and aren't up themselves.
    rests: {
      ...odoo(from(60, 1, 0), from(60, 1, 0)),
      [series("odoo_database_up", { pod: "odoo-a" })]: from(30, 1, 0),
    },
  },
  OdooCopySweepMissed: {
    fires: lastSuccess("odoo-copy-sweep", -2 * HOUR),
    labels: { ...warning, cronjob: "odoo-copy-sweep" },
    rests: lastSuccess("odoo-copy-sweep", -HOUR),
  },
  PostgresDown: {
    fires: { [series("pg_up")]: from(30, 1, 0) },
    labels: critical,
    rests: { [series("pg_up")]: (minute) => (minute === 30 || minute === 31 ? 0 : 1) },
  },
  PostgresArchiveFailing: {
    // Three attempts a minute, as PostgreSQL makes them.
    fires: failures((minute) => 3 + 3 * Math.max(0, minute - 30)),
    labels: critical,
    // One that the next attempt made good; and a segment that takes a quarter of an hour.
    rests: { ...failures(from(30, 3, 4)), ...age(from(60, 45, 900)) },
  },
  PostgresWalGrowing: {
    fires: { [series("pg_wal_size_bytes")]: from(30, GIB, 4.1 * GIB) },
    labels: warning,
    rests: { [series("pg_wal_size_bytes")]: from(30, GIB, 4 * GIB) },
  },
  PostgresReplicationSlotLagging: {
    fires: slot(from(30, 0, 1.1 * GIB)),
    labels: { ...warning, slot_name: "forgotten" },
    rests: slot(from(30, 0, GIB)),
  },
  PostgresConnectionsNearlyUsed: {
    fires: connections(from(30, 60, 301)),
    labels: warning,
    rests: connections(from(30, 60, 300)),
  },
  PostgresBackupDamaged: {
    fires: { [series("loomworks_backup_corrupt")]: from(30, 0, 1) },
    labels: critical,
    rests: { [series("loomworks_backup_corrupt")]: 0 },
  },
  PostgresBackupsLost: {
    fires: { [series("loomworks_offsite_backups")]: from(30, 30, 0) },
    labels: critical,
    // As far as retention may go: the newest of `keepCount`.
    rests: { [series("loomworks_backup_good")]: from(30, 30, 7) },
  },
  PostgresBackupFailed: {
    fires: failed("postgres-backup-2962", -30 * MINUTE, 30),
    labels: { ...critical, job_name: "postgres-backup-2962" },
    // A later one succeeded; another's, and one that is still tried.
    rests: {
      ...failed("postgres-backup-2960", -DAY),
      ...failed("nightly-2962", -30 * MINUTE),
      [series("kube_job_failed", { job_name: "postgres-backup-2962", condition: "false" })]: 1,
      [series("kube_job_created", { job_name: "postgres-backup-2962" })]: -30 * MINUTE,
    },
  },
  PostgresBackupMissed: {
    fires: lastSuccess("postgres-backup", -25 * HOUR),
    labels: { ...critical, cronjob: "postgres-backup" },
    rests: lastSuccess("postgres-backup", -24 * HOUR),
  },
  RestoreDrillFailed: {
    fires: failed("postgres-drill-77", -30 * MINUTE, 30),
    labels: { ...critical, job_name: "postgres-drill-77" },
    rests: failed("postgres-drill-76", -4 * DAY),
  },
  RestoreDrillMissed: {
    fires: lastSuccess("postgres-drill", -7 * DAY - HOUR),
    labels: { ...critical, cronjob: "postgres-drill" },
    rests: lastSuccess("postgres-drill", -7 * DAY),
  },
  RestoreDrillSlow: {
    fires: { [series("loomworks_drill_rto_seconds")]: from(30, 900, 2881) },
    labels: warning,
    rests: { [series("loomworks_drill_rto_seconds")]: from(30, 900, 2880) },
  },
  OffsiteCopyLate: {
    fires: copied("wal", 0),
    labels: { ...critical, part: "wal" },
    // Half an hour of trouble: the sixth run after it succeeds.
    rests: copied("wal", (minute) => (minute >= 30 && minute < 65 ? 25 * MINUTE : every(5)(minute))),
  },
  OffsiteCopyMissed: {
    fires: lastSuccess("postgres-offsite-wal", -HOUR),
    labels: { ...critical, cronjob: "postgres-offsite-wal" },
    rests: lastSuccess("postgres-offsite-wal", 0),
  },
  FilestoreDamaged: {
    fires: { [series("loomworks_filestore_damaged_files")]: from(30, 0, 1) },
    labels: critical,
    rests: { [series("loomworks_filestore_damaged_files")]: 0 },
  },
  FilestoreShrunk: {
    fires: { [series("loomworks_filestore_files")]: from(30, 50_000, 44_999) },
    labels: warning,
    rests: { [series("loomworks_filestore_files")]: from(30, 50_000, 45_000) },
  },
  BackupMetricsMissing: {
    fires: { [series("node_textfile_scrape_error")]: from(30, 0, 1) },
    labels: warning,
    rests: { [series("node_textfile_scrape_error")]: (minute) => (minute >= 30 && minute <= 44 ? 1 : 0) },
  },
  VolumeNearlyFull: {
    fires: volume("available", "postgres-data", from(30, 100 * GIB, 29 * GIB)),
    labels: { ...critical, persistentvolumeclaim: "postgres-data" },
    rests: volume("available", "postgres-data", from(30, 100 * GIB, 30 * GIB)),
  },
  VolumeBeyondPlan: {
    fires: volume("used", "postgres-backups", from(30, 400 * GIB, 1025 * GIB)),
    labels: { ...warning, persistentvolumeclaim: "postgres-backups" },
    rests: volume("used", "postgres-backups", from(30, 400 * GIB, 1024 * GIB)),
  },
  QuotaNearlyUsed: {
    fires: quota(from(30, 8, 10.9)),
    labels: { ...warning, resource: "requests.cpu" },
    rests: quota(from(30, 8, 10.8)),
  },
  CertificateExpiresSoon: {
    fires: certificate(14 * DAY),
    labels: { ...critical, name: "odoo-wildcard-tls" },
    rests: certificate(14 * DAY + 2 * HOUR),
  },
  PodFailing: {
    // It runs for two minutes of each six, as the wait between two crashes grows.
    fires: {
      [waiting("odoo-a", "odoo", "CrashLoopBackOff")]: (minute) => (minute > 30 && minute % 6 > 1 ? 1 : undefined),
    },
    labels: { ...critical, pod: "odoo-a", container: "odoo" },
    // A slow image, and one crash or two.
    rests: {
      [waiting("odoo-a", "odoo", "ContainerCreating")]: 1,
      [waiting("odoo-b", "odoo", "CrashLoopBackOff")]: (minute) => (minute > 30 && minute < 35 ? 1 : undefined),
    },
  },
  WorkloadMissing: {
    fires: gone("kube_statefulset_created", "statefulset", "postgres"),
    labels: { ...critical, workload: "StatefulSet postgres" },
    rests: gone("kube_deployment_created", "deployment", "another"),
  },
};
