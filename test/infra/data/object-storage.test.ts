import * as aws from "@pulumi/aws";
import { PodIdentity } from "../../../infra/cluster/pod-identity";
import { ObjectStorage, ObjectStorageArgs } from "../../../infra/data/object-storage";
import { Planned, planned } from "../../support/planned";

const ARGS: ObjectStorageArgs = {
  backupDays: 365,
  backupLockDays: 30,
  backupLockMode: "governance",
  logDays: 30,
  traceDays: 14,
  protect: true,
};
const BUCKETS = ["storage-backups", "storage-logs", "storage-traces"];

function made(args: Partial<ObjectStorageArgs> = {}): Promise<Planned> {
  return planned(() => {
    const providers = [new aws.Provider("aws", {})];
    const storage = new ObjectStorage("storage", { ...ARGS, ...args }, { providers });
    const policies = { storage: storage.statementsFor(storage.logs) };
    const cluster = { name: "loomworks", arn: "arn:aws:eks:eu-central-1:111122223333:cluster/loomworks" };
    new PodIdentity("reader", { cluster, namespace: "n", serviceAccount: "s", policies }, { providers });
  });
}

describe("The buckets", () => {
  let plan: Planned;
  const inputs = (name: string) => plan.get(name).inputs as any;
  const ruleOf = (name: string) => inputs(`${name}-lifecycle`).rules[0];

  beforeAll(async () => {
    plan = await made();
  });

  it("are one for backups, one for logs, one for traces", () => {
    expect(plan.all("Bucket").map(({ name }) => name)).toEqual(BUCKETS.map((name) => `${name}-bucket`));
  });

  it.each(BUCKETS)("%s is closed to the public, and has no ACLs", (name) => {
    expect(inputs(`${name}-public-access`)).toEqual({
      bucket: `[id of ${name}-bucket]`,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(inputs(`${name}-ownership`).rule).toEqual({ objectOwnership: "BucketOwnerEnforced" });
  });

  it.each(BUCKETS)("%s answers over TLS 1.2 or later alone", (name) => {
    const statements = plan.statements(`${name}-policy`);
    const everything = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [`[arn of ${name}-bucket]`, `[arn of ${name}-bucket]/*`],
    };
    expect(statements).toEqual({
      DenyInsecureTransport: {
        Sid: "DenyInsecureTransport",
        ...everything,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      DenyOutdatedTls: {
        Sid: "DenyOutdatedTls",
        ...everything,
        Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
      },
    });
  });

  it.each(BUCKETS)("%s is encrypted by a key of ours", (name) => {
    expect(inputs(`${name}-encryption`).rules).toEqual([
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "[arn of storage-key-key]" },
        bucketKeyEnabled: true,
      },
    ]);
  });

  it.each(BUCKETS)("%s ends what is in it, and uploads that never did", (name) => {
    const days = { "storage-backups": 365, "storage-logs": 37, "storage-traces": 21 }[name];
    expect(ruleOf(name)).toMatchObject({
      status: "Enabled",
      expiration: { days },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    });
  });

  it("[LOOM-14] keep backups that were deleted or overwritten, and refuse deletion for as long as the stack says", () => {
    expect(inputs("storage-backups-bucket").objectLockEnabled).toBe(true);
    expect(inputs("storage-backups-versioning").versioningConfiguration).toEqual({ status: "Enabled" });
    expect(inputs("storage-backups-lock").rule).toEqual({ defaultRetention: { mode: "GOVERNANCE", days: 30 } });
    expect(ruleOf("storage-backups")).toMatchObject({
      noncurrentVersionExpiration: { noncurrentDays: 30 },
      transitions: [{ days: 30, storageClass: "GLACIER_IR" }],
    });
    expect(plan.before("storage-backups-lock")).toContain("storage-backups-versioning");
    expect(plan.all("BucketVersioning")).toHaveLength(1);
  });

  it("[LOOM-14] let nobody at all lift that, where the stack says so", async () => {
    const other = await made({ backupLockMode: "compliance" });
    expect(other.get("storage-backups-lock").inputs.rule).toEqual({
      defaultRetention: { mode: "COMPLIANCE", days: 30 },
    });
  });

  it("lock nothing where the stack doesn't ask for it, and move nothing to a class that short lives don't pay for", async () => {
    const other = await made({ backupLockDays: 0, backupDays: 14 });
    expect(other.all("BucketObjectLockConfiguration")).toEqual([]);
    expect(other.get("storage-backups-bucket").inputs.objectLockEnabled).toBe(false);
    expect(other.get("storage-backups-lifecycle").inputs.rules).toEqual([
      expect.not.objectContaining({ transitions: expect.anything() }),
    ]);
  });

  it("with backups stay where the stack says so; those of logs and traces go with the stack", async () => {
    const guarded = (of: Planned) => of.resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(guarded(plan).sort()).toEqual(["storage-backups-bucket", "storage-key-key"]);
    expect(guarded(await made({ protect: false }))).toEqual([]);
    expect(inputs("storage-backups-bucket").forceDestroy).toBe(false);
    expect(inputs("storage-logs-bucket").forceDestroy).toBe(true);
  });

  it("give whoever keeps data in one of them the rights on that one alone", () => {
    expect(plan.statements("reader-storage")).toEqual({
      AllowListing: {
        Sid: "AllowListing",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: "[arn of storage-logs-bucket]",
      },
      AllowObjects: {
        Sid: "AllowObjects",
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
        Resource: "[arn of storage-logs-bucket]/*",
      },
      AllowEncryption: {
        Sid: "AllowEncryption",
        Effect: "Allow",
        Action: ["kms:GenerateDataKey", "kms:Decrypt"],
        Resource: "[arn of storage-key-key]",
      },
    });
  });
});
