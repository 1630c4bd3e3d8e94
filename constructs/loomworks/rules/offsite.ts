/** What people are called for of the copies in the bucket, and of the attachments that are read for them. */
import type { AlertRule } from "../../shared/alerts";
import { longestGapSeconds } from "../../shared/schedule";
import type { LoomworksSettings } from "../../settings/loomworks";
import { OFFSITE, OFFSITE_DEADLINE_SECONDS, OFFSITE_PARTS, offsiteSchedules } from "../offsite";
import { noSuccess } from "./runs";

/** Time beyond the gap of its schedule that a copy may take, and fail and be made again, before the bucket counts as behind. */
const LATE_COPY_SECONDS = 1800;

/** Odoo clears attachments away that nobody refers to, a few at a time. */
const KEPT_SHARE = 0.9;

/** Where there is no bucket, no copy ever says when it succeeded, and the runs succeed. */
export function offsiteRules({ backup }: LoomworksSettings, namespace: string): AlertRule[] {
  const schedules = offsiteSchedules(backup.offsite);
  const late = OFFSITE_PARTS.map((part) => {
    // A backup is one large file, and until it is there the bucket restores from the one before.
    const patience = part === "backups" ? OFFSITE_DEADLINE_SECONDS : LATE_COPY_SECONDS;
    const copied = `loomworks_offsite_last_success_timestamp_seconds{${namespace}, part="${part}"}`;
    return `time() - ${copied} > ${longestGapSeconds(schedules[part]) + patience}`;
  });
  const files = `max by (namespace) (loomworks_filestore_files{${namespace}})`;
  const missed = OFFSITE_PARTS.map((part) => noSuccess(OFFSITE[part], namespace, schedules[part]));
  return [
    {
      name: "OffsiteCopyLate",
      severity: "critical",
      expression: late.join(" or "),
      for: "5m",
      summary: "The {{ $labels.part }} doesn't get to the bucket: the loss of the volumes would cost what came since",
    },
    {
      name: "OffsiteCopyMissed",
      severity: "critical",
      expression: missed.join(" or "),
      for: "5m",
      summary: "No run of {{ $labels.cronjob }} has succeeded",
    },
    {
      name: "FilestoreDamaged",
      severity: "critical",
      expression: `loomworks_filestore_damaged_files{${namespace}} > 0`,
      for: "0m",
      summary: "Attachments aren't what they were: the bucket has them whole, for as long as it keeps objects",
    },
    {
      name: "FilestoreShrunk",
      severity: "warning",
      expression: `${files} < ${KEPT_SHARE} * max by (namespace) (max_over_time(loomworks_filestore_files{${namespace}}[7d]))`,
      for: "0m",
      summary: "A tenth of the attachments has gone within a week: was that a tenant's end?",
    },
  ];
}
