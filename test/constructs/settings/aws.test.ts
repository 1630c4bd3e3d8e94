import { parseSettings, Purpose } from "../../../constructs/settings";
import { InvalidInputError } from "../../../constructs/shared/problems";

const GIVEN = { account: "111122223333", region: "eu-central-1", domain: "platform.example.com" };

/** Codes and paths of what is wrong with `raw`. */
function problemsOf(raw: unknown, purpose?: Purpose): string[] {
  try {
    parseSettings(raw, purpose);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ code, path }) => `${code} ${path}`);
    throw error;
  }
  return [];
}

describe("[PLAT-10] The settings of a stack in AWS", () => {
  it("are right with the three that nobody else can know", () => {
    const { aws } = parseSettings({ target: "aws", aws: GIVEN });
    expect(aws).toMatchObject({
      ...GIVEN,
      network: { cidr: "10.0.0.0/16", zones: ["a", "b", "c"], nat: "zonal", interfaceEndpoints: true },
      cluster: { logDays: 90, protect: true, systemNodes: { capacity: "on-demand", count: 3 } },
      karpenter: { general: { cpu: "100", memory: "200Gi" }, buffer: { mode: "pause" } },
    });
  });

  it("take an account as pulumi config set writes it, a number", () => {
    expect(parseSettings({ aws: { account: 111122223333 } }).aws.account).toBe("111122223333");
  });

  it.each(["account", "region", "domain"])("are wrong without %s, and say so", (key) => {
    const aws = { ...GIVEN, [key]: undefined };
    expect(problemsOf({ aws }, "preview")).toEqual([`SETTING_MISSING aws.${key}`]);
  });

  it("ask for all three at once, a preview for no more, and synth for none", () => {
    const three = ["SETTING_MISSING aws.account", "SETTING_MISSING aws.region", "SETTING_MISSING aws.domain"];
    expect(problemsOf({}, "preview")).toEqual(three);
    expect(problemsOf({}, "up")).toEqual([...three, "SETTING_MISSING aws.cluster.publicAccess"]);
    expect(problemsOf({}, "synth")).toEqual([]);
  });

  it("are asked for by no local stack", () => {
    expect(problemsOf({ target: "local", aws: { network: { nat: "single" } } }, "up")).toEqual([]);
  });

  it.each<[string, object, string]>([
    ["account of eleven digits", { account: "11112222333" }, "SETTING_ACCOUNT aws.account"],
    ["account without quotes, whose zero YAML dropped", { account: 11122223333 }, "SETTING_ACCOUNT aws.account"],
    ["zone as region", { region: "eu-central-1a" }, "SETTING_REGION aws.region"],
    ["address as domain", { domain: "https://example.com" }, "SETTING_DOMAIN aws.domain"],
    ["public VPC", { network: { cidr: "8.8.0.0/16" } }, "SETTING_NETWORK aws.network.cidr"],
    ["two zones", { network: { zones: ["a", "b"] } }, "SETTING_RANGE aws.network.zones"],
    ["zone with its region", { network: { zones: ["eu-central-1a", "b", "c"] } }, "SETTING_ZONE aws.network.zones.0"],
    ["one zone twice", { network: { zones: ["a", "b", "b"] } }, "AWS_ZONES aws.network.zones"],
    ["NAT of no kind", { network: { nat: "instance" } }, "SETTING_CHOICE aws.network.nat"],
    ["days that CloudWatch doesn't know", { network: { flowLogDays: 8 } }, "SETTING_CHOICE aws.network.flowLogDays"],
    [
      "API server for everybody",
      { cluster: { publicAccess: ["0.0.0.0/0"] } },
      "SETTING_ADDRESSES aws.cluster.publicAccess.0",
    ],
    ["text for a list", { cluster: { publicAccess: "203.0.113.0/24" } }, "SETTING_TYPE aws.cluster.publicAccess"],
    [
      "administrator by name",
      { cluster: { administrators: ["alice"] } },
      "SETTING_PRINCIPAL aws.cluster.administrators.0",
    ],
    ["one system node", { cluster: { systemNodes: { count: 1 } } }, "SETTING_RANGE aws.cluster.systemNodes.count"],
    [
      "family without a size",
      { karpenter: { general: { instanceTypes: ["t3"] } } },
      "SETTING_INSTANCE aws.karpenter.general.instanceTypes.0",
    ],
    ["database of no class", { data: { databaseClass: "t4g.small" } }, "SETTING_INSTANCE aws.data.databaseClass"],
    [
      "repository with credentials",
      { delivery: { repository: "https://me:secret@github.com/acme/platform" } },
      "SETTING_REPOSITORY aws.delivery.repository",
    ],
    [
      "no node on which PostgreSQL may stand",
      { karpenter: { general: { capacity: "spot" } } },
      "AWS_POSTGRES_NODE aws.karpenter.general.capacity",
    ],
    ["delivery from nowhere", { delivery: { by: "argocd" } }, "SETTING_MISSING aws.delivery.repository"],
    [
      "buffer of a type whose size nobody knows",
      { karpenter: { buffer: { instanceType: "p5.48xlarge" } } },
      "SETTING_CHOICE aws.karpenter.buffer.instanceType",
    ],
  ])("refuse: %s", (_, wrong, expected) => {
    expect(problemsOf({ target: "aws", aws: { ...GIVEN, ...wrong } })).toEqual([expected]);
  });

  it.each(["10.0.0.0/24", "10.0.16.0/16"])("refuse a VPC of %s", (cidr) => {
    expect(problemsOf({ target: "local", aws: { network: { cidr } } })).toEqual(["AWS_VPC aws.network.cidr"]);
  });

  it("take spot nodes alone where PostgreSQL may stand on them", () => {
    const aws = { ...GIVEN, karpenter: { general: { capacity: "spot" } } };
    expect(problemsOf({ target: "aws", aws, loomworks: { postgres: { spot: true } } })).toEqual([]);
  });

  it("refuse policies that admit nothing of the VPC", () => {
    const aws = { ...GIVEN, network: { cidr: "10.7.0.0/16" } };
    expect(problemsOf({ target: "aws", aws })).toEqual([
      "AWS_OUTSIDE_VPC clones.apiServer.network",
      "AWS_OUTSIDE_VPC clones.sharedDatabase.network",
      "AWS_OUTSIDE_VPC clones.service.jobsDatabase.network",
    ]);
    const within = { apiServer: { network: "10.7.0.0/18" }, sharedDatabase: { network: "10.7.0.0/16" } };
    expect(problemsOf({ target: "aws", aws, clones: within })).toEqual([]);
  });

  it("are held against each other also where one of them is no setting at all", () => {
    expect(problemsOf({ target: "aws", aws: { ...GIVEN, domain: "*.x", network: { cidr: "10.7.0.0/16" } } })).toEqual([
      "SETTING_DOMAIN aws.domain",
      "AWS_OUTSIDE_VPC clones.apiServer.network",
      "AWS_OUTSIDE_VPC clones.sharedDatabase.network",
      "AWS_OUTSIDE_VPC clones.service.jobsDatabase.network",
    ]);
  });
});
