/** Further reasons for which the same alerts call. */
import { forEach, from, HOUR, MINUTE, series } from "../../../support/loomworks-figures";
import { ABSENT, age, Call, certificate, copied, critical, failed, gone, lastSuccess, warning } from "./changes";

export const MORE: readonly (readonly [string, Call])[] = [
  ["PostgresDown", { fires: { [series("pg_up")]: from(30, 1, undefined) }, labels: critical }],
  ["PostgresArchiveFailing", { fires: age((minute) => Math.max(45, (minute - 30) * MINUTE)), labels: critical }],
  ["PostgresArchiveFailing", { fires: age(from(30, 45, 901)), labels: critical }],
  ["PostgresArchiveFailing", { fires: age(NaN), labels: critical }],
  ["PostgresArchiveFailing", { fires: age(ABSENT), labels: critical }],
  [
    "PostgresBackupDamaged",
    { fires: { [series("loomworks_wal_archive_damaged_segments")]: from(30, 0, 2) }, labels: critical },
  ],
  ["PostgresBackupsLost", { fires: { [series("loomworks_backup_good")]: from(30, 4, 3) }, labels: critical }],
  [
    "PostgresBackupFailed",
    {
      fires: { ...failed("postgres-backup-1", -HOUR), ...lastSuccess("postgres-backup", ABSENT) },
      labels: { ...critical, job_name: "postgres-backup-1" },
      others: ["PostgresBackupMissed"],
    },
  ],
  [
    "RestoreDrillFailed",
    // Its Job is gone; no later one has passed.
    { fires: { [series("loomworks_drill_success")]: 0 }, labels: critical },
  ],
  // The hour between two copies, the six that one may take, and five minutes.
  ["OffsiteCopyLate", { fires: copied("backups", -5 * HOUR - 10 * MINUTE), labels: { ...critical, part: "backups" } }],
  ["OffsiteCopyLate", { fires: copied("filestore", HOUR), labels: { ...critical, part: "filestore" } }],
  ...(["postgres-offsite-backups", "odoo-offsite-filestore"] as const).map(
    (cronjob) =>
      ["OffsiteCopyMissed", { fires: lastSuccess(cronjob, -3 * HOUR), labels: { ...critical, cronjob } }] as const,
  ),
  [
    "PostgresBackupMissed",
    {
      fires: {
        ...lastSuccess("postgres-backup", ABSENT),
        ...forEach("kube_cronjob_created", "cronjob", { "postgres-backup": -25 * HOUR }),
      },
      labels: { ...critical, cronjob: "postgres-backup" },
    },
  ],
  ["BackupMetricsMissing", { fires: { [series("node_textfile_scrape_error")]: ABSENT }, labels: warning }],
  ["BackupMetricsMissing", { fires: { [series("loomworks_backup_good")]: ABSENT }, labels: warning }],
  // Never issued.
  ["CertificateExpiresSoon", { fires: certificate(0), labels: critical }],
  [
    "PodFailing",
    {
      fires: {
        [series("kube_pod_init_container_status_waiting_reason", {
          pod: "odoo-a",
          container: "render",
          reason: "CreateContainerConfigError",
        })]: 1,
      },
      labels: { ...critical, container: "render" },
    },
  ],
  ...(["odoo", "odoo-cron", "postgres-backup-exporter"] as const).map(
    (name) =>
      [
        "WorkloadMissing",
        {
          fires: gone("kube_deployment_created", "deployment", name),
          labels: { ...critical, workload: `Deployment ${name}` },
        },
      ] as const,
  ),
  ...(
    [
      "postgres-backup",
      "postgres-drill",
      "postgres-offsite-wal",
      "postgres-offsite-backups",
      "odoo-offsite-filestore",
    ] as const
  ).map(
    (name) =>
      [
        "WorkloadMissing",
        { fires: gone("kube_cronjob_created", "cronjob", name), labels: { ...critical, workload: `CronJob ${name}` } },
      ] as const,
  ),
];
