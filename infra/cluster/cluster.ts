import * as aws from "@pulumi/aws";
import * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";
import type { AwsTarget } from "../../constructs/settings";
import { KUBERNETES } from "../../constructs/versions";
import { Component } from "../component";
import type { ClusterAccess } from "./kubeconfig";
import type { ClusterIdentity } from "./pod-identity";
import { withZonalShift } from "./zonal-shift";

export interface ClusterArgs {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly vpcId: pulumi.Input<string>;
  /** Where the control plane's own interfaces stand. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** KMS key of Secrets and of logs. */
  readonly keyArn: pulumi.Input<string>;
  readonly settings: Pick<AwsTarget["cluster"], "publicAccess" | "administrators" | "logDays" | "protect">;
}

/** All that there are: who did what, and what the control plane made of it. */
const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"] as const;

/**
 * An EKS cluster, and nothing in it: add-ons and nodes come beside it, as plain resources that a plan shows. EKS' own component
 * makes it; every setting that its security hangs on is written out, as its defaults are others.
 */
export class Cluster extends Component {
  /** For whatever is allowed to the cluster, or made in it: it waits for the cluster. */
  readonly identity: ClusterIdentity;
  readonly access: ClusterAccess;
  /** Group that EKS puts the control plane's interfaces and every node into. */
  readonly securityGroupId: pulumi.Output<string>;
  readonly nodes: { readonly logs: aws.cloudwatch.LogGroup; readonly cluster: eks.Cluster };

  constructor(name: string, args: ClusterArgs, opts: pulumi.ComponentResourceOptions) {
    super("cluster:Cluster", name, opts);
    const logs = this.createLogGroup(args, opts.dependsOn);
    const cluster = this.createCluster(args, logs);
    this.nodes = { logs, cluster };

    const arn = `arn:${args.partition}:eks:${args.region}:${args.account}:cluster/${args.name}`;
    // Known before the cluster is there, and yet not to be had before it is.
    this.identity = { name: cluster.urn.apply(() => args.name), arn };
    this.access = { kubeconfig: cluster.kubeconfigJson, identifier: arn };
    this.securityGroupId = cluster.clusterSecurityGroupId;
    this.registerOutputs({ arn });
  }

  /** Made before the cluster, which would make one that is kept for ever. */
  private createLogGroup(
    { name, settings, keyArn }: ClusterArgs,
    dependsOn: pulumi.CustomResourceOptions["dependsOn"],
  ): aws.cloudwatch.LogGroup {
    const args = { name: `/aws/eks/${name}/cluster`, retentionInDays: settings.logDays, kmsKeyId: keyArn };
    return new aws.cloudwatch.LogGroup(this.nameOf("logs"), args, this.childOptions({ dependsOn }));
  }

  private createCluster(
    { name, vpcId, subnetIds, keyArn, settings, partition }: ClusterArgs,
    logs: aws.cloudwatch.LogGroup,
  ): eks.Cluster {
    const { publicAccess = [] } = settings;
    const isPublic = publicAccess.length > 0;
    return new eks.Cluster(
      this.nameOf("eks"),
      {
        name,
        version: KUBERNETES.minor,
        upgradePolicy: { supportType: "STANDARD" },
        vpcId,
        subnetIds: [...subnetIds],
        endpointPrivateAccess: true,
        endpointPublicAccess: isPublic,
        publicAccessCidrs: isPublic ? [...publicAccess] : undefined,
        authenticationMode: eks.AuthenticationMode.Api,
        accessEntries: administrators(settings.administrators, partition),
        encryptionConfigKeyArn: keyArn,
        enabledClusterLogTypes: [...LOG_TYPES],
        deletionProtection: settings.protect,
        // All of these come beside the cluster, pinned and in their order.
        bootstrapSelfManagedAddons: false,
        useDefaultVpcCni: true,
        corednsAddonOptions: { enabled: false },
        kubeProxyAddonOptions: { enabled: false },
        skipDefaultNodeGroup: true,
        skipDefaultSecurityGroups: true,
        createInstanceRole: false,
      },
      { parent: this, protect: settings.protect, dependsOn: [logs], transforms: [withZonalShift] },
    );
  }
}

/** One access entry for each, named by its place: a name made of the ARN would show it in every URN. */
function administrators(arns: readonly string[], partition: string): Record<string, eks.types.input.AccessEntryArgs> {
  const policyArn = `arn:${partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`;
  const entries = arns.map((principalArn, index): [string, eks.types.input.AccessEntryArgs] => [
    `administrator-${index}`,
    { principalArn, accessPolicies: { admin: { policyArn, accessScope: { type: "cluster" } } } },
  ]);
  return Object.fromEntries(entries);
}
