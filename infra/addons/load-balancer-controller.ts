import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import type { ClusterIdentity } from "../cluster/pod-identity";
import { HelmAddon } from "./helm-addon";
import { loadBalancerStatements, targetStatements } from "./load-balancer-policy";
import { ONE_AT_A_TIME, resources, RESTRICTED_CONTAINER } from "./values";

export interface LoadBalancerControllerArgs {
  readonly partition: string;
  readonly cluster: ClusterIdentity;
  readonly region: string;
  readonly vpcId: pulumi.Input<string>;
  /** Target group of the one ALB, whose targets it keeps. */
  readonly targetGroupArn: pulumi.Input<string>;
  /** Whether it makes ALBs as well: for clones that are told apart by path. */
  readonly makesLoadBalancers: boolean;
}

const NAME = "aws-load-balancer-controller";

/** User of its image. */
const GROUP = 65_534;

/** Keeps Traefik's pods in the target group of the one ALB; makes ALBs where clones are told apart by path (decision 6). */
export class LoadBalancerController extends HelmAddon {
  constructor(name: string, args: LoadBalancerControllerArgs, opts: pulumi.ComponentResourceOptions) {
    const { partition, cluster, makesLoadBalancers } = args;
    const policies = {
      targets: targetStatements(args.targetGroupArn),
      ...(makesLoadBalancers && { "load-balancers": loadBalancerStatements({ partition, clusterName: cluster.name }) }),
    };
    super(
      name,
      {
        chart: CHARTS.loadBalancerController,
        namespace: NAME,
        identity: { cluster, serviceAccount: NAME, policies },
        values: valuesOf(args),
      },
      opts,
    );
  }
}

function valuesOf({ cluster, region, vpcId, makesLoadBalancers }: LoadBalancerControllerArgs): pulumi.Inputs {
  return {
    fullnameOverride: NAME,
    replicaCount: 2,
    podDisruptionBudget: ONE_AT_A_TIME,
    serviceAccount: { create: true, name: NAME },
    clusterName: cluster.name,
    // Its pods can't ask the instance's metadata: a hop limit of 1 keeps every pod from it.
    region,
    vpcId,
    defaultTargetType: "ip",
    createIngressClassResource: makesLoadBalancers,
    ingressClassParams: { create: makesLoadBalancers },
    // It would stand between the cluster and every Service that is made, before its own pods are ready.
    enableServiceMutatorWebhook: false,
    enableShield: false,
    enableWaf: false,
    enableWafv2: false,
    // A new certificate at each upgrade would have the API server refuse the old pods' answers.
    keepTLSSecret: true,
    resources: resources("100m", "128Mi", "256Mi"),
    podSecurityContext: { fsGroup: GROUP, seccompProfile: RESTRICTED_CONTAINER.seccompProfile },
    securityContext: RESTRICTED_CONTAINER,
    serviceMonitor: { enabled: true },
  };
}
