import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";

export interface PrivatePortArgs {
  readonly vpcId: pulumi.Input<string>;
  /** What listens there, for whom reads the list of security groups. */
  readonly description: string;
  /** TCP port. */
  readonly port: number;
  /** Security group of the cluster's nodes and pods: the only ones that may connect. */
  readonly clusterSecurityGroupId: pulumi.Input<string>;
}

/** A security group with one way in, from the cluster to one port, and none out. */
export class PrivatePort extends Component {
  readonly securityGroupId: pulumi.Output<string>;
  readonly nodes: {
    readonly securityGroup: aws.ec2.SecurityGroup;
    readonly ingress: aws.vpc.SecurityGroupIngressRule;
  };

  constructor(name: string, args: PrivatePortArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:PrivatePort", name, opts);
    const securityGroup = this.createSecurityGroup(args);
    const ingress = this.createIngress(args, securityGroup);
    this.nodes = { securityGroup, ingress };
    this.securityGroupId = securityGroup.id;
    this.registerOutputs({ securityGroupId: this.securityGroupId });
  }

  private createSecurityGroup({ vpcId, description }: PrivatePortArgs): aws.ec2.SecurityGroup {
    // Rules are resources of their own: inline ones would remove each other's.
    return new aws.ec2.SecurityGroup(this.nameOf("security-group"), { vpcId, description }, this.childOptions());
  }

  private createIngress(
    { port, clusterSecurityGroupId }: PrivatePortArgs,
    securityGroup: aws.ec2.SecurityGroup,
  ): aws.vpc.SecurityGroupIngressRule {
    return new aws.vpc.SecurityGroupIngressRule(
      this.nameOf("from-cluster"),
      {
        securityGroupId: securityGroup.id,
        referencedSecurityGroupId: clusterSecurityGroupId,
        description: "From the cluster alone",
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
      },
      this.childOptions(),
    );
  }
}
