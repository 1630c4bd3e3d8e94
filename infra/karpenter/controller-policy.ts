/** What Karpenter's controller may do: the statements of its authors (getting started, cloudformation.yaml of v1.14), one by one. */
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../cluster/policy";

export interface ControllerPolicyArgs {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly clusterName: string;
  /** The role that it gives to instances, and the only one that it may. */
  readonly nodeRoleArn: pulumi.Input<string>;
  readonly queueArn: pulumi.Input<string>;
}

/** By name of an inline policy, its statements. */
export function controllerPolicies(args: ControllerPolicyArgs): Record<string, Statement[]> {
  return {
    "node-lifecycle": nodeLifecycle(args),
    "instance-profiles": instanceProfiles(args),
    cluster: [
      { Sid: "AllowAPIServerEndpointDiscovery", Action: "eks:DescribeCluster", Resource: clusterArn(args) },
      {
        Sid: "AllowInterruptionQueueActions",
        Action: ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
        Resource: args.queueArn,
      },
      {
        Sid: "AllowZonalShiftStatusReadOnly",
        Action: ["arc-zonal-shift:GetManagedResource"],
        Resource: "*",
        onAnything: "The action knows no resource; the condition names the cluster.",
        Condition: { StringEquals: { "arc-zonal-shift:ResourceIdentifier": clusterArn(args) } },
      },
    ],
    discovery: discovery(args),
  };
}

function clusterArn({ partition, region, account, clusterName }: ControllerPolicyArgs): string {
  return `arn:${partition}:eks:${region}:${account}:cluster/${clusterName}`;
}

/** Instances and what they are started with: tagged as the cluster's own, and as made for a NodePool. */
function nodeLifecycle({ partition, region, clusterName }: ControllerPolicyArgs): Statement[] {
  const ec2 = (...kinds: string[]) => kinds.map((kind) => `arn:${partition}:ec2:${region}:*:${kind}/*`);
  const made = ec2("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request");
  const owned = `kubernetes.io/cluster/${clusterName}`;
  const requested = { [`aws:RequestTag/${owned}`]: "owned", "aws:RequestTag/eks:eks-cluster-name": clusterName };
  const ours = {
    StringEquals: { [`aws:ResourceTag/${owned}`]: "owned" },
    StringLike: { "aws:ResourceTag/karpenter.sh/nodepool": "*" },
  };
  const forPool = { "aws:RequestTag/karpenter.sh/nodepool": "*" };
  return [
    {
      Sid: "AllowScopedEC2InstanceAccessActions",
      Action: ["ec2:RunInstances", "ec2:CreateFleet"],
      Resource: [
        // Of nobody's account, as AWS' own images are.
        `arn:${partition}:ec2:${region}::image/*`,
        `arn:${partition}:ec2:${region}::snapshot/*`,
        ...ec2("security-group", "subnet", "capacity-reservation", "placement-group"),
      ],
    },
    {
      Sid: "AllowScopedEC2LaunchTemplateAccessActions",
      Action: ["ec2:RunInstances", "ec2:CreateFleet"],
      Resource: ec2("launch-template").join(),
      Condition: ours,
    },
    {
      Sid: "AllowScopedEC2InstanceActionsWithTags",
      Action: ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"],
      Resource: made,
      Condition: { StringEquals: requested, StringLike: forPool },
    },
    {
      Sid: "AllowScopedResourceCreationTagging",
      Action: "ec2:CreateTags",
      Resource: made,
      Condition: {
        StringEquals: { ...requested, "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"] },
        StringLike: forPool,
      },
    },
    {
      Sid: "AllowScopedResourceTagging",
      Action: "ec2:CreateTags",
      Resource: ec2("instance").join(),
      Condition: {
        ...ours,
        StringEqualsIfExists: { "aws:RequestTag/eks:eks-cluster-name": clusterName },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"] },
      },
    },
    {
      Sid: "AllowScopedDeletion",
      Action: ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
      Resource: ec2("instance", "launch-template"),
      Condition: ours,
    },
  ];
}

/** The profiles that hand the nodes' role to instances: tagged as the cluster's own, and as made for an EC2NodeClass. */
function instanceProfiles({ partition, account, region, clusterName, nodeRoleArn }: ControllerPolicyArgs): Statement[] {
  const Resource = `arn:${partition}:iam::${account}:instance-profile/*`;
  const tags = (where: "RequestTag" | "ResourceTag") => ({
    [`aws:${where}/kubernetes.io/cluster/${clusterName}`]: "owned",
    [`aws:${where}/topology.kubernetes.io/region`]: region,
  });
  const requested = { ...tags("RequestTag"), "aws:RequestTag/eks:eks-cluster-name": clusterName };
  const nodeClass = (where: "RequestTag" | "ResourceTag") => ({ [`aws:${where}/karpenter.k8s.aws/ec2nodeclass`]: "*" });
  return [
    {
      Sid: "AllowPassingInstanceRole",
      Action: "iam:PassRole",
      Resource: nodeRoleArn,
      Condition: { StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] } },
    },
    {
      Sid: "AllowScopedInstanceProfileCreationActions",
      Action: ["iam:CreateInstanceProfile"],
      Resource,
      Condition: { StringEquals: requested, StringLike: nodeClass("RequestTag") },
    },
    {
      Sid: "AllowScopedInstanceProfileTagActions",
      Action: ["iam:TagInstanceProfile"],
      Resource,
      Condition: {
        StringEquals: { ...tags("ResourceTag"), ...requested },
        StringLike: { ...nodeClass("ResourceTag"), ...nodeClass("RequestTag") },
      },
    },
    {
      Sid: "AllowScopedInstanceProfileActions",
      Action: ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"],
      Resource,
      Condition: { StringEquals: tags("ResourceTag"), StringLike: nodeClass("ResourceTag") },
    },
  ];
}

/** What there is to choose from. */
function discovery({ partition, account, region }: ControllerPolicyArgs): Statement[] {
  return [
    {
      Sid: "AllowRegionalReadActions",
      Action: [
        "ec2:DescribeCapacityReservations",
        "ec2:DescribeImages",
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstanceTypeOfferings",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribePlacementGroups",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSpotPriceHistory",
        "ec2:DescribeSubnets",
      ],
      Resource: "*",
      onAnything: "EC2's Describe actions know no resources; nothing can be changed by them.",
      Condition: { StringEquals: { "aws:RequestedRegion": region } },
    },
    {
      Sid: "AllowSSMReadActions",
      Action: "ssm:GetParameter",
      Resource: `arn:${partition}:ssm:${region}::parameter/aws/service/*`,
    },
    {
      Sid: "AllowPricingReadActions",
      Action: "pricing:GetProducts",
      Resource: "*",
      onAnything: "AWS' public price list, which knows no resources.",
    },
    {
      Sid: "AllowUnscopedInstanceProfileListAction",
      Action: "iam:ListInstanceProfiles",
      Resource: "*",
      onAnything: "A list can't be narrowed to what is in it; nothing can be changed by it.",
    },
    {
      Sid: "AllowInstanceProfileReadActions",
      Action: "iam:GetInstanceProfile",
      Resource: `arn:${partition}:iam::${account}:instance-profile/*`,
    },
  ];
}
