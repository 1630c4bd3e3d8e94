/** What people are called for. Each alert has a section of its name in docs/runbook.md. */
import type { AlertRule } from "../shared/alerts";
import { longestGapSeconds } from "../shared/schedule";
import type { LoomworksSettings } from "../settings/loomworks";
import { BACKUP } from "./backup";
import { DRILL } from "./drill";
import { ODOO } from "./odoo-pod";
import { OFFSITE } from "./offsite";

/** Time a run may take, and start late by, before the next success counts as missed. */
const RUN_MARGIN_SECONDS = 7200;

/** Time beyond the gap of its schedule that a copy may take, and fail and be made again, before the bucket counts as behind. */
const LATE_COPY_SECONDS = 1800;

/** A failed run stays listed as failed while its Job exists; only one of the last day is news. */
const RECENT_SECONDS = 86_400;

export function alertRules(settings: LoomworksSettings): Record<string, readonly AlertRule[]> {
  const namespace = `namespace="${settings.namespace}"`;
  return {
    odoo: odooRules(namespace),
    postgres: postgresRules(namespace),
    backup: [
      damagedBackup(namespace),
      failedRun("PostgresBackupFailed", BACKUP, namespace, "A run of the nightly backup has failed"),
      missedRun(
        "PostgresBackupMissed",
        BACKUP,
        namespace,
        settings.backup.schedule,
        "There is no backup of the last period",
      ),
      failedRun("RestoreDrillFailed", DRILL, namespace, "The newest backup could not be restored, or not in time"),
      missedRun(
        "RestoreDrillMissed",
        DRILL,
        namespace,
        settings.drill.schedule,
        "No restore has been proven in the last period",
      ),
      ...(settings.backup.offsite.enabled ? offsiteRules(settings, namespace) : []),
      {
        name: "BackupMetricsMissing",
        severity: "warning",
        expression: `absent(node_textfile_scrape_error{${namespace}}) or node_textfile_scrape_error{${namespace}} > 0`,
        for: "15m",
        summary: "Nobody would hear of a damaged backup, or of a copy that is late",
      },
    ],
    namespace: namespaceRules(namespace),
  };
}

function odooRules(namespace: string): AlertRule[] {
  const hpa = `${namespace}, horizontalpodautoscaler="${ODOO.name}"`;
  return [
    {
      name: "OdooUnavailable",
      severity: "critical",
      expression: `kube_deployment_status_replicas_available{${namespace}, deployment="${ODOO.name}"} < 1`,
      for: "1m",
      summary: "No replica of Odoo is ready: nobody can work",
    },
    {
      name: "OdooRolloutStuck",
      severity: "critical",
      expression: `kube_deployment_status_condition{${namespace}, deployment=~"${ODOO.name}|${ODOO.cronName}", condition="Progressing", status="false"} == 1`,
      for: "1m",
      summary: "A new version of {{ $labels.deployment }} does not get ready; the old one goes on serving",
    },
    {
      name: "OdooAtMaximum",
      severity: "warning",
      expression: `kube_horizontalpodautoscaler_status_current_replicas{${hpa}} >= kube_horizontalpodautoscaler_spec_max_replicas{${hpa}}`,
      for: "5m",
      summary: "Odoo has as many replicas as it may have, and may need more",
    },
    {
      name: "OdooDatabaseUnreachable",
      severity: "critical",
      expression: `max(odoo_database_up{${namespace}}) == 0`,
      for: "2m",
      summary: "No replica of Odoo reaches PostgreSQL",
    },
  ];
}

function postgresRules(namespace: string): AlertRule[] {
  return [
    {
      name: "PostgresDown",
      severity: "critical",
      expression: `max(pg_up{${namespace}}) == 0 or absent(pg_up{${namespace}})`,
      for: "2m",
      summary: "PostgreSQL does not answer its exporter",
    },
    {
      name: "PostgresArchiveFailing",
      severity: "critical",
      expression: `increase(pg_stat_archiver_failed_count{${namespace}}[10m]) > 0 or pg_stat_archiver_last_archive_age{${namespace}} > 900`,
      for: "5m",
      summary: "WAL is not archived: a lost disk would cost what was written since",
    },
    {
      name: "PostgresConnectionsNearlyUsed",
      severity: "warning",
      expression: `sum(pg_stat_activity_count{${namespace}}) > 0.8 * max(pg_settings_max_connections{${namespace}})`,
      for: "5m",
      summary: "More than 80 % of PostgreSQL's connections are taken",
    },
  ];
}

function namespaceRules(namespace: string): AlertRule[] {
  return [
    {
      name: "VolumeNearlyFull",
      severity: "critical",
      expression: `kubelet_volume_stats_available_bytes{${namespace}} < 0.15 * kubelet_volume_stats_capacity_bytes{${namespace}}`,
      for: "5m",
      summary: "Less than 15 % is left on the volume {{ $labels.persistentvolumeclaim }}",
    },
    {
      name: "QuotaNearlyUsed",
      severity: "warning",
      expression: `kube_resourcequota{${namespace}, type="used"} / ignoring(type) kube_resourcequota{${namespace}, type="hard"} > 0.9`,
      for: "15m",
      summary: "More than 90 % of the namespace's {{ $labels.resource }} is taken",
    },
    {
      name: "CertificateExpiresSoon",
      severity: "critical",
      expression: `certmanager_certificate_expiration_timestamp_seconds{${namespace}} - time() < 14 * 86400`,
      for: "1h",
      summary: "The certificate {{ $labels.name }} ends within two weeks, and was not renewed",
    },
  ];
}

/** What `scripts/verify-backups.sh` found. */
function damagedBackup(namespace: string): AlertRule {
  return {
    name: "PostgresBackupDamaged",
    severity: "critical",
    expression: `loomworks_backup_corrupt{${namespace}} > 0 or loomworks_wal_archive_damaged_segments{${namespace}} > 0`,
    for: "0m",
    summary: "A backup or WAL that was good once is damaged: some points in time can't be restored",
  };
}

/** Where there is no bucket, no copy ever says when it succeeded, and the runs succeed. */
function offsiteRules({ backup }: LoomworksSettings, namespace: string): AlertRule[] {
  const { schedule } = backup.offsite;
  const limit = longestGapSeconds(schedule) + LATE_COPY_SECONDS;
  return [
    {
      name: "OffsiteCopyLate",
      severity: "critical",
      expression: `time() - loomworks_offsite_last_success_timestamp_seconds{${namespace}} > ${limit}`,
      for: "5m",
      summary: "WAL and backups don't get to the bucket: the loss of the volumes would cost what came since",
    },
    missedRun("OffsiteCopyMissed", OFFSITE, namespace, schedule, "No copy to the bucket has succeeded"),
  ];
}

function failedRun(name: string, cronJob: string, namespace: string, summary: string): AlertRule {
  const jobs = `${namespace}, job_name=~"${cronJob}-.+"`;
  const recent = `time() - kube_job_created{${jobs}} < ${RECENT_SECONDS}`;
  return {
    name,
    severity: "critical",
    expression: `kube_job_failed{${jobs}, condition="true"} == 1 and on (namespace, job_name) (${recent})`,
    for: "0m",
    summary,
  };
}

function missedRun(name: string, cronJob: string, namespace: string, schedule: string, summary: string): AlertRule {
  const selector = `{${namespace}, cronjob="${cronJob}"}`;
  const limit = longestGapSeconds(schedule) + RUN_MARGIN_SECONDS;
  const succeeded = `kube_cronjob_status_last_successful_time${selector}`;
  return {
    name,
    severity: "critical",
    // One that never succeeded has no time of its last success: its own age counts then.
    expression: `time() - (${succeeded} or on (namespace, cronjob) kube_cronjob_created${selector}) > ${limit}`,
    for: "5m",
    summary,
  };
}
