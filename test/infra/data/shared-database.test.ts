import * as aws from "@pulumi/aws";
import * as random from "@pulumi/random";
import { RDS } from "../../../constructs/versions";
import { SharedDatabase, SharedDatabaseArgs } from "../../../infra/data/shared-database";
import { SECRET, UNKNOWN } from "../../../infra/plan/model";
import { Planned, planned } from "../../support/planned";

const ARGS: SharedDatabaseArgs = {
  identifier: "loomworks-production",
  vpcId: "vpc-1",
  subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  clusterSecurityGroupId: "sg-cluster",
  instanceClass: "db.t4g.medium",
  storageGiB: 50,
  maxStorageGiB: 200,
  multiAz: true,
  backupDays: 14,
  protect: true,
  logKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/logs",
};

function made(args: Partial<SharedDatabaseArgs> = {}): Promise<Planned> {
  return planned(() => {
    const providers = [new aws.Provider("aws", {}), new random.Provider("random", {})];
    new SharedDatabase("database", { ...ARGS, ...args }, { providers });
  });
}

describe("[PLAT-08] The shared database", () => {
  let plan: Planned;
  const inputs = (name: string) => plan.get(name).inputs as any;

  beforeAll(async () => {
    plan = await made();
  });

  it("is these resources, each by the provider that was given", () => {
    expect(plan.names()).toEqual([
      "Alias database-key-alias",
      "EncryptionKey database-key",
      "Instance database-instance",
      "Key database-key-key",
      "LogGroup database-log-error",
      "LogGroup database-log-slowquery",
      "ParameterGroup database-parameters",
      "PrivatePort database-network",
      "RandomId database-final-snapshot",
      "RandomPassword database-password",
      "SecurityGroup database-network-security-group",
      "SecurityGroupIngressRule database-network-from-cluster",
      "SharedDatabase database",
      "SubnetGroup database-subnets",
    ]);
    for (const { type, provider, custom } of plan.resources.filter(({ type: kind }) => /^(aws|random):/.test(kind))) {
      expect([custom, provider]).toEqual([true, plan.get(type.split(":")[0]!).urn]);
    }
  });

  it("is MySQL of the pinned version, in private subnets, closed to the internet", () => {
    expect(inputs("database-instance")).toMatchObject({
      ...RDS,
      instanceClass: "db.t4g.medium",
      multiAz: true,
      publiclyAccessible: false,
      dbSubnetGroupName: "[name of database-subnets]",
      vpcSecurityGroupIds: ["[id of database-network-security-group]"],
    });
    expect(inputs("database-subnets").subnetIds).toEqual(ARGS.subnetIds);
  });

  it("lets the cluster connect to MySQL's port, and nobody else, and connects to nobody itself", () => {
    expect(inputs("database-network-from-cluster")).toEqual({
      securityGroupId: "[id of database-network-security-group]",
      referencedSecurityGroupId: "sg-cluster",
      description: "From the cluster alone",
      ipProtocol: "tcp",
      fromPort: 3306,
      toPort: 3306,
    });
    expect(plan.all("SecurityGroupEgressRule")).toEqual([]);
    expect(inputs("database-network-security-group")).not.toHaveProperty("ingress");
  });

  it("is encrypted by a key of ours that AWS renews each year", () => {
    expect(inputs("database-instance")).toMatchObject({
      storageEncrypted: true,
      kmsKeyId: "[arn of database-key-key]",
    });
    expect(inputs("database-key-key")).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
  });

  it("is backed up, and a last time before it goes", () => {
    expect(inputs("database-instance")).toMatchObject({
      backupRetentionPeriod: 14,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: UNKNOWN,
      deleteAutomatedBackups: false,
    });
  });

  it("is refused to whoever would delete it, by AWS and by Pulumi; so is its key", () => {
    expect(inputs("database-instance").deletionProtection).toBe(true);
    const guarded = plan.resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(guarded.sort()).toEqual(["database-instance", "database-key-key"]);
  });

  it("shows its master password to nobody", () => {
    const { inputs: shown, secretPaths } = plan.get("database-instance");
    expect(shown.password).toBe(SECRET);
    expect(secretPaths).toContain("password");
    expect(inputs("database-password")).toEqual({ length: 32, special: false });
  });

  it("grows by itself, up to a bound", () => {
    expect(inputs("database-instance")).toMatchObject({ allocatedStorage: 50, maxAllocatedStorage: 200 });
  });

  it("has parameters of its version's family, each as RDS takes them without a restart", () => {
    const { family, parameters } = inputs("database-parameters");
    expect(family).toBe("mysql8.4");
    expect(parameters.map(({ name, value }: any) => [name, value])).toEqual([
      ["require_secure_transport", "0"],
      ["max_allowed_packet", "67108864"],
      ["log_output", "FILE"],
      ["slow_query_log", "1"],
      ["long_query_time", "2"],
    ]);
    expect(new Set(parameters.map(({ applyMethod }: any) => applyMethod))).toEqual(new Set(["immediate"]));
  });

  it("logs into groups that end, which are there before RDS would make its own", () => {
    expect(inputs("database-log-error")).toEqual({
      name: "/aws/rds/instance/loomworks-production/error",
      retentionInDays: 30,
      kmsKeyId: ARGS.logKeyArn,
    });
    expect(inputs("database-instance").enabledCloudwatchLogsExports).toEqual(["error", "slowquery"]);
    expect(plan.before("database-instance")).toEqual(
      expect.arrayContaining(["database-log-error", "database-log-slowquery"]),
    );
  });
});

describe("A shared database that may go", () => {
  it("goes without a trace: no protection, no last snapshot, no name that would be taken for good", async () => {
    const plan = await made({ protect: false });
    expect(plan.get("database-instance").inputs).toMatchObject({
      deletionProtection: false,
      skipFinalSnapshot: true,
      deleteAutomatedBackups: true,
    });
    expect(plan.resources.filter(({ protect }) => protect)).toEqual([]);
    expect(plan.all("RandomId")).toEqual([]);
  });
});
