import { Construct } from "constructs";
import { LOOMWORKS_SECRETS } from "../contract";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { AUTHORITY_MOUNT, authorityVolume, connectionAs } from "./database-connection";
import type { PostgresConfig } from "./postgres-config";
import { ScheduledJob } from "./scheduled-job";
import { claimed, METRICS_MOUNT } from "./volumes";

export const BACKUP = "postgres-backup";

/** A base backup that takes longer than this would run into the next day's work. */
const DEADLINE_SECONDS = 6 * 3600;

export interface BackupProps {
  readonly settings: LoomworksSettings["backup"];
  readonly config: PostgresConfig;
}

/**
 * Takes a base backup each night, verifies it and looks for damage in the others, and lets old ones go only once it is good
 * (`scripts/backup.sh`).
 */
export class Backup extends Construct {
  constructor(scope: Construct, id: string, { settings, config }: BackupProps) {
    super(scope, id);
    new ScheduledJob(this, "Job", {
      name: BACKUP,
      schedule: settings.schedule,
      script: "backup.sh",
      config,
      resources: HELPERS.backup,
      deadlineSeconds: DEADLINE_SECONDS,
      env: [
        ...connectionAs(LOOMWORKS_SECRETS.backup),
        { name: "KEEP_COUNT", value: String(settings.keepCount) },
        { name: "KEEP_DAYS", value: String(settings.keepDays) },
      ],
      mounts: [
        { name: "backups", mountPath: "/backups" },
        { name: "wal-archive", mountPath: "/wal-archive" },
        METRICS_MOUNT,
        AUTHORITY_MOUNT,
      ],
      volumes: [claimed("backups", CLAIMS.backups), claimed("wal-archive", CLAIMS.wal), authorityVolume()],
    });
  }
}
