import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "../shared/labels";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import type { PostgresConfig } from "./postgres-config";
import { ScheduledJob } from "./scheduled-job";
import { claimed, METRICS_MOUNT } from "./volumes";

export const DRILL = "postgres-drill";

/** Time for unpacking and checking on top of the restore itself, so that the script, not the deadline, says what was slow. */
const MARGIN_SECONDS = 3600;

/**
 * What may be lost beyond the archive's time-out: the canary row is written each 15 s (`scripts/keep-roles.sh`), and a segment has
 * to reach the archive.
 */
const LAG_SECONDS = 75;

export interface DrillProps {
  readonly settings: LoomworksSettings;
  readonly config: PostgresConfig;
}

/**
 * Restores the newest backup each week for proof, into a volume of its own that goes with the run (`scripts/drill.sh`).
 * It reads backups and WAL archive, and reaches nothing over the network.
 */
export class Drill extends Construct {
  constructor(scope: Construct, id: string, { settings, config }: DrillProps) {
    super(scope, id);
    const { drill, postgres, storageClass } = settings;
    new ScheduledJob(this, "Job", {
      name: DRILL,
      schedule: drill.schedule,
      script: "drill.sh",
      config,
      resources: HELPERS.drill,
      deadlineSeconds: drill.maxRestoreMinutes * 60 + MARGIN_SECONDS,
      env: [
        { name: "MAX_RESTORE_MINUTES", value: String(drill.maxRestoreMinutes) },
        { name: "MAX_LOSS_SECONDS", value: String(postgres.archiveTimeoutSeconds + LAG_SECONDS) },
      ],
      mounts: [
        { name: "backups", mountPath: "/backups", readOnly: true },
        { name: "wal-archive", mountPath: "/wal-archive", readOnly: true },
        { name: "scratch", mountPath: "/scratch" },
        METRICS_MOUNT,
      ],
      volumes: [
        // Backups are mounted for reading alone; what the drill says of itself lies on the same volume.
        claimed("backups", CLAIMS.backups),
        claimed("wal-archive", CLAIMS.wal, true),
        throwAway("scratch", storageClass, drill.scratchVolume),
      ],
    });
  }
}

/** A volume that is made for the pod and deleted with it. */
function throwAway(name: string, storageClassName: string, size: string): k8s.Volume {
  return {
    name,
    ephemeral: {
      volumeClaimTemplate: {
        metadata: { labels: objectLabels(DRILL) },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName,
          resources: { requests: { storage: k8s.Quantity.fromString(size) } },
        },
      },
    },
  };
}
