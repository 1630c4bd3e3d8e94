import { FoundObject, objectsOf, unmetIn } from "../kubernetes";
import type { Finding, ResourceRule } from "../rule";
import { Demand, isGiven, isOn, isUnknown, unmet } from "../values";

const on = (path: string): Demand => ({
  path,
  holds: isOn,
  reason: "what lies on the disk, and in its snapshots, can be read by whoever gets it",
  remedy: "Set it to true",
});

const byKey = (path: string): Demand => ({
  path,
  holds: isGiven,
  reason: "without a key of ours, nobody decides or sees who reads it",
  remedy: "Give the ARN of a key of ours (infra/encryption-key.ts)",
});

const DEMANDS: Readonly<Record<string, readonly Demand[]>> = {
  "aws:rds/instance:Instance": [on("storageEncrypted"), byKey("kmsKeyId")],
  "aws:rds/cluster:Cluster": [on("storageEncrypted"), byKey("kmsKeyId")],
  "aws:efs/fileSystem:FileSystem": [on("encrypted"), byKey("kmsKeyId")],
  "aws:ebs/volume:Volume": [on("encrypted")],
  "aws:ec2/launchTemplate:LaunchTemplate": [on("blockDeviceMappings[].ebs.encrypted")],
  "aws:ec2/instance:Instance": [on("rootBlockDevice.encrypted")],
  "aws:elasticache/replicationGroup:ReplicationGroup": [on("atRestEncryptionEnabled")],
  "aws:cloudwatch/logGroup:LogGroup": [byKey("kmsKeyId")],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [
    byKey("rules[].applyServerSideEncryptionByDefault.kmsMasterKeyId"),
  ],
  "aws:eks/cluster:Cluster": [byKey("encryptionConfig.provider.keyArn")],
  "eks:index:Cluster": [byKey("encryptionConfigKeyArn")],
  "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": [on("spec.blockDeviceMappings[].ebs.encrypted")],
};

export const encryptedAtRest: ResourceRule = {
  name: "encrypted-at-rest",
  description:
    "Databases, files, disks, queues, logs and Secrets are encrypted, data and logs by keys of ours: disks, snapshots and backups leave the walls that pods have.",
  check: (subject): Finding[] => {
    const { type, props } = subject;
    if (type === "aws:sqs/queue:Queue") return queue(props);
    return [...unmet(props, DEMANDS[type] ?? []), ...objectsOf(subject).flatMap(inCluster)];
  },
};

/** By SQS' own key or one of ours: what a queue holds is gone within minutes. */
function queue(props: Readonly<Record<string, unknown>>): Finding[] {
  if (isUnknown(props.kmsMasterKeyId) || isGiven(props.kmsMasterKeyId)) return [];
  return unmet(props, [on("sqsManagedSseEnabled")]);
}

/** Disks that drivers and controllers make of objects. */
function inCluster(object: FoundObject): Finding[] {
  const { kind, provisioner } = object.value;
  if (kind === "DBInstance") return unmetIn(object, [on("spec.storageEncrypted")]);
  return kind === "StorageClass" && provisioner === "ebs.csi.aws.com"
    ? unmetIn(object, [on("parameters.encrypted")])
    : [];
}
