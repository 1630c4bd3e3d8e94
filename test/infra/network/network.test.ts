import * as aws from "@pulumi/aws";
import { parseSettings } from "../../../constructs/settings";
import { carve } from "../../../infra/network/addresses";
import { Endpoints } from "../../../infra/network/endpoints";
import { FlowLogs } from "../../../infra/network/flow-logs";
import { Network } from "../../../infra/network/network";
import { Planned, planned } from "../../support/planned";

const CLUSTER = "loomworks-staging";

function register(settings: object = {}, interfaces = true): Promise<Planned> {
  return planned(() => {
    const opts = { providers: [new aws.Provider("aws", {})] };
    const { network } = parseSettings({ aws: { network: settings } }).aws;
    const base = { region: "eu-central-1", clusterName: CLUSTER };
    const made = new Network("network", { ...base, settings: network, protect: true }, opts);
    new Endpoints("endpoints", { ...base, network: made, interfaces }, opts);
    const keyArn = "arn of the key";
    new FlowLogs(
      "flow-logs",
      { account: "111122223333", clusterName: CLUSTER, vpcId: made.vpcId, keyArn, days: 90 },
      opts,
    );
  });
}

const LETTERS = ["a", "b", "c"];
const id = (name: string) => `[id of network-${name}]`;

describe("[PLAT-01] The network's addresses", () => {
  const range = (cidr: string): [number, number] => {
    const [address, bits] = cidr.split("/");
    const first = address!.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
    return [first, first + 2 ** (32 - Number(bits))];
  };

  it.each(["10.0.0.0/16", "10.200.16.0/20", "100.64.0.0/18", "192.168.128.0/17"])(
    "of %s are within it, and no two subnets share one",
    (cidr) => {
      const [first, end] = range(cidr);
      const all = Object.values(carve(cidr)).flat().map(range);
      expect(all).toHaveLength(9);
      for (const [from, to] of all) {
        expect(from).toBeGreaterThanOrEqual(first);
        expect(to).toBeLessThanOrEqual(end);
        expect(all.filter(([otherFrom, otherTo]) => from < otherTo && otherFrom < to)).toHaveLength(1);
      }
    },
  );

  it("are mostly those of nodes and pods", () => {
    expect(carve("10.0.0.0/16")).toEqual({
      private: ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"],
      public: ["10.0.192.0/22", "10.0.196.0/22", "10.0.200.0/22"],
      intra: ["10.0.208.0/22", "10.0.212.0/22", "10.0.216.0/22"],
    });
  });
});

describe("[PLAT-01] The network", () => {
  let plan: Planned;

  beforeAll(async () => {
    plan = await register();
  });

  it("has three subnets of each kind, one in each zone, that are found by their tags and give no public addresses", () => {
    const tags = {
      private: { "karpenter.sh/discovery": CLUSTER, "kubernetes.io/role/internal-elb": "1" },
      public: { "kubernetes.io/role/elb": "1" },
      intra: {},
    };
    const addresses = carve("10.0.0.0/16");
    for (const kind of ["private", "public", "intra"] as const) {
      LETTERS.forEach((letter, index) => {
        expect(plan.get(`network-${kind}-${letter}`, "aws:ec2/subnet:Subnet").inputs).toEqual({
          vpcId: id("vpc"),
          cidrBlock: addresses[kind][index],
          availabilityZone: `eu-central-1${letter}`,
          mapPublicIpOnLaunch: false,
          tags: { Name: `${CLUSTER}-${kind}-${letter}`, ...tags[kind] },
        });
      });
    }
    expect(plan.all("Subnet")).toHaveLength(9);
  });

  it("leads private subnets through the NAT gateway of their own zone, public ones to the internet, intra ones nowhere", () => {
    const routes = plan
      .all("Route")
      .map(({ inputs }) => [inputs.routeTableId, inputs.natGatewayId ?? inputs.gatewayId]);
    expect(Object.fromEntries(routes)).toEqual({
      [id("public")]: id("internet"),
      ...Object.fromEntries(LETTERS.map((letter) => [id(`private-${letter}`), id(`nat-${letter}`)])),
    });
    const tables = plan.all("RouteTableAssociation").map(({ inputs }) => [inputs.subnetId, inputs.routeTableId]);
    expect(Object.fromEntries(tables)).toEqual({
      ...Object.fromEntries(LETTERS.map((letter) => [id(`public-${letter}`), id("public")])),
      ...Object.fromEntries(LETTERS.map((letter) => [id(`private-${letter}`), id(`private-${letter}`)])),
      ...Object.fromEntries(LETTERS.map((letter) => [id(`intra-${letter}`), id("intra")])),
    });
  });

  it("sends all zones through one NAT gateway where the stack says so, by tables of their own still", async () => {
    const single = await register({ nat: "single" });
    expect(single.all("NatGateway").map(({ name }) => name)).toEqual(["network-nat-a"]);
    const routes = single.all("Route").filter(({ inputs }) => inputs.natGatewayId !== undefined);
    expect(routes.map(({ inputs }) => [inputs.routeTableId, inputs.natGatewayId])).toEqual(
      LETTERS.map((letter) => [id(`private-${letter}`), id("nat-a")]),
    );
  });

  it("takes the gateways down before the way out that their addresses need", () => {
    for (const letter of LETTERS) {
      const before = plan.before(`network-nat-${letter}`, "aws:ec2/natGateway:NatGateway");
      expect(before).toEqual(expect.arrayContaining(["network-public-internet", `network-public-${letter}`]));
    }
  });

  it("admits nothing by the group that everything lands in which names none", () => {
    expect(plan.get("network-default-group").inputs).toMatchObject({ ingress: [], egress: [] });
  });

  it("is protected where the stack says so", () => {
    expect(plan.resources.filter(({ protect }) => protect).map(({ name }) => name)).toEqual(["network-vpc"]);
  });

  it("reaches S3 from every subnet past NAT, and the other services by HTTPS from within alone", () => {
    expect(plan.get("endpoints-s3").inputs).toEqual({
      vpcId: id("vpc"),
      serviceName: "com.amazonaws.eu-central-1.s3",
      vpcEndpointType: "Gateway",
      routeTableIds: ["public", "private-a", "private-b", "private-c", "intra"].map(id),
    });
    const interfaces = plan.all("VpcEndpoint").filter(({ inputs }) => inputs.vpcEndpointType === "Interface");
    expect(interfaces.map(({ inputs }) => String(inputs.serviceName).split(".").slice(3).join("."))).toEqual([
      "ec2",
      "ecr.api",
      "ecr.dkr",
      "eks-auth",
      "sqs",
      "sts",
    ]);
    for (const { inputs } of interfaces) {
      expect(inputs).toMatchObject({
        privateDnsEnabled: true,
        subnetIds: LETTERS.map((letter) => id(`private-${letter}`)),
        securityGroupIds: ["[id of endpoints-group]"],
      });
    }
    expect(plan.all("SecurityGroupIngressRule").map(({ inputs }) => inputs)).toEqual([
      {
        securityGroupId: "[id of endpoints-group]",
        cidrIpv4: "10.0.0.0/16",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
      },
    ]);
  });

  it("has no endpoint that costs anything where the stack wants none", async () => {
    const without = await register({}, false);
    expect(without.all("VpcEndpoint").map(({ name }) => name)).toEqual(["endpoints-s3"]);
    expect(without.all("SecurityGroup")).toEqual([]);
  });

  it("logs who spoke with whom, encrypted, for as long as the stack says, into one group and by a right to that alone", () => {
    expect(plan.get("flow-logs-group").inputs).toEqual({
      name: `/aws/vpc/${CLUSTER}/flow-logs`,
      retentionInDays: 90,
      kmsKeyId: "arn of the key",
    });
    expect(plan.statements("flow-logs-write")).toEqual({
      AllowWritingOwnGroup: {
        Sid: "AllowWritingOwnGroup",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        Resource: "[arn of flow-logs-group]:*",
      },
    });
    expect(plan.statements("flow-logs-role", "assumeRolePolicy")).toMatchObject({
      AllowFlowLogsToAssumeRole: {
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } },
      },
    });
    expect(plan.get("flow-logs-log").inputs).toMatchObject({ trafficType: "ALL", vpcId: id("vpc") });
    expect(plan.before("flow-logs-log")).toContain("flow-logs-write");
  });

  it("makes every resource by the provider that it was given, below one of its components", () => {
    const made = plan.resources.filter(({ custom, type }) => custom && type.startsWith("aws:"));
    expect(made.length).toBeGreaterThan(40);
    const components = ["network", "endpoints", "flow-logs"].map((name) => plan.get(name).urn);
    for (const { provider, parent } of made) {
      expect(provider).toBe(plan.get("aws").urn);
      expect(components).toContain(parent);
    }
  });
});
