import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Network } from "./network";

export interface EndpointsArgs {
  readonly region: string;
  readonly network: Pick<Network, "vpcId" | "cidr" | "privateSubnetIds" | "routeTableIds">;
  /** Whether there are endpoints beside that of S3, which costs nothing. */
  readonly interfaces: boolean;
}

/** What a node needs to start and a pod to get its role, and what Karpenter asks all day: they go on when NAT doesn't. */
const INTERFACES = ["ec2", "ecr.api", "ecr.dkr", "eks-auth", "sqs", "sts"] as const;

/** AWS' services from within the VPC, past NAT gateways and internet. */
export class Endpoints extends Component {
  readonly nodes: {
    readonly s3: aws.ec2.VpcEndpoint;
    readonly interfaces: readonly aws.ec2.VpcEndpoint[];
  };

  constructor(name: string, args: EndpointsArgs, opts: pulumi.ComponentResourceOptions) {
    super("network:Endpoints", name, opts);
    const s3 = this.createS3(args);
    this.nodes = { s3, interfaces: args.interfaces ? this.createInterfaces(args) : [] };
    this.registerOutputs({ s3: s3.id });
  }

  /** Layers of images come from S3, so that each of them would pay for NAT. */
  private createS3({ region, network }: EndpointsArgs): aws.ec2.VpcEndpoint {
    const args = {
      vpcId: network.vpcId,
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: [...network.routeTableIds],
    };
    return new aws.ec2.VpcEndpoint(this.nameOf("s3"), args, this.childOptions());
  }

  private createInterfaces({ region, network }: EndpointsArgs): aws.ec2.VpcEndpoint[] {
    const group = this.createGroup(network);
    return INTERFACES.map((service) => {
      const args = {
        vpcId: network.vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: "Interface",
        subnetIds: [...network.privateSubnetIds],
        securityGroupIds: [group.id],
        privateDnsEnabled: true,
      };
      return new aws.ec2.VpcEndpoint(this.nameOf(service), args, this.childOptions());
    });
  }

  private createGroup({ vpcId, cidr }: EndpointsArgs["network"]): aws.ec2.SecurityGroup {
    const description = "Endpoints of AWS services: HTTPS from within the VPC";
    const group = new aws.ec2.SecurityGroup(this.nameOf("group"), { vpcId, description }, this.childOptions());
    const rule = { securityGroupId: group.id, cidrIpv4: cidr, ipProtocol: "tcp", fromPort: 443, toPort: 443 };
    new aws.vpc.SecurityGroupIngressRule(this.nameOf("https"), rule, this.childOptions());
    return group;
  }
}
