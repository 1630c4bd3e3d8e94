import { Construct } from "constructs";
import { LOOMWORKS_SECRETS } from "../contract";
import { secretVariable } from "../shared/containers";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { POSTGRES } from "./postgres";
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
        { name: "PGHOST", value: `${POSTGRES.name}-0.${POSTGRES.name}` },
        { name: "PGPORT", value: String(POSTGRES.port) },
        secretVariable("PGUSER", LOOMWORKS_SECRETS.backup.name, "username"),
        secretVariable("PGPASSWORD", LOOMWORKS_SECRETS.backup.name, "password"),
        { name: "KEEP_COUNT", value: String(settings.keepCount) },
        { name: "KEEP_DAYS", value: String(settings.keepDays) },
      ],
      mounts: [
        { name: "backups", mountPath: "/backups" },
        { name: "wal-archive", mountPath: "/wal-archive" },
        METRICS_MOUNT,
      ],
      volumes: [claimed("backups", CLAIMS.backups), claimed("wal-archive", CLAIMS.wal)],
    });
  }
}
