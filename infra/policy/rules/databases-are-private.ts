import { objectsOf, unmetIn } from "../kubernetes";
import { Finding, ResourceRule } from "../rule";
import { Demand, isNotOn, unmet } from "../values";

const TYPES = /^aws:(rds\/(instance:Instance|clusterInstance:ClusterInstance)|docdb\/clusterInstance:ClusterInstance)$/;

const demand = (path: string): Demand => ({
  path,
  holds: isNotOn,
  reason: "the database gets a public address, and one security group is all that is left before it",
  remedy: "Leave it out, or set it to false; from outside, go through the cluster",
});

export const databasesArePrivate: ResourceRule = {
  name: "databases-are-private",
  description:
    "No database has a public address, those neither that ACK makes for clones: a password alone is no wall before customers' data.",
  check: (subject): Finding[] => {
    if (TYPES.test(subject.type)) return unmet(subject.props, [demand("publiclyAccessible")]);
    const instances = objectsOf(subject).filter(({ value }) => value.kind === "DBInstance");
    return instances.flatMap((instance) => unmetIn(instance, [demand("spec.publiclyAccessible")]));
  },
};
