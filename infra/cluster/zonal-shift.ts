import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** The cluster itself, within EKS' component. */
const CLUSTER = "aws:eks/cluster:Cluster";

/**
 * A transform of EKS' component, which has no argument for it: the cluster may be told to keep traffic and new nodes out of a zone.
 * Karpenter doesn't start where `settings.enableZonalShift` finds a cluster without it.
 */
export function withZonalShift(resource: pulumi.ResourceTransformArgs): pulumi.ResourceTransformResult | undefined {
  if (resource.type !== CLUSTER) return undefined;
  const added = { zonalShiftConfig: { enabled: true } } satisfies Partial<aws.eks.ClusterArgs>;
  return { props: { ...resource.props, ...added }, opts: resource.opts };
}
