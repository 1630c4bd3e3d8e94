import { Finding, ResourceRule, stackOf } from "../rule";
import { Demand, isNotOn, isOn, unmet } from "../values";

/** By its name alone, whatever its settings say. */
const STACK = "production";

const refused = (path: string): Demand => ({
  path,
  holds: isOn,
  reason: "AWS deletes it whoever asks, and however",
  remedy: "Set it to true; production's settings say protect: true",
});

const kept = (path: string, reason: string): Demand => ({ path, holds: isNotOn, reason, remedy: "Set it to false" });

/** By type: what Pulumi must refuse to delete, and what more keeps it. */
const KEPT: Readonly<Record<string, readonly Demand[]>> = {
  "aws:rds/instance:Instance": [
    refused("deletionProtection"),
    kept("skipFinalSnapshot", "it would go without a last snapshot"),
  ],
  "aws:rds/cluster:Cluster": [refused("deletionProtection")],
  "eks:index:Cluster": [refused("deletionProtection")],
  "aws:eks/cluster:Cluster": [refused("deletionProtection")],
  "aws:efs/fileSystem:FileSystem": [],
  "aws:kms/key:Key": [],
  "aws:s3/bucket:Bucket": [kept("forceDestroy", "it would go with all that is in it")],
  "aws:route53/zone:Zone": [kept("forceDestroy", "it would go with records of others")],
  "aws:lb/loadBalancer:LoadBalancer": [refused("enableDeletionProtection")],
  "aws:ec2/vpc:Vpc": [],
  "kubernetes:core/v1:PersistentVolumeClaim": [],
};

const MADE_ANEW =
  "Logs and traces are made anew, and end by the bucket's life cycle; the stack's end takes them along.";

export const productionIsProtected: ResourceRule = {
  name: "production-is-protected",
  description:
    "In production, what holds data or can't be made anew as it was is protected from deletion, by Pulumi and by AWS: one wrong command would be the end of it.",
  exceptions: {
    "storage-logs-bucket": MADE_ANEW,
    "storage-traces-bucket": MADE_ANEW,
    "clones/clone-redis-data":
      "No job is in Redis alone: the jobs table is the record, and the sweeper queues again from it.",
  },
  check: (subject): Finding[] => {
    const demands = KEPT[subject.type];
    if (demands === undefined || stackOf(subject) !== STACK) return [];
    const { props, protect } = subject;
    const path = "options.protect";
    const reason = "pulumi destroy, or a renamed resource, would delete it";
    const remedy = "Protect it; production's settings say protect: true and protectData: true";
    return [...(protect ? [] : [{ path, value: protect, reason, remedy }]), ...unmet(props, demands)];
  },
};
