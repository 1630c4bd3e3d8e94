import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { LOOMWORKS_OFFSITE } from "../contract";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import type { PostgresConfig } from "./postgres-config";
import { ScheduledJob } from "./scheduled-job";
import { claimed, METRICS_MOUNT } from "./volumes";

/** Of the job and of its ServiceAccount, which EKS Pod Identity gives the role that may write to the bucket. */
export const OFFSITE = LOOMWORKS_OFFSITE.serviceAccount;

/** The first copy may be of everything there is; one that is cut off goes on where it was. */
const DEADLINE_SECONDS = 6 * 3600;

export interface OffsiteProps {
  readonly settings: LoomworksSettings["backup"]["offsite"];
  readonly config: PostgresConfig;
}

/**
 * Copies WAL and good backups to the stack's bucket (`scripts/copy-offsite.sh`). It only adds: what the cluster's volumes lose,
 * the bucket keeps. No credentials stand here: rclone asks Pod Identity. Where the stack made no bucket, runs do nothing.
 */
export class Offsite extends Construct {
  constructor(scope: Construct, id: string, { settings, config }: OffsiteProps) {
    super(scope, id);
    new ScheduledJob(this, "Job", {
      name: OFFSITE,
      image: IMAGES.rclone,
      schedule: settings.schedule,
      script: "copy-offsite.sh",
      config,
      resources: HELPERS.offsite,
      deadlineSeconds: DEADLINE_SECONDS,
      env: offsiteEnvironment(),
      mounts: [
        { name: "backups", mountPath: "/backups", readOnly: true },
        { name: "wal-archive", mountPath: "/wal-archive", readOnly: true },
        METRICS_MOUNT,
      ],
      volumes: [claimed("backups", CLAIMS.backups), claimed("wal-archive", CLAIMS.wal, true)],
    });
  }
}

/** How rclone finds the bucket, for whoever copies to it or fetches from it (`scripts/fetch-offsite.sh`). */
export function offsiteEnvironment(): k8s.EnvVar[] {
  const { name, keys } = LOOMWORKS_OFFSITE;
  const known = (variable: string, key: string): k8s.EnvVar => ({
    name: variable,
    valueFrom: { configMapKeyRef: { name, key, optional: true } },
  });
  return [
    known("BUCKET", keys.bucket),
    known("PREFIX", keys.prefix),
    known("RCLONE_S3_REGION", keys.region),
    // rclone has to know of the key: it would take the checksum of what S3 encrypted for damage.
    { name: "RCLONE_S3_SERVER_SIDE_ENCRYPTION", value: "aws:kms" },
    known("RCLONE_S3_SSE_KMS_KEY_ID", keys.keyArn),
    { name: "RCLONE_S3_PROVIDER", value: "AWS" },
    { name: "RCLONE_S3_ENV_AUTH", value: "true" },
    // Empty: there is no file.
    { name: "RCLONE_CONFIG", value: "" },
  ];
}
