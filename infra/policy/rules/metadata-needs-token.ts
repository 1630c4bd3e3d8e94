import type { ResourceRule } from "../rule";
import { Demand, isGiven, unmet } from "../values";

/** One hop ends in the node: a pod is one further. */
const HOP_LIMIT = 1;

const demands = (options: string): readonly Demand[] => [
  {
    path: `${options}.httpTokens`,
    holds: (value) => value === "required",
    reason: "without a token, a request that a service was talked into making gets the node's credentials",
    remedy: 'Set it to "required" (IMDSv2)',
  },
  {
    path: `${options}.httpPutResponseHopLimit`,
    holds: (value) => Number(value) === HOP_LIMIT,
    reason: "a pod is one hop behind its node, and would get the node's rights beside its own",
    remedy: `Set it to ${HOP_LIMIT}; pods get rights by Pod Identity`,
  },
];

const AWS = demands("metadataOptions");

const DEMANDS: Readonly<Record<string, readonly Demand[]>> = {
  "aws:ec2/launchTemplate:LaunchTemplate": AWS,
  "aws:ec2/launchConfiguration:LaunchConfiguration": AWS,
  "aws:ec2/instance:Instance": AWS,
  "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": demands("spec.metadataOptions"),
  "aws:eks/nodeGroup:NodeGroup": [
    {
      path: "launchTemplate",
      holds: isGiven,
      reason: "without a template of ours, nodes answer without a token, and pods two hops away",
      remedy: "Give the node group a launch template",
    },
  ],
};

export const metadataNeedsToken: ResourceRule = {
  name: "metadata-needs-token",
  description:
    "Nodes tell their credentials for a token alone, and to nobody but themselves (IMDSv2, hop limit 1): or each pod could act as its node.",
  check: ({ type, props }) => unmet(props, DEMANDS[type] ?? []),
};
