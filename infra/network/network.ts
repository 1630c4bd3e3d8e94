import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsTarget } from "../../constructs/settings";
import { Component } from "../component";
import { carve } from "./addresses";

export interface NetworkArgs {
  readonly region: string;
  /** Name of the cluster that will stand in it; Karpenter and load balancers find their subnets by it. */
  readonly clusterName: string;
  readonly settings: Pick<AwsTarget["network"], "cidr" | "zones" | "nat">;
  /** Whether Pulumi refuses to delete the VPC. */
  readonly protect: boolean;
}

/** Every address there is. */
const ANYWHERE = "0.0.0.0/0";

interface Zone {
  /** Its letter: `a` of eu-central-1a. */
  readonly letter: string;
  readonly privateSubnet: aws.ec2.Subnet;
  readonly publicSubnet: aws.ec2.Subnet;
  readonly intraSubnet: aws.ec2.Subnet;
}

/**
 * A VPC over three zones. Nodes stand in private subnets and go out by NAT; load balancers in public ones; databases in subnets
 * that have no way out at all.
 */
export class Network extends Component {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: string;
  readonly privateSubnetIds: readonly pulumi.Output<string>[];
  readonly publicSubnetIds: readonly pulumi.Output<string>[];
  readonly intraSubnetIds: readonly pulumi.Output<string>[];
  /** All route tables: where a gateway endpoint has to be known. */
  readonly routeTableIds: readonly pulumi.Output<string>[];
  readonly nodes: {
    readonly vpc: aws.ec2.Vpc;
    readonly zones: readonly Zone[];
    readonly natGateways: readonly aws.ec2.NatGateway[];
  };

  constructor(
    name: string,
    private readonly args: NetworkArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("network:Network", name, opts);
    const { settings } = args;
    const vpc = this.createVpc();
    this.closeDefaultGroup(vpc);
    const zones = this.createZones(vpc);
    const [publicTable, wayOut] = this.createPublicRoutes(vpc, zones);
    const natGateways = this.createNatGateways(zones.slice(0, settings.nat === "single" ? 1 : zones.length), wayOut);
    const privateTables = this.createPrivateRoutes(vpc, zones, natGateways);
    const intraTable = this.createIntraRoutes(vpc, zones);

    this.nodes = { vpc, zones, natGateways };
    this.vpcId = vpc.id;
    this.cidr = settings.cidr;
    this.privateSubnetIds = zones.map(({ privateSubnet }) => privateSubnet.id);
    this.publicSubnetIds = zones.map(({ publicSubnet }) => publicSubnet.id);
    this.intraSubnetIds = zones.map(({ intraSubnet }) => intraSubnet.id);
    this.routeTableIds = [publicTable, ...privateTables, intraTable].map(({ id }) => id);
    this.registerOutputs({ vpcId: this.vpcId });
  }

  private createVpc(): aws.ec2.Vpc {
    const { settings, clusterName, protect } = this.args;
    const args = {
      cidrBlock: settings.cidr,
      // Both for the names of endpoints and databases.
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: clusterName },
    };
    return new aws.ec2.Vpc(this.nameOf("vpc"), args, this.childOptions({ protect }));
  }

  /** Every VPC has a group that admits its own members; whatever names no group lands in it. Here it admits nothing. */
  private closeDefaultGroup(vpc: aws.ec2.Vpc): void {
    const args = { vpcId: vpc.id, ingress: [], egress: [], tags: { Name: `${this.args.clusterName}-closed` } };
    new aws.ec2.DefaultSecurityGroup(this.nameOf("default-group"), args, this.childOptions());
  }

  private createZones(vpc: aws.ec2.Vpc): Zone[] {
    const { clusterName, settings } = this.args;
    const addresses = carve(settings.cidr);
    return settings.zones.map((letter, index) => {
      const subnet = (kind: keyof typeof addresses, tags: Readonly<Record<string, string>>) =>
        this.createSubnet(vpc, { kind, letter, cidrBlock: addresses[kind][index] ?? "", tags });
      return {
        letter,
        privateSubnet: subnet("private", {
          "karpenter.sh/discovery": clusterName,
          "kubernetes.io/role/internal-elb": "1",
        }),
        publicSubnet: subnet("public", { "kubernetes.io/role/elb": "1" }),
        intraSubnet: subnet("intra", {}),
      };
    });
  }

  private createSubnet(
    vpc: aws.ec2.Vpc,
    { kind, letter, cidrBlock, tags }: { kind: string; letter: string; cidrBlock: string; tags: object },
  ): aws.ec2.Subnet {
    const { region, clusterName } = this.args;
    const args = {
      vpcId: vpc.id,
      cidrBlock,
      availabilityZone: `${region}${letter}`,
      mapPublicIpOnLaunch: false,
      tags: { Name: `${clusterName}-${kind}-${letter}`, ...tags },
    };
    return new aws.ec2.Subnet(this.nameOf(`${kind}-${letter}`), args, this.childOptions());
  }

  private createPublicRoutes(vpc: aws.ec2.Vpc, zones: readonly Zone[]): [aws.ec2.RouteTable, aws.ec2.Route] {
    const gateway = new aws.ec2.InternetGateway(this.nameOf("internet"), { vpcId: vpc.id }, this.childOptions());
    const table = this.createTable(vpc, "public");
    const route = { routeTableId: table.id, destinationCidrBlock: ANYWHERE, gatewayId: gateway.id };
    const wayOut = new aws.ec2.Route(this.nameOf("public-internet"), route, this.childOptions());
    for (const { letter, publicSubnet } of zones) this.lead(publicSubnet, table, `public-${letter}`);
    return [table, wayOut];
  }

  /** Each after the way out, and gone before it: an internet gateway can't go while addresses are in use. */
  private createNatGateways(zones: readonly Zone[], wayOut: aws.ec2.Route): aws.ec2.NatGateway[] {
    return zones.map(({ letter, publicSubnet }) => {
      const tags = { Name: `${this.args.clusterName}-${letter}` };
      const address = new aws.ec2.Eip(this.nameOf(`nat-${letter}`), { domain: "vpc", tags }, this.childOptions());
      return new aws.ec2.NatGateway(
        this.nameOf(`nat-${letter}`),
        { subnetId: publicSubnet.id, allocationId: address.id, tags },
        this.childOptions({ dependsOn: [wayOut] }),
      );
    });
  }

  /** A table for each zone even where one gateway serves all: a second gateway then changes a route, and no subnet. */
  private createPrivateRoutes(
    vpc: aws.ec2.Vpc,
    zones: readonly Zone[],
    natGateways: readonly aws.ec2.NatGateway[],
  ): aws.ec2.RouteTable[] {
    return zones.map(({ letter, privateSubnet }, index) => {
      const table = this.createTable(vpc, `private-${letter}`);
      const natGatewayId = (natGateways[index] ?? natGateways[0])?.id;
      const route = { routeTableId: table.id, destinationCidrBlock: ANYWHERE, natGatewayId };
      new aws.ec2.Route(this.nameOf(`private-${letter}-nat`), route, this.childOptions());
      this.lead(privateSubnet, table, `private-${letter}`);
      return table;
    });
  }

  private createIntraRoutes(vpc: aws.ec2.Vpc, zones: readonly Zone[]): aws.ec2.RouteTable {
    const table = this.createTable(vpc, "intra");
    for (const { letter, intraSubnet } of zones) this.lead(intraSubnet, table, `intra-${letter}`);
    return table;
  }

  private createTable(vpc: aws.ec2.Vpc, kind: string): aws.ec2.RouteTable {
    const args = { vpcId: vpc.id, tags: { Name: `${this.args.clusterName}-${kind}` } };
    return new aws.ec2.RouteTable(this.nameOf(kind), args, this.childOptions());
  }

  private lead(subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable, name: string): void {
    const args = { subnetId: subnet.id, routeTableId: table.id };
    new aws.ec2.RouteTableAssociation(this.nameOf(name), args, this.childOptions());
  }
}
