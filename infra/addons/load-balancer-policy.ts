/**
 * What the AWS Load Balancer Controller may do, after its own `docs/install/iam_policy.json` (v3.5.0), narrowed: to what carries
 * this cluster's name, where the original says any cluster's; without WAF, Shield and Cognito, which are switched off; and, where
 * no clone asks for an ALB, to putting pods into the one target group that the program made.
 */
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../cluster/policy";

/** Tag by which the controller knows what it made; its value is the cluster's name. */
const OWNER_TAG = "elbv2.k8s.aws/cluster";

/** Rules of listeners, whoever made them. */
const RULES = "listener-rule/app/*/*/*";

/** Whose load balancers, and where. */
interface Owner {
  /** `aws`, or that of China or of the US government. */
  readonly partition: string;
  readonly clusterName: pulumi.Input<string>;
}

/** Enough to keep the pods of a Service in a target group that somebody else made. */
export function targetStatements(targetGroupArn: pulumi.Input<string>): Statement[] {
  return [
    {
      Sid: "AllowReadingTargets",
      Action: [
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
      ],
      Resource: "*",
      onAnything: "Descriptions of EC2 and load balancers know no resources; nothing can be changed by them.",
    },
    {
      Sid: "AllowTargets",
      Action: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
      Resource: targetGroupArn,
    },
  ];
}

/** Beside that, what it takes to make ALBs for Ingresses: clones that are told apart by path. */
export function loadBalancerStatements(owner: Owner): Statement[] {
  return [...reading(), ...securityGroups(owner), ...loadBalancers(owner), ...tagging(owner)];
}

function reading(): Statement[] {
  return [
    {
      Sid: "AllowReadingLoadBalancers",
      Action: [
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeRouteTables",
        "ec2:DescribeTags",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:GetSecurityGroupsForVpc",
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListenerCertificates",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeSSLPolicies",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTrustStores",
        "acm:ListCertificates",
        "acm:DescribeCertificate",
      ],
      Resource: "*",
      onAnything:
        "Descriptions know no resources, or certificates that nobody knows before; nothing can be changed by them.",
    },
  ];
}

function securityGroups({ partition, clusterName }: Owner): Statement[] {
  const groups = `arn:${partition}:ec2:*:*:security-group/*`;
  return [
    {
      Sid: "AllowMakingSecurityGroups",
      Action: ["ec2:CreateSecurityGroup"],
      Resource: "*",
      onAnything:
        "The group has no tag yet to be known by, and the VPC that it is made in is a resource of the call, too.",
    },
    {
      Sid: "AllowTaggingMadeSecurityGroups",
      Action: ["ec2:CreateTags"],
      Resource: groups,
      Condition: {
        StringEquals: { "ec2:CreateAction": "CreateSecurityGroup", [`aws:RequestTag/${OWNER_TAG}`]: clusterName },
      },
    },
    {
      Sid: "AllowOwnSecurityGroups",
      Action: [
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupIngress",
        "ec2:DeleteSecurityGroup",
        "ec2:CreateTags",
        "ec2:DeleteTags",
      ],
      Resource: groups,
      Condition: owned(clusterName),
    },
    {
      // From the ALB to the pods: the nodes' group is the cluster's, whose tag this is.
      Sid: "AllowWayToPods",
      Action: ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"],
      Resource: groups,
      Condition: { StringEquals: { "aws:ResourceTag/aws:eks:cluster-name": clusterName } },
    },
  ];
}

function loadBalancers({ partition, clusterName }: Owner): Statement[] {
  return [
    {
      Sid: "AllowMakingLoadBalancers",
      Action: ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"],
      Resource: kinds(partition, ["loadbalancer/app/*/*", "targetgroup/*/*"]),
      Condition: { StringEquals: { [`aws:RequestTag/${OWNER_TAG}`]: clusterName } },
    },
    {
      Sid: "AllowOwnLoadBalancers",
      Action: [
        "elasticloadbalancing:AddListenerCertificates",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:CreateRule",
        "elasticloadbalancing:DeleteListener",
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:DeleteRule",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:DeregisterTargets",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyListenerAttributes",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:RemoveListenerCertificates",
        "elasticloadbalancing:SetIpAddressType",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:SetSubnets",
      ],
      Resource: madeByController(partition),
      Condition: owned(clusterName),
    },
    {
      // AWS' reference gives this one action no tags to be judged by: with a condition on them, it would never be allowed.
      Sid: "AllowOrderingRules",
      Action: ["elasticloadbalancing:SetRulePriorities"],
      Resource: kinds(partition, [RULES]),
    },
  ];
}

function tagging({ partition, clusterName }: Owner): Statement[] {
  const actions = ["CreateTargetGroup", "CreateLoadBalancer", "CreateListener", "CreateRule"];
  return [
    {
      Sid: "AllowTaggingMadeLoadBalancers",
      Action: ["elasticloadbalancing:AddTags"],
      Resource: madeByController(partition),
      Condition: {
        StringEquals: { "elasticloadbalancing:CreateAction": actions, [`aws:RequestTag/${OWNER_TAG}`]: clusterName },
      },
    },
    {
      Sid: "AllowTaggingOwnLoadBalancers",
      Action: ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
      Resource: madeByController(partition),
      Condition: owned(clusterName),
    },
    {
      Sid: "AllowServiceLinkedRole",
      Action: ["iam:CreateServiceLinkedRole"],
      Resource: `arn:${partition}:iam::*:role/aws-service-role/elasticloadbalancing.amazonaws.com/*`,
      Condition: { StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" } },
    },
  ];
}

function madeByController(partition: string): string[] {
  return kinds(partition, ["loadbalancer/app/*/*", "targetgroup/*/*", "listener/app/*/*/*", RULES]);
}

function kinds(partition: string, names: readonly string[]): string[] {
  return names.map((name) => `arn:${partition}:elasticloadbalancing:*:*:${name}`);
}

function owned(clusterName: pulumi.Input<string>) {
  return { StringEquals: { [`aws:ResourceTag/${OWNER_TAG}`]: clusterName } };
}
