import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import { LOOMWORKS_OFFSITE } from "../../../constructs/contract";
import { ObjectStorage } from "../../../infra/data/object-storage";
import { OffsiteTarget } from "../../../infra/data/offsite-target";
import { CLUSTER } from "../../support/aws-platform";
import { Planned, planned } from "../../support/planned";

describe("[LOOM-14] Where backups are copied to", () => {
  let plan: Planned;
  let ready: readonly string[];

  beforeAll(async () => {
    plan = await planned(() => {
      const providers = [new aws.Provider("aws", {}), new k8s.Provider("kubernetes", {})];
      const days = {
        backupDays: 30,
        backupLockDays: 14,
        backupLockMode: "governance",
        logDays: 30,
        traceDays: 14,
      } as const;
      const storage = new ObjectStorage("storage", { ...days, protect: true }, { providers });
      const args = { cluster: CLUSTER, region: "eu-west-1", storage, namespace: "acme" };
      const target = new OffsiteTarget("offsite", args, { providers });
      ready = [target.nodes.configMap, target.nodes.identity.nodes.association].map((one) =>
        target.ready.includes(one) ? "ready" : "not awaited",
      );
    });
  });

  it("is told to the installation as the contract has it: every key, and no other", () => {
    const { name, keys } = LOOMWORKS_OFFSITE;
    expect(plan.get(`offsite-${name}`).inputs).toMatchObject({
      metadata: { name, namespace: "acme" },
      data: {
        [keys.bucket]: "[id of storage-backups-bucket]",
        [keys.prefix]: "acme",
        [keys.days]: "30",
        [keys.region]: "eu-west-1",
        [keys.keyArn]: "[arn of storage-key-key]",
      },
    });
    expect(Object.keys(plan.get(`offsite-${name}`).inputs.data as object).sort()).toEqual(Object.values(keys).sort());
    expect(ready).toEqual(["ready", "ready"]);
  });

  it("lets the copying pods of that installation add and read below its name, and nobody delete or unlock", () => {
    expect(plan.get("offsite-identity-association").inputs).toMatchObject({
      namespace: "acme",
      serviceAccount: LOOMWORKS_OFFSITE.serviceAccount,
    });
    const bucket = "[arn of storage-backups-bucket]";
    const allowed = Object.values(plan.statements("offsite-identity-copies"));
    expect(allowed.map(({ Sid, Effect, Action, Resource }) => [Sid, Effect, Action, Resource])).toEqual([
      ["AllowListing", "Allow", ["s3:ListBucket", "s3:ListBucketVersions"], bucket],
      [
        "AllowCopies",
        "Allow",
        ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:AbortMultipartUpload"],
        `${bucket}/acme/*`,
      ],
      ["AllowEncryption", "Allow", ["kms:GenerateDataKey", "kms:Decrypt"], "[arn of storage-key-key]"],
    ]);
    expect(plan.get("storage-backups-lock").inputs.rule).toEqual({
      defaultRetention: { mode: "GOVERNANCE", days: 14 },
    });
  });
});
