import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { trustOf } from "./policy";

export interface NodeRoleArgs {
  readonly partition: string;
  /** Whose nodes take it on, for people. */
  readonly description: string;
}

/** What a node needs to join, to give its pods addresses, to pull images, and to be looked into without SSH. */
export const NODE_POLICIES = [
  "AmazonEKSWorkerNodePolicy",
  "AmazonEKS_CNI_Policy",
  "AmazonEC2ContainerRegistryPullOnly",
  "AmazonSSMManagedInstanceCore",
] as const;

/** The role of nodes themselves. Their pods don't get it: the instance's metadata answers within one hop alone. */
export class NodeRole extends Component {
  readonly arn: pulumi.Output<string>;
  readonly roleName: pulumi.Output<string>;
  readonly nodes: { readonly role: aws.iam.Role; readonly attachments: readonly aws.iam.RolePolicyAttachment[] };

  constructor(name: string, { partition, description }: NodeRoleArgs, opts: pulumi.ComponentResourceOptions) {
    super("cluster:NodeRole", name, opts);
    const trust = { description, assumeRolePolicy: trustOf("ec2.amazonaws.com") };
    const role = new aws.iam.Role(this.nameOf("role"), trust, this.childOptions());
    const attachments = NODE_POLICIES.map((policy) => {
      const args = { role: role.name, policyArn: `arn:${partition}:iam::aws:policy/${policy}` };
      return new aws.iam.RolePolicyAttachment(this.nameOf(policy), args, this.childOptions());
    });
    this.nodes = { role, attachments };
    this.arn = role.arn;
    this.roleName = role.name;
    this.registerOutputs({ arn: this.arn });
  }
}
