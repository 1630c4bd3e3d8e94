import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AwsTarget, BUFFER_INSTANCES, InstanceType } from "../../constructs/settings";
import { CHARTS } from "../../constructs/versions";
import { HelmAddon } from "../addons/helm-addon";
import { NodeRole } from "../cluster/node-role";
import type { ClusterIdentity } from "../cluster/pod-identity";
import { Component } from "../component";
import { Buffer } from "./buffer";
import { Amount, BufferCapacity, bufferCapacity } from "./buffer-capacity";
import { controllerPolicies } from "./controller-policy";
import { Interruption } from "./interruption";
import { NodePool, NodePoolArgs, Requirement } from "./node-pool";

export interface KarpenterArgs {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly clusterName: string;
  readonly cluster: ClusterIdentity;
  /** Group that its nodes join, as all nodes of the cluster do. */
  readonly securityGroupId: pulumi.Input<string>;
  readonly settings: AwsTarget["karpenter"];
  /** What one clone asks for. */
  readonly clone: Amount;
}

/**
 * Names of the pools; the second is the documents'. Karpenter lets no pool become static, nor a static one anything else: another
 * mode is another pool, which is there before the old one is drained.
 */
export const POOLS = { general: "general", buffer: "buffer-pool", static: "static-buffer-pool" } as const;

const SERVICE_ACCOUNT = "karpenter";

/** Families on Nitro that the pool may take where the stack names no types: of many, spot has one left. */
const GENERAL: readonly Requirement[] = [
  { key: "karpenter.k8s.aws/instance-category", operator: "In", values: ["c", "m", "t"] },
  { key: "karpenter.k8s.aws/instance-generation", operator: "Gt", values: ["2"] },
  { key: "karpenter.k8s.aws/instance-hypervisor", operator: "In", values: ["nitro"] },
  // From 2 to 16: one node's loss should not be everybody's.
  { key: "karpenter.k8s.aws/instance-cpu", operator: "Gt", values: ["1"] },
  { key: "karpenter.k8s.aws/instance-cpu", operator: "Lt", values: ["17"] },
];

/** Families before Nitro, which have no prefixes of addresses. */
const XEN = /^(t2|m3|m4|c3|c4|r3|r4)\./;

/** Karpenter, what it learns and may do, and the two kinds of nodes that it makes. */
export class Karpenter extends Component {
  /** How many clones start without waiting for a node. */
  readonly capacity: BufferCapacity;
  /** For whatever runs on its nodes. */
  readonly ready: readonly pulumi.Resource[];
  readonly nodes: { readonly controller: HelmAddon; readonly interruption: Interruption; readonly role: NodeRole };

  constructor(
    name: string,
    private readonly args: KarpenterArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("karpenter:Karpenter", name, opts);
    const { nodes, instanceType } = args.settings.buffer;
    this.capacity = bufferCapacity({ instanceType, nodes, clone: args.clone });

    const interruption = new Interruption(this.nameOf("interruption"), args, this.childOptions());
    const role = this.createNodeRole();
    const entry = this.createAccessEntry(role);
    const crds = this.createKinds(opts.dependsOn);
    const controller = this.createController(crds, interruption, role);
    // All that a node needs to come, and to go: pools are deleted before any of it.
    const before = [controller.nodes.release, interruption, ...role.nodes.attachments, entry];
    const pools = this.createPools(role, before);

    this.nodes = { controller, interruption, role };
    this.ready = pools;
    this.registerOutputs({ clones: this.capacity.clones });
  }

  private createNodeRole(): NodeRole {
    const args = { partition: this.args.partition, description: "Nodes that Karpenter makes" };
    return new NodeRole(this.nameOf("nodes"), args, this.childOptions());
  }

  /** Without it, instances start and never join. */
  private createAccessEntry(role: NodeRole): aws.eks.AccessEntry {
    const args = { clusterName: this.args.cluster.name, principalArn: role.arn, type: "EC2_LINUX" };
    return new aws.eks.AccessEntry(this.nameOf("nodes"), args, this.childOptions());
  }

  /** Apart from the controller: a chart's own kinds are made once, and never changed with it. */
  private createKinds(dependsOn: pulumi.CustomResourceOptions["dependsOn"]): HelmAddon {
    const args = { chart: CHARTS.karpenterCrds, namespace: "karpenter" };
    return new HelmAddon("karpenter-crd", args, this.childOptions({ dependsOn }));
  }

  private createController(crds: HelmAddon, interruption: Interruption, role: NodeRole): HelmAddon {
    const { cluster, clusterName, settings } = this.args;
    const policies = controllerPolicies({ ...this.args, nodeRoleArn: role.arn, queueArn: interruption.queueArn });
    const { mode } = settings.buffer;
    return new HelmAddon(
      "karpenter",
      {
        chart: CHARTS.karpenter,
        namespace: "karpenter",
        within: crds.nodes.namespace,
        identity: { cluster, serviceAccount: SERVICE_ACCOUNT, policies },
        values: {
          serviceAccount: { name: SERVICE_ACCOUNT },
          settings: {
            clusterName,
            interruptionQueue: interruption.queueName,
            eksControlPlane: true,
            enableZonalShift: true,
            featureGates: {
              // Alpha, and on all the same: a node whose kubelet is silent would hold on to its pods' volumes until somebody came.
              // After 30 minutes it is ended without a drain; never more than a fifth of a pool at once.
              nodeRepair: true,
              staticCapacity: mode === "static",
              capacityBuffer: mode === "capacityBuffer",
            },
          },
          controller: { resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } } },
        },
      },
      this.childOptions({ dependsOn: [crds.nodes.release] }),
    );
  }

  private createPools(role: NodeRole, before: pulumi.Resource[]): pulumi.Resource[] {
    const { settings, clusterName, securityGroupId } = this.args;
    const base = { clusterName, securityGroupId, nodeRoleName: role.roleName };
    const after = this.childOptions({ dependsOn: before });
    const general = new NodePool(this.nameOf(POOLS.general), { ...base, ...generalPool(settings) }, after);
    if (settings.buffer.nodes === 0) return [general.nodes.pool];
    const pool = bufferPool(settings);
    const warm = new NodePool(this.nameOf(pool.name), { ...base, ...pool }, after);
    return [general.nodes.pool, warm.nodes.pool, ...this.createBuffer(warm)];
  }

  private createBuffer({ nodes }: NodePool): pulumi.Resource[] {
    const { mode } = this.args.settings.buffer;
    // Static nodes are kept by the pool itself.
    if (mode === "static") return [];
    const args = { mode, namespace: "karpenter", pool: POOLS.buffer, capacity: this.capacity };
    return [new Buffer(this.nameOf("buffer"), args, this.childOptions({ dependsOn: [nodes.pool] }))];
  }
}

type Pool = Pick<NodePoolArgs, "name" | "requirements" | "capacity" | "prefixes" | "spec">;

function generalPool({ general }: AwsTarget["karpenter"]): Pool {
  const types = general.instanceTypes;
  return {
    name: POOLS.general,
    requirements: types.length === 0 ? GENERAL : [instanceTypes(types)],
    capacity: general.capacity,
    prefixes: !types.some((type) => XEN.test(type)),
    spec: {
      // Before the buffer pool: what doesn't fit on warm nodes isn't worth a warm one.
      weight: 10,
      limits: { cpu: general.cpu, memory: general.memory },
      disruption: {
        consolidationPolicy: "WhenEmptyOrUnderutilized",
        consolidateAfter: "10m",
        budgets: [
          { nodes: "100%", reasons: ["Empty"] },
          { nodes: "10%", reasons: ["Underutilized", "Drifted"] },
        ],
      },
    },
  };
}

function bufferPool({ buffer }: AwsTarget["karpenter"]): Pool {
  const base = {
    name: buffer.mode === "static" ? POOLS.static : POOLS.buffer,
    requirements: [instanceTypes([buffer.instanceType])],
    capacity: buffer.capacity,
    prefixes: !XEN.test(buffer.instanceType),
  };
  const disruption = { consolidationPolicy: "WhenEmpty", consolidateAfter: "10m", budgets: [{ nodes: "1" }] };
  if (buffer.mode === "static") {
    // One more than there are: a node that drifts is replaced before it goes.
    return { ...base, spec: { replicas: buffer.nodes, limits: { nodes: String(buffer.nodes + 1) }, disruption } };
  }
  // Twice what is kept warm, so that there is room behind clones that took it.
  const { cpus, memoryMiB }: InstanceType = BUFFER_INSTANCES[buffer.instanceType];
  const most = buffer.nodes * 2;
  const limits = { cpu: String(cpus * most), memory: `${memoryMiB * most}Mi` };
  return { ...base, spec: { limits, disruption } };
}

function instanceTypes(values: readonly string[]): Requirement {
  return { key: "node.kubernetes.io/instance-type", operator: "In", values };
}
