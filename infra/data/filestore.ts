import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, Statement } from "../cluster/policy";
import { Component } from "../component";
import { EncryptionKey } from "../encryption-key";
import { PrivatePort } from "./private-port";

export interface FilestoreArgs {
  readonly vpcId: pulumi.Input<string>;
  /** Private ones, one a zone, by a name that stays the same: that of the zone. */
  readonly subnetIds: Readonly<Record<string, pulumi.Input<string>>>;
  /** The only ones that may connect. */
  readonly clusterSecurityGroupId: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
}

const NFS_PORT = 2049;

/** Days without a read after which a file moves to the cheaper class; the first read brings it back. */
const COLD_AFTER = "AFTER_30_DAYS";

/**
 * The file system behind every volume that pods of several zones share: Odoo's filestore, WAL archive, backups (LOOM-05). Each
 * volume claim gets an access point of its own, made by the EFS driver, with a folder and a user that the pods can't leave.
 * $0.30 a GB and month, $0.025 once it is cold.
 */
export class Filestore extends Component {
  readonly id: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: {
    readonly fileSystem: aws.efs.FileSystem;
    readonly mountTargets: readonly aws.efs.MountTarget[];
  };

  constructor(name: string, args: FilestoreArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:Filestore", name, opts);
    const key = new EncryptionKey(
      this.nameOf("key"),
      { description: "Shared volumes", protect: args.protect },
      this.childOptions(),
    );
    const fileSystem = this.createFileSystem(key, args.protect);
    this.createBackups(fileSystem);
    this.createPolicy(fileSystem);
    const mountTargets = this.createMountTargets(args, fileSystem);
    this.nodes = { fileSystem, mountTargets };
    this.id = fileSystem.id;
    this.arn = fileSystem.arn;
    this.registerOutputs({ id: this.id });
  }

  private createFileSystem(key: EncryptionKey, protect: boolean): aws.efs.FileSystem {
    return new aws.efs.FileSystem(
      this.nameOf("file-system"),
      {
        encrypted: true,
        kmsKeyId: key.arn,
        // Paid by what is read and written: bursts of a backup need no provisioned throughput.
        throughputMode: "elastic",
        lifecyclePolicies: [{ transitionToIa: COLD_AFTER }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
      },
      this.childOptions({ protect }),
    );
  }

  /** AWS Backup's own plan for EFS: each day, kept for 35. */
  private createBackups({ id: fileSystemId }: aws.efs.FileSystem): void {
    const args = { fileSystemId, backupPolicy: { status: "ENABLED" } };
    new aws.efs.BackupPolicy(this.nameOf("backups"), args, this.childOptions());
  }

  private createPolicy(fileSystem: aws.efs.FileSystem): void {
    const args = { fileSystemId: fileSystem.id, policy: policyDocument(statements(fileSystem.arn)) };
    new aws.efs.FileSystemPolicy(this.nameOf("policy"), args, this.childOptions());
  }

  private createMountTargets(args: FilestoreArgs, fileSystem: aws.efs.FileSystem): aws.efs.MountTarget[] {
    const { vpcId, clusterSecurityGroupId } = args;
    const description = "NFS of the shared volumes";
    const network = new PrivatePort(
      this.nameOf("network"),
      { vpcId, clusterSecurityGroupId, description, port: NFS_PORT },
      this.childOptions(),
    );
    return Object.entries(args.subnetIds).map(([zone, subnetId]) => {
      const target = { fileSystemId: fileSystem.id, subnetId, securityGroups: [network.securityGroupId] };
      return new aws.efs.MountTarget(this.nameOf(`mount-${zone}`), target, this.childOptions());
    });
  }
}

/**
 * Whoever gets through the security group may mount over TLS, through a mount target of ours; nobody gets root's rights. After
 * EFS' "Example IAM policies for NFS": a policy with any statement ends the open default.
 */
function statements(arn: pulumi.Input<string>): Statement[] {
  const ours = { Principal: { AWS: "*" }, Resource: arn };
  return [
    {
      Sid: "AllowMountThroughMountTargets",
      ...ours,
      Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
      Condition: { Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" } },
    },
    {
      Sid: "DenyInsecureTransport",
      Effect: "Deny",
      ...ours,
      Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ];
}
