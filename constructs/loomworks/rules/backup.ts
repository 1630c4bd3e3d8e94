/** What people are called for of backups and of their drill. */
import type { AlertRule } from "../../shared/alerts";
import type { LoomworksSettings } from "../../settings/loomworks";
import { BACKUP } from "../backup";
import { DRILL } from "../drill";
import { offsiteRules } from "./offsite";
import { failedRun, missedRun } from "./runs";

/** Share of the longest good restore from which on somebody should do something before it becomes a failure. */
const SLOW_SHARE = 0.8;

export function backupRules(settings: LoomworksSettings, namespace: string): AlertRule[] {
  const { backup } = settings;
  const failed = "A run of the nightly backup has failed";
  const missed = "There is no backup of the last period";
  return [
    damagedBackup(namespace),
    lostBackups(settings, namespace),
    failedRun({ name: "PostgresBackupFailed", cronJob: BACKUP, namespace, summary: failed }),
    missedRun({ name: "PostgresBackupMissed", cronJob: BACKUP, namespace, summary: missed }, backup.schedule),
    ...drillRules(settings, namespace),
    ...(backup.offsite.enabled ? offsiteRules(settings, namespace) : []),
    metricsMissing(namespace),
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

/**
 * Retention never takes the newest `keepCount`: of as many as there were, up to that number, none ever goes by itself. Runs of
 * the copy count each time, those of the backup each night.
 */
function lostBackups({ backup: { keepCount, offsite } }: LoomworksSettings, namespace: string): AlertRule {
  const counts = ["loomworks_backup_good", ...(offsite.enabled ? ["loomworks_offsite_backups"] : [])];
  const fell = (metric: string) => {
    const count = `max by (namespace) (${metric}{${namespace}})`;
    return `${count} < clamp_max(max by (namespace) (max_over_time(${metric}{${namespace}}[7d])), ${keepCount})`;
  };
  return {
    name: "PostgresBackupsLost",
    severity: "critical",
    expression: counts.map(fell).join(" or "),
    for: "0m",
    summary: "There are fewer backups than retention keeps: somebody, or something, took them away",
  };
}

function drillRules({ drill }: LoomworksSettings, namespace: string): AlertRule[] {
  const failed = "The newest backup could not be restored, or not in time";
  const missed = "No restore has been proven in the last period";
  const run = failedRun({ name: "RestoreDrillFailed", cronJob: DRILL, namespace, summary: failed });
  const limit = SLOW_SHARE * drill.maxRestoreMinutes * 60;
  return [
    // What the last drill said of itself stays when its Job has gone; what was killed said nothing.
    { ...run, expression: `${run.expression} or on (namespace) loomworks_drill_success{${namespace}} == 0` },
    missedRun({ name: "RestoreDrillMissed", cronJob: DRILL, namespace, summary: missed }, drill.schedule),
    {
      name: "RestoreDrillSlow",
      severity: "warning",
      expression: `loomworks_drill_rto_seconds{${namespace}} > ${limit}`,
      for: "0m",
      summary: "The last restore took more than 80 % of the time that it may take",
    },
  ];
}

/** The last part: a run succeeded, and what it should have written of itself isn't there. */
function metricsMissing(namespace: string): AlertRule {
  const errors = `node_textfile_scrape_error{${namespace}}`;
  const succeeded = `kube_cronjob_status_last_successful_time{${namespace}, cronjob="${BACKUP}"}`;
  const told = `loomworks_backup_good{${namespace}}`;
  return {
    name: "BackupMetricsMissing",
    severity: "warning",
    expression: `absent(${errors}) or ${errors} > 0 or ${succeeded} unless on (namespace) ${told}`,
    for: "15m",
    summary: "Nobody would hear of a damaged backup, or of a copy that is late",
  };
}
