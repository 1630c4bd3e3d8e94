import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { NODE_IMAGE } from "../../constructs/versions";
import { METADATA } from "../cluster/system-nodes";
import { Component } from "../component";
import { stackTags } from "../tags";
import { NODE_MAX_PODS } from "./buffer-capacity";

export type Capacity = "spot" | "on-demand" | "both";

export interface NodePoolArgs {
  /** Its name in the cluster, which its nodes carry as label karpenter.sh/nodepool. */
  readonly name: string;
  readonly clusterName: string;
  readonly nodeRoleName: pulumi.Input<string>;
  readonly securityGroupId: pulumi.Input<string>;
  /** Which instances. */
  readonly requirements: readonly Requirement[];
  readonly capacity: Capacity;
  /** Whether all instances get whole prefixes of addresses, as those on Nitro do. */
  readonly prefixes: boolean;
  /** The rest of the NodePool: limits, disruption, weight or replicas. */
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "Gt" | "Lt";
  readonly values: readonly string[];
}

/** Days until a node is made anew, so that no image grows old (Karpenter's own default, 30 days). */
const EXPIRE_AFTER = "720h";
/** Most that a node waits for its pods to end: an hour, which is the longest grace that a worker's setting admits. */
const TERMINATION_GRACE = "1h";
const DISK = "50Gi";

/**
 * A NodePool with an EC2NodeClass of its own. When it is deleted, its nodes are drained first, and Pulumi waits for that: whatever
 * makes nodes go has to be there until then.
 */
export class NodePool extends Component {
  readonly nodes: {
    readonly nodeClass: k8s.apiextensions.CustomResource;
    readonly pool: k8s.apiextensions.CustomResource;
  };

  constructor(name: string, args: NodePoolArgs, opts: pulumi.ComponentResourceOptions) {
    super("karpenter:NodePool", name, opts);
    const nodeClass = this.createNodeClass(args, opts.dependsOn);
    const pool = this.createPool(args, nodeClass);
    this.nodes = { nodeClass, pool };
    this.registerOutputs({ name: args.name });
  }

  private createNodeClass(args: NodePoolArgs, dependsOn: pulumi.CustomResourceOptions["dependsOn"]) {
    const spec = {
      role: args.nodeRoleName,
      amiSelectorTerms: [{ alias: NODE_IMAGE.amiAlias }],
      subnetSelectorTerms: [{ tags: { "karpenter.sh/discovery": args.clusterName } }],
      securityGroupSelectorTerms: [{ id: args.securityGroupId }],
      metadataOptions: METADATA,
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeSize: DISK, volumeType: "gp3", encrypted: true, deleteOnTermination: true },
        },
      ],
      // Karpenter counts addresses, not prefixes; without prefixes, addresses are what there is.
      ...(args.prefixes ? { kubelet: { maxPods: NODE_MAX_PODS } } : {}),
      tags: { ...stackTags(), Name: `${args.clusterName}-${args.name}` },
    };
    return this.createObject(
      "class",
      { apiVersion: "karpenter.k8s.aws/v1", kind: "EC2NodeClass", spec },
      args,
      dependsOn,
    );
  }

  private createPool(args: NodePoolArgs, nodeClass: k8s.apiextensions.CustomResource) {
    const template = {
      spec: {
        nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: args.name },
        requirements: [
          { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
          { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
          { key: "karpenter.sh/capacity-type", operator: "In", values: capacityTypes(args.capacity) },
          ...args.requirements,
        ],
        expireAfter: EXPIRE_AFTER,
        terminationGracePeriod: TERMINATION_GRACE,
      },
    };
    const spec = { template, ...args.spec };
    return this.createObject("pool", { apiVersion: "karpenter.sh/v1", kind: "NodePool", spec }, args, [nodeClass]);
  }

  private createObject(
    child: string,
    object: { readonly apiVersion: string; readonly kind: string; readonly spec: object },
    { name }: NodePoolArgs,
    dependsOn: pulumi.CustomResourceOptions["dependsOn"],
  ): k8s.apiextensions.CustomResource {
    // In the foreground: gone is a pool when its nodes are.
    const annotations = { "pulumi.com/deletionPropagationPolicy": "foreground" };
    return new k8s.apiextensions.CustomResource(
      this.nameOf(child),
      { ...object, metadata: { name, annotations } },
      this.childOptions({ dependsOn, customTimeouts: { delete: DRAIN_TIMEOUT } }),
    );
  }
}

/** Longer than the longest grace of a node, and time for the instance to go. */
const DRAIN_TIMEOUT = "75m";

function capacityTypes(capacity: Capacity): string[] {
  return capacity === "both" ? ["spot", "on-demand"] : [capacity];
}
