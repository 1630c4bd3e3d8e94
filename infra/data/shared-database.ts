import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { RDS } from "../../constructs/versions";
import type { Administrator } from "../clones";
import { Component } from "../component";
import { EncryptionKey } from "../encryption-key";
import { MYSQL_FAMILY, MYSQL_PARAMETERS } from "./mysql-parameters";
import { PrivatePort } from "./private-port";

export interface SharedDatabaseArgs {
  /** Name of the instance within account and region. */
  readonly identifier: string;
  readonly vpcId: pulumi.Input<string>;
  /** Private ones, in two zones at least, as RDS wants it also for one instance. */
  readonly subnetIds: pulumi.Input<string>[];
  /** The only ones that may connect. */
  readonly clusterSecurityGroupId: pulumi.Input<string>;
  /** As in `db.t4g.small`. */
  readonly instanceClass: string;
  /** Size of the disk at first, in GiB; it grows by itself. */
  readonly storageGiB: number;
  /** Size beyond which it does not, in GiB. */
  readonly maxStorageGiB: number;
  /** Whether a second instance stands by in another zone. Doubles the cost. */
  readonly multiAz: boolean;
  /** Days for which each second can be restored. */
  readonly backupDays: number;
  /** Whether AWS and Pulumi refuse to delete it; without, it goes without a last snapshot. */
  readonly protect: boolean;
  /** Key for its logs: slow queries may show what customers wrote. */
  readonly logKeyArn: pulumi.Input<string>;
  /** Days for which its logs are kept. @default 30 */
  readonly logDays?: number;
}

const DEFAULTS = { logDays: 30 } as const;

type Settled = Required<SharedDatabaseArgs>;

/** Port that WordPress takes for granted. */
export const MYSQL_PORT = 3306;

/** The administrator, who makes schemas and users for clones and the jobs table. "admin" is what everybody tries first. */
const ADMINISTRATOR = "clone_admin";

/** Letters and digits alone, as every password of ours. */
const PASSWORD_LENGTH = 32;

/** UTC. Before the documents' backup of PostgreSQL at 02:00, so that one night's trouble is not both's. */
const BACKUP_WINDOW = "00:30-01:30";
const MAINTENANCE_WINDOW = "sun:22:00-sun:23:00";

/** What CloudWatch gets. The general log would hold every statement, contents included. */
const LOGS = ["error", "slowquery"] as const;

/** The MySQL that clones share, which holds the jobs table too: private, encrypted, backed up (PLAT-08). */
export class SharedDatabase extends Component {
  readonly host: pulumi.Output<string>;
  readonly port = MYSQL_PORT;
  readonly administrator: Administrator;
  /** Where the clones' dedicated databases are made, and what protects them. */
  readonly subnetGroup: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
  readonly nodes: { readonly instance: aws.rds.Instance };

  constructor(name: string, args: SharedDatabaseArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:SharedDatabase", name, opts);
    const settled: Settled = { ...DEFAULTS, ...args };
    const key = new EncryptionKey(
      this.nameOf("key"),
      { description: "Databases of clones and jobs", protect: args.protect },
      this.childOptions(),
    );
    const network = this.createNetwork(settled);
    const subnetGroup = this.createSubnetGroup(settled);
    const password = this.createPassword();
    const instance = this.createInstance(settled, { key, network, subnetGroup, password });

    this.nodes = { instance };
    this.host = instance.address;
    this.administrator = { user: ADMINISTRATOR, password: password.result };
    this.subnetGroup = subnetGroup.name;
    this.securityGroupId = network.securityGroupId;
    this.registerOutputs({ host: this.host, subnetGroup: this.subnetGroup, securityGroupId: this.securityGroupId });
  }

  private createNetwork({ vpcId, clusterSecurityGroupId }: SharedDatabaseArgs): PrivatePort {
    const description = "MySQL of clones and jobs";
    const args = { vpcId, clusterSecurityGroupId, description, port: MYSQL_PORT };
    return new PrivatePort(this.nameOf("network"), args, this.childOptions());
  }

  private createSubnetGroup({ subnetIds }: SharedDatabaseArgs): aws.rds.SubnetGroup {
    const description = "Private subnets of the databases";
    return new aws.rds.SubnetGroup(this.nameOf("subnets"), { subnetIds, description }, this.childOptions());
  }

  private createPassword(): random.RandomPassword {
    const args = { length: PASSWORD_LENGTH, special: false };
    return new random.RandomPassword(this.nameOf("password"), args, this.childOptions());
  }

  private createInstance(args: Settled, parts: Parts): aws.rds.Instance {
    const { protect } = args;
    const inputs: aws.rds.InstanceArgs = {
      ...RDS,
      identifier: args.identifier,
      instanceClass: args.instanceClass,
      ...this.storageOf(args, parts),
      ...this.accessOf(parts),
      ...this.backupsOf(args),
      multiAz: args.multiAz,
      parameterGroupName: this.createParameters().name,
      enabledCloudwatchLogsExports: [...LOGS],
      maintenanceWindow: MAINTENANCE_WINDOW,
      autoMinorVersionUpgrade: true,
      // A major version is a decision, and a restart: both wait for somebody.
      allowMajorVersionUpgrade: false,
      applyImmediately: false,
      deletionProtection: protect,
    };
    const dependsOn = this.createLogGroups(args);
    return new aws.rds.Instance(this.nameOf("instance"), inputs, this.childOptions({ protect, dependsOn }));
  }

  private storageOf({ storageGiB, maxStorageGiB }: SharedDatabaseArgs, { key }: Parts) {
    const size = { allocatedStorage: storageGiB, maxAllocatedStorage: maxStorageGiB, storageType: "gp3" };
    return { ...size, storageEncrypted: true, kmsKeyId: key.arn };
  }

  private accessOf({ network, subnetGroup, password }: Parts) {
    return {
      dbSubnetGroupName: subnetGroup.name,
      vpcSecurityGroupIds: [network.securityGroupId],
      publiclyAccessible: false,
      port: MYSQL_PORT,
      username: ADMINISTRATOR,
      password: password.result,
    };
  }

  private backupsOf({ identifier, backupDays, protect }: SharedDatabaseArgs) {
    const common = { backupRetentionPeriod: backupDays, backupWindow: BACKUP_WINDOW, copyTagsToSnapshot: true };
    if (!protect) return { ...common, skipFinalSnapshot: true, deleteAutomatedBackups: true };
    // Its name is taken for good once it was made: the next database's must be another.
    const suffix = new random.RandomId(this.nameOf("final-snapshot"), { byteLength: 4 }, this.childOptions());
    const finalSnapshotIdentifier = pulumi.interpolate`${identifier}-final-${suffix.hex}`;
    return { ...common, skipFinalSnapshot: false, finalSnapshotIdentifier, deleteAutomatedBackups: false };
  }

  private createParameters(): aws.rds.ParameterGroup {
    const description = "Shared MySQL: see infra/data/mysql-parameters.ts";
    const args = { family: MYSQL_FAMILY, description, parameters: MYSQL_PARAMETERS };
    return new aws.rds.ParameterGroup(this.nameOf("parameters"), args, this.childOptions());
  }

  /** Before the instance: RDS would make its own, which keep everything for ever and are nobody's to delete. */
  private createLogGroups({ identifier, logDays, logKeyArn }: Settled): aws.cloudwatch.LogGroup[] {
    return LOGS.map((log) => {
      const args = { name: `/aws/rds/instance/${identifier}/${log}`, retentionInDays: logDays, kmsKeyId: logKeyArn };
      return new aws.cloudwatch.LogGroup(this.nameOf(`log-${log}`), args, this.childOptions());
    });
  }
}

interface Parts {
  readonly key: EncryptionKey;
  readonly network: PrivatePort;
  readonly subnetGroup: aws.rds.SubnetGroup;
  readonly password: random.RandomPassword;
}
