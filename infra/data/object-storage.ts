import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../cluster/policy";
import { Component } from "../component";
import { EncryptionKey } from "../encryption-key";
import { LockMode, PrivateBucket } from "./private-bucket";

export interface ObjectStorageArgs {
  /** Days for which backups are kept. */
  readonly backupDays: number;
  /** Days for which nobody can delete a backup, whatever credentials got lost. 0: they can. */
  readonly backupLockDays: number;
  /** Whether those who may lift governance still can ("governance"), or nobody at all, AWS' root user included ("compliance"). */
  readonly backupLockMode: LockMode;
  /** Days for which logs and traces are kept. */
  readonly logDays: number;
  readonly traceDays: number;
  /** Whether Pulumi refuses to delete backups. */
  readonly protect: boolean;
}

/** Days that Loki and Tempo have to end what is over by themselves; the bucket takes what they forgot. */
const GRACE_DAYS = 7;

/** Days for which a deleted backup can be had back. */
const KEEP_DELETED_DAYS = 30;

/** Objects of Glacier's class cost for 90 days at least: it pays for backups that stay for longer. */
const COLD = { afterDays: 30, fromDays: 120 } as const;

/** The stack's buckets: backups, logs, traces. */
export class ObjectStorage extends Component {
  readonly backups: PrivateBucket;
  readonly logs: PrivateBucket;
  readonly traces: PrivateBucket;
  /** Days for which it keeps backups. */
  readonly backupDays: number;
  /** Of the key that encrypts what is in them. */
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: ObjectStorageArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:ObjectStorage", name, opts);
    const { protect } = args;
    const description = "Backups, logs and traces";
    const key = new EncryptionKey(this.nameOf("key"), { description, protect }, this.childOptions());
    this.keyArn = key.arn;
    this.backupDays = args.backupDays;
    this.backups = this.createBackups(args, key.arn);
    this.logs = this.createTelemetry("logs", args.logDays, key.arn);
    this.traces = this.createTelemetry("traces", args.traceDays, key.arn);
    this.registerOutputs({
      backups: this.backups.bucket,
      logs: this.logs.bucket,
      traces: this.traces.bucket,
    });
  }

  /** What whoever keeps its data in `bucket` may do, by the lists that Loki's and Tempo's documents give for S3. */
  statementsFor(bucket: PrivateBucket): Statement[] {
    return [
      { Sid: "AllowListing", Action: ["s3:ListBucket"], Resource: bucket.arn },
      {
        Sid: "AllowObjects",
        Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
        Resource: pulumi.interpolate`${bucket.arn}/*`,
      },
      { Sid: "AllowEncryption", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: this.keyArn },
    ];
  }

  /**
   * What whoever copies backups below `prefix` may do: add and read, older versions too. S3 puts an object of the same name beside
   * the old one, which the bucket's lock keeps.
   */
  statementsForCopies(prefix: string): Statement[] {
    const { arn } = this.backups;
    return [
      { Sid: "AllowListing", Action: ["s3:ListBucket", "s3:ListBucketVersions"], Resource: arn },
      {
        Sid: "AllowCopies",
        Action: ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:AbortMultipartUpload"],
        Resource: pulumi.interpolate`${arn}/${prefix}/*`,
      },
      { Sid: "AllowEncryption", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: this.keyArn },
    ];
  }

  private createBackups(args: ObjectStorageArgs, keyArn: pulumi.Output<string>): PrivateBucket {
    const { backupDays, backupLockDays, backupLockMode, protect } = args;
    const bucket = {
      keyArn,
      protect,
      expireDays: backupDays,
      keepDeletedDays: KEEP_DELETED_DAYS,
      ...(backupLockDays > 0 && { lock: { days: backupLockDays, mode: backupLockMode } }),
      ...(backupDays >= COLD.fromDays && { coldAfterDays: COLD.afterDays }),
    };
    return new PrivateBucket(this.nameOf("backups"), bucket, this.childOptions());
  }

  /** Never protected: what is in it ends by itself, and nobody restores it. */
  private createTelemetry(kind: "logs" | "traces", days: number, keyArn: pulumi.Output<string>): PrivateBucket {
    const args = { keyArn, expireDays: days + GRACE_DAYS, protect: false };
    return new PrivateBucket(this.nameOf(kind), args, this.childOptions());
  }
}
