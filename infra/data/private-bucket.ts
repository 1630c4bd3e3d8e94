import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, Statement } from "../cluster/policy";
import { Component } from "../component";

/** As S3 names its modes, in small letters. */
export type LockMode = "governance" | "compliance";

export interface PrivateBucketArgs {
  /** Key that encrypts its objects. */
  readonly keyArn: pulumi.Input<string>;
  /** Days after which an object goes. */
  readonly expireDays: number;
  /** Days for which an overwritten or deleted object can be had back. @default none is kept */
  readonly keepDeletedDays?: number;
  /** Days after which an object moves to Glacier's class for archives that are read at once. @default never */
  readonly coldAfterDays?: number;
  /**
   * Days for which nobody can delete or overwrite a version of an object; in governance, those may that may lift it. Needs
   * `keepDeletedDays`, and a bucket gets it when it is made, or never. @default none
   */
  readonly lock?: { readonly days: number; readonly mode: LockMode };
  /** Whether Pulumi refuses to delete it; without, it goes with what is in it. */
  readonly protect: boolean;
}

/** Days until an upload that never ended is forgotten; its parts cost as whole objects do. */
const ABORT_UPLOADS_DAYS = 7;

/** A bucket that nobody reaches but by IAM and TLS: encrypted, without ACLs, with an end for all that is in it. */
export class PrivateBucket extends Component {
  /** Of the bucket, as clients give it. */
  readonly bucket: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: { readonly bucket: aws.s3.Bucket };

  constructor(name: string, args: PrivateBucketArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:PrivateBucket", name, opts);
    const bucket = this.createBucket(args);
    this.closeToThePublic(bucket);
    this.encrypt(bucket, args.keyArn);
    const versioning = args.keepDeletedDays === undefined ? undefined : this.createVersioning(bucket);
    if (args.lock !== undefined) this.createLock(bucket, args.lock, versioning);
    this.createLifecycle(bucket, args, versioning);
    this.nodes = { bucket };
    this.bucket = bucket.id;
    this.arn = bucket.arn;
    this.registerOutputs({ bucket: this.bucket });
  }

  private createBucket({ protect, lock }: PrivateBucketArgs): aws.s3.Bucket {
    const args = { forceDestroy: !protect, objectLockEnabled: lock !== undefined };
    return new aws.s3.Bucket(this.nameOf("bucket"), args, this.childOptions({ protect }));
  }

  private closeToThePublic({ id: bucket, arn }: aws.s3.Bucket): void {
    const blocked = new aws.s3.BucketPublicAccessBlock(
      this.nameOf("public-access"),
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      this.childOptions(),
    );
    new aws.s3.BucketOwnershipControls(
      this.nameOf("ownership"),
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      this.childOptions(),
    );
    new aws.s3.BucketPolicy(
      this.nameOf("policy"),
      { bucket, policy: policyDocument(statements(arn)) },
      // AWS refuses two changes of a bucket's access at once.
      this.childOptions({ dependsOn: [blocked] }),
    );
  }

  private encrypt({ id: bucket }: aws.s3.Bucket, kmsMasterKeyId: pulumi.Input<string>): void {
    const applyServerSideEncryptionByDefault = { sseAlgorithm: "aws:kms", kmsMasterKeyId };
    // One call to KMS for many objects, where each would be one.
    const rules = [{ applyServerSideEncryptionByDefault, bucketKeyEnabled: true }];
    const name = this.nameOf("encryption");
    new aws.s3.BucketServerSideEncryptionConfiguration(name, { bucket, rules }, this.childOptions());
  }

  private createVersioning({ id: bucket }: aws.s3.Bucket): aws.s3.BucketVersioning {
    const args = { bucket, versioningConfiguration: { status: "Enabled" } };
    return new aws.s3.BucketVersioning(this.nameOf("versioning"), args, this.childOptions());
  }

  private createLock(
    { id: bucket }: aws.s3.Bucket,
    { days, mode }: NonNullable<PrivateBucketArgs["lock"]>,
    versioning?: pulumi.Resource,
  ): void {
    const args = { bucket, rule: { defaultRetention: { mode: mode.toUpperCase(), days } } };
    new aws.s3.BucketObjectLockConfiguration(this.nameOf("lock"), args, this.childOptions({ dependsOn: versioning }));
  }

  private createLifecycle(
    { id: bucket }: aws.s3.Bucket,
    { expireDays, keepDeletedDays, coldAfterDays }: PrivateBucketArgs,
    versioning?: pulumi.Resource,
  ): void {
    const rule = {
      id: "end",
      status: "Enabled",
      filter: {},
      expiration: { days: expireDays },
      abortIncompleteMultipartUpload: { daysAfterInitiation: ABORT_UPLOADS_DAYS },
      ...(keepDeletedDays !== undefined && { noncurrentVersionExpiration: { noncurrentDays: keepDeletedDays } }),
      ...(coldAfterDays !== undefined && { transitions: [{ days: coldAfterDays, storageClass: "GLACIER_IR" }] }),
    };
    const opts = this.childOptions({ dependsOn: versioning });
    new aws.s3.BucketLifecycleConfiguration(this.nameOf("lifecycle"), { bucket, rules: [rule] }, opts);
  }
}

/** After S3's "Enforce encryption of data in transit". Denials alone: who may do what is for the roles to say. */
function statements(arn: pulumi.Output<string>): Statement[] {
  const everything = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [arn, pulumi.interpolate`${arn}/*`],
  } as const;
  return [
    { Sid: "DenyInsecureTransport", ...everything, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { Sid: "DenyOutdatedTls", ...everything, Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
  ];
}
