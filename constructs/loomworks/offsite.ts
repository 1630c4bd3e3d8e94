import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { LOOMWORKS_OFFSITE } from "../contract";
import { objectLabels } from "../shared/labels";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import type { PostgresConfig } from "./postgres-config";
import { ScheduledJob } from "./scheduled-job";
import { claimed, METRICS_MOUNT } from "./volumes";

/** The jobs, one a part: WAL, which is what would be lost, waits for no backup and no attachments on its way. */
export const OFFSITE = {
  wal: "postgres-offsite-wal",
  backups: "postgres-offsite-backups",
  filestore: "odoo-offsite-filestore",
} as const;

export type OffsitePart = keyof typeof OFFSITE;

export const OFFSITE_PARTS = Object.keys(OFFSITE) as OffsitePart[];

/** The first copy may be of everything there is; one that is cut off goes on where it was. */
export const OFFSITE_DEADLINE_SECONDS = 6 * 3600;

export interface OffsiteProps {
  readonly settings: LoomworksSettings["backup"]["offsite"];
  readonly config: PostgresConfig;
}

/**
 * Copies WAL, good backups and Odoo's attachments to the stack's bucket (`scripts/copy-offsite.sh`). It only adds: what the cluster's
 * volumes lose, the bucket keeps. No credentials stand here: rclone asks Pod Identity, which gives all three the role of one
 * ServiceAccount. Where the stack made no bucket, runs do nothing.
 */
export class Offsite extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: OffsiteProps,
  ) {
    super(scope, id);
    const metadata = { name: LOOMWORKS_OFFSITE.serviceAccount, labels: objectLabels("postgres-offsite") };
    new k8s.KubeServiceAccount(this, "ServiceAccount", { metadata, automountServiceAccountToken: false });
    this.createJob("wal", CLAIMS.wal, "/wal-archive");
    this.createJob("backups", CLAIMS.backups, "/backups");
    this.createJob("filestore", CLAIMS.filestore, "/filestore");
  }

  private createJob(part: OffsitePart, claim: string, mountPath: string): void {
    new ScheduledJob(this, part, {
      name: OFFSITE[part],
      serviceAccount: LOOMWORKS_OFFSITE.serviceAccount,
      image: IMAGES.rclone,
      schedule: offsiteSchedules(this.props.settings)[part],
      script: "copy-offsite.sh",
      args: [part],
      config: this.props.config,
      resources: HELPERS.offsite,
      deadlineSeconds: OFFSITE_DEADLINE_SECONDS,
      env: offsiteEnvironment(),
      mounts: [{ name: part, mountPath, readOnly: true }, METRICS_MOUNT],
      volumes:
        part === "backups"
          ? [claimed(part, claim)]
          : [claimed(part, claim, true), claimed(METRICS_MOUNT.name, CLAIMS.backups)],
    });
  }
}

/** When each part is copied: cron lines, UTC. */
export function offsiteSchedules(settings: OffsiteProps["settings"]): Record<OffsitePart, string> {
  const { schedule, backupsSchedule, filestoreSchedule } = settings;
  return { wal: schedule, backups: backupsSchedule, filestore: filestoreSchedule };
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
    known("BUCKET_DAYS", keys.days),
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
