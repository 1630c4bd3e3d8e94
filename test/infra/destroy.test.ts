import { STACKS } from "../../constructs/settings";
import type { PlannedResource } from "../../infra/plan/model";
import { planStack } from "../../infra/plan/plan";

type Selects = (resource: PlannedResource) => boolean;

const kindOf = ({ type }: PlannedResource) => type.split(":").at(-1)!;
const isObject: Selects = ({ type }) => type.startsWith("kubernetes:");
const isClaimOf =
  (storageClass: string): Selects =>
  (one) =>
    kindOf(one) === "PersistentVolumeClaim" && (one.inputs.spec as any).storageClassName === storageClass;
const isRelease =
  (...names: string[]): Selects =>
  (one) =>
    kindOf(one) === "Release" && names.includes(String(one.inputs.name));

/** What would be left at AWS, or would never end, if it outlived these: by the object that asks for it, and what undoes it. */
const LEFTOVERS: readonly [string, Selects, readonly string[]][] = [
  [
    "instances and their disks, of nodes",
    (one) => isObject(one) && kindOf(one) === "NodePool",
    [
      "karpenter-release",
      "karpenter-identity-association",
      "nodes-nodes",
      "nodes-nodes-role",
      "nodes-interruption-queue",
      "nodes-interruption-spot-interruption",
      "system-group",
      "system-vpc-cni",
    ],
  ],
  [
    "EBS volumes, of claims",
    isClaimOf("gp3"),
    ["system-aws-ebs-csi-driver", "system-ebs-csi-association", "storage-classes-block", "nodes-general-pool"],
  ],
  [
    "EBS volumes, of what watches",
    isRelease("kube-prometheus", "loki", "tempo"),
    ["system-aws-ebs-csi-driver", "storage-classes-block", "observability-observability", "storage-logs-policy"],
  ],
  [
    "access points of EFS, and mounts that hang",
    isClaimOf("efs"),
    [
      "efs-csi-release",
      "efs-csi-identity-association",
      "storage-classes-shared",
      "filestore-mount-a",
      "filestore-mount-b",
      "filestore-mount-c",
      "filestore-network-from-cluster",
      "filestore-policy",
    ],
  ],
  [
    "targets, and pods that wait for their load balancer",
    (one) => isObject(one) && kindOf(one) === "TargetGroupBinding",
    [
      "load-balancer-controller-release",
      "load-balancer-controller-identity-association",
      "front-door-traefik",
      "traefik-release",
    ],
  ],
  [
    "load balancers, target groups and security groups of Ingresses, and databases, of clones",
    (one) => kindOf(one) === "ResourceGraphDefinition",
    [
      "kro-release",
      "load-balancer-controller-release",
      "load-balancer-controller-identity-association",
      "ack-rds-release",
      "ack-rds-identity-association",
      "shared-database-network-from-cluster",
    ],
  ],
  [
    "schemas and users of clones and jobs",
    (one) => kindOf(one) === "CronJob" && one.name === "clones/clone-cleaner",
    ["shared-database-instance", "shared-database-network-from-cluster", "clones-credentials-clone-shared-database"],
  ],
  ["logs that nobody ends, of the control plane", (one) => one.type === "eks:index:Cluster", ["eks-logs"]],
  [
    "logs that nobody ends, of the database",
    (one) => one.name === "shared-database-instance",
    ["shared-database-log-error", "shared-database-log-slowquery"],
  ],
];

/** What a controller needs as long as it has anything to undo. */
const TO_THE_END = ["system-group", "eks-eks", "network-private-a-nat", "network-vpc", "endpoints-s3"];

describe.each(STACKS)("[PLAT-10] What is destroyed of %s", (stack) => {
  let resources: readonly PlannedResource[];
  let before: (resource: PlannedResource) => Set<string>;

  beforeAll(async () => {
    ({ resources } = await planStack(stack));
    const byUrn = new Map(resources.map((one) => [one.urn, one]));
    before = (resource) => {
      const found = new Set<string>();
      const visit = (one: PlannedResource) => {
        for (const urn of one.dependsOn.filter((each) => !found.has(each))) {
          found.add(urn);
          visit(byUrn.get(urn)!);
        }
      };
      visit(resource);
      return new Set([...found].map((urn) => byUrn.get(urn)!.name));
    };
  });

  it.each(LEFTOVERS)("leaves no %s", (_, selects, outlive) => {
    const makers = resources.filter(selects);
    expect(makers).not.toEqual([]);
    for (const maker of makers) {
      const names = before(maker);
      expect({ [maker.name]: outlive.filter((name) => !names.has(name)) }).toEqual({ [maker.name]: [] });
    }
  });

  it("has a network, nodes and routes as long as there is an object that a controller undoes", () => {
    for (const object of resources.filter((one) => isObject(one) && kindOf(one) !== "Namespace")) {
      const names = before(object);
      expect({ [object.name]: TO_THE_END.filter((name) => !names.has(name)) }).toEqual({ [object.name]: [] });
    }
  });

  it("gives a release the time that its pods take, and takes it back whole when they don't come", () => {
    const releases = resources.filter((one) => kindOf(one) === "Release");
    expect(releases.length).toBeGreaterThan(15);
    for (const { inputs } of releases) {
      expect(inputs).toMatchObject({ timeout: 600, atomic: true });
      expect(inputs).not.toHaveProperty("skipAwait");
    }
  });
});
