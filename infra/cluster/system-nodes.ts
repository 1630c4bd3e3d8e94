import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsTarget } from "../../constructs/settings";
import { KUBERNETES, NODE_IMAGE } from "../../constructs/versions";
import { Component } from "../component";
import { stackTags } from "../tags";
import type { ClusterIdentity } from "./pod-identity";
import { createEksAddon } from "./eks-addon";
import { NodeRole } from "./node-role";
import { PodIdentity } from "./pod-identity";

export interface SystemNodesArgs {
  readonly partition: string;
  readonly cluster: ClusterIdentity;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly settings: AwsTarget["cluster"]["systemNodes"];
}

/** Label of the nodes that Karpenter doesn't make, and the taint that keeps off them what doesn't ask for them. */
export const SYSTEM_NODES = {
  label: { "loomworks.app/nodes": "system" },
  taint: { key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" },
  /** What a pod says to run there all the same. */
  toleration: { key: "CriticalAddonsOnly", operator: "Exists" },
} as const;

/** Enough for the images of every add-on, and for their logs between two rotations. */
const DISK_GIB = 40;

/** Metadata of an instance: by session tokens alone, and for nobody who is a hop away, as pods are. */
export const METADATA = { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" } as const;

/** The add-ons' own settings: whole prefixes give a small node as many pods as it can carry. */
const CNI = { env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" }, enableNetworkPolicy: "true" };
const TOLERANT = { tolerations: [SYSTEM_NODES.toleration] };

/**
 * What a cluster needs before anything else can run: the add-ons that make pods of nodes, in their order, and a few nodes that are
 * not Karpenter's, for Karpenter itself and for what the cluster can't be without.
 */
export class SystemNodes extends Component {
  readonly nodes: {
    readonly before: readonly aws.eks.Addon[];
    readonly group: aws.eks.NodeGroup;
    readonly after: readonly aws.eks.Addon[];
  };

  constructor(name: string, args: SystemNodesArgs, opts: pulumi.ComponentResourceOptions) {
    super("cluster:SystemNodes", name, opts);
    const before = [
      this.createAddon(args, { addonName: "vpc-cni", configuration: CNI }),
      this.createAddon(args, { addonName: "kube-proxy" }),
      this.createAddon(args, { addonName: "eks-pod-identity-agent" }),
    ];
    const role = this.createRole(args);
    const group = this.createGroup(args, role, before);
    const after = this.createControllers(args, group);
    this.nodes = { before, group, after };
    this.registerOutputs({ group: group.nodeGroupName });
  }

  private createRole({ partition }: SystemNodesArgs): NodeRole {
    const args = { partition, description: "System nodes" };
    return new NodeRole(this.nameOf("nodes"), args, { parent: this });
  }

  private createGroup(
    { cluster, subnetIds, settings }: SystemNodesArgs,
    role: NodeRole,
    before: readonly aws.eks.Addon[],
  ): aws.eks.NodeGroup {
    const template = this.createTemplate(cluster);
    const { label, taint } = SYSTEM_NODES;
    return new aws.eks.NodeGroup(
      this.nameOf("group"),
      {
        clusterName: cluster.name,
        nodeRoleArn: role.arn,
        subnetIds: [...subnetIds],
        version: KUBERNETES.minor,
        releaseVersion: NODE_IMAGE.releaseVersion,
        amiType: "AL2023_x86_64_STANDARD",
        capacityType: settings.capacity === "spot" ? "SPOT" : "ON_DEMAND",
        instanceTypes: [settings.instanceType],
        launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
        scalingConfig: { minSize: settings.count, desiredSize: settings.count, maxSize: settings.count + 1 },
        updateConfig: { maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
        labels: label,
        taints: [taint],
      },
      // Nodes without a network never become ready, and the group would fail. The role goes after the nodes that use it.
      this.childOptions({ dependsOn: [...before, ...role.nodes.attachments] }),
    );
  }

  private createTemplate(cluster: ClusterIdentity): aws.ec2.LaunchTemplate {
    const ebs = { volumeSize: DISK_GIB, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" };
    const tags = { ...stackTags(), Name: pulumi.interpolate`${cluster.name}-system` };
    return new aws.ec2.LaunchTemplate(
      this.nameOf("template"),
      {
        updateDefaultVersion: true,
        metadataOptions: METADATA,
        blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs }],
        tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
      },
      this.childOptions(),
    );
  }

  private createControllers(args: SystemNodesArgs, group: aws.eks.NodeGroup): aws.eks.Addon[] {
    const { partition, cluster } = args;
    const ebs = new PodIdentity(
      this.nameOf("ebs-csi"),
      {
        cluster,
        namespace: "kube-system",
        serviceAccount: "ebs-csi-controller-sa",
        managedPolicies: [`arn:${partition}:iam::aws:policy/AmazonEBSCSIDriverPolicyV2`],
      },
      { parent: this },
    );
    // Volumes of claims are made by the driver, which knows nothing of the provider's tags.
    const driver = { controller: { ...TOLERANT, extraVolumeTags: stackTags() } };
    return [
      this.createAddon(args, { addonName: "coredns" }, [group]),
      // There is no other node yet, and Karpenter, which would make one, waits for these to run.
      this.createAddon(args, { addonName: "snapshot-controller", configuration: TOLERANT }, [group]),
      this.createAddon(args, { addonName: "aws-ebs-csi-driver", configuration: driver }, [group, ebs]),
    ];
  }

  private createAddon(
    { cluster }: SystemNodesArgs,
    addon: Omit<Parameters<typeof createEksAddon>[1], "clusterName">,
    dependsOn: pulumi.Resource[] = [],
  ): aws.eks.Addon {
    const args = { clusterName: cluster.name, ...addon };
    return createEksAddon(this.nameOf(addon.addonName), args, this.childOptions({ dependsOn }));
  }
}
