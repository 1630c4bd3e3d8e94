import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import { Filestore } from "../../../infra/data/filestore";
import { StorageClasses } from "../../../infra/data/storage-classes";
import { Planned, planned } from "../../support/planned";

function made(protect = true): Promise<Planned> {
  return planned(() => {
    const providers = [new aws.Provider("aws", {}), new k8s.Provider("cluster", {})];
    const subnetIds = { "eu-central-1a": "subnet-a", "eu-central-1b": "subnet-b" };
    const args = { vpcId: "vpc-1", subnetIds, clusterSecurityGroupId: "sg-cluster", protect };
    const { id: fileSystemId } = new Filestore("files", args, { providers });
    new StorageClasses("storage", { block: "gp3", shared: "efs", fileSystemId }, { providers });
  });
}

describe("[LOOM-05] The file system of shared volumes", () => {
  let plan: Planned;
  const inputs = (name: string) => plan.get(name).inputs as any;

  beforeAll(async () => {
    plan = await made();
  });

  it("is encrypted by a key of ours, and backed up each day", () => {
    expect(inputs("files-file-system")).toMatchObject({ encrypted: true, kmsKeyId: "[arn of files-key-key]" });
    expect(inputs("files-backups")).toEqual({
      fileSystemId: "[id of files-file-system]",
      backupPolicy: { status: "ENABLED" },
    });
  });

  it("moves what nobody reads to the cheaper class, and back", () => {
    expect(inputs("files-file-system")).toMatchObject({
      throughputMode: "elastic",
      lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
    });
  });

  it("has one way in for each zone, from the cluster to NFS alone", () => {
    const targets = plan.all("MountTarget").map(({ name, inputs: target }) => [name, target.subnetId]);
    expect(targets).toEqual([
      ["files-mount-eu-central-1a", "subnet-a"],
      ["files-mount-eu-central-1b", "subnet-b"],
    ]);
    for (const { inputs: target } of plan.all("MountTarget")) {
      expect(target.securityGroups).toEqual(["[id of files-network-security-group]"]);
    }
    expect(inputs("files-network-from-cluster")).toMatchObject({
      referencedSecurityGroupId: "sg-cluster",
      fromPort: 2049,
      toPort: 2049,
    });
  });

  it("is mounted through these over TLS, or not at all, and by nobody as root", () => {
    const statements = plan.statements("files-policy");
    expect(Object.keys(statements)).toEqual(["AllowMountThroughMountTargets", "DenyInsecureTransport"]);
    expect(statements.AllowMountThroughMountTargets).toMatchObject({
      Effect: "Allow",
      Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
      Resource: "[arn of files-file-system]",
      Condition: { Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" } },
    });
    expect(statements.DenyInsecureTransport).toMatchObject({
      Effect: "Deny",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });

  it("stays where the stack says so", async () => {
    const guarded = (of: Planned) => of.resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(guarded(plan).sort()).toEqual(["files-file-system", "files-key-key"]);
    expect(guarded(await made(false))).toEqual([]);
  });
});

describe("The classes of volumes", () => {
  let plan: Planned;
  const inputs = (name: string) => plan.get(name).inputs as any;

  beforeAll(async () => {
    plan = await made();
  });

  it("[LOOM-01] are encrypted disks in the pod's own zone, which can grow, for whoever names no other", () => {
    expect(inputs("storage-block")).toMatchObject({
      metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
  });

  it("[LOOM-05] are access points of the file system: a folder for each claim, which outlives the claim", () => {
    expect(inputs("storage-shared")).toMatchObject({
      metadata: { name: "efs" },
      provisioner: "efs.csi.aws.com",
      reclaimPolicy: "Retain",
      parameters: {
        provisioningMode: "efs-ap",
        fileSystemId: "[id of files-file-system]",
        directoryPerms: "700",
        subPathPattern: "${.PVC.namespace}/${.PVC.name}",
      },
    });
  });
});
