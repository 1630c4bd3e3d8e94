import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../cluster/policy";
import { Component } from "../component";

export interface FlowLogsArgs {
  readonly account: string;
  readonly clusterName: string;
  readonly vpcId: pulumi.Input<string>;
  /** KMS key of the logs. */
  readonly keyArn: pulumi.Input<string>;
  /** Days that they are kept. */
  readonly days: number;
}

/** Who spoke with whom in the VPC, refused connections included. */
export class FlowLogs extends Component {
  readonly nodes: {
    readonly group: aws.cloudwatch.LogGroup;
    readonly role: aws.iam.Role;
    readonly log: aws.ec2.FlowLog;
  };

  constructor(name: string, args: FlowLogsArgs, opts: pulumi.ComponentResourceOptions) {
    super("network:FlowLogs", name, opts);
    const group = this.createGroup(args);
    const role = this.createRole(args);
    const rights = this.grant(role, group);
    const log = this.createLog(args, group, role, rights);
    this.nodes = { group, role, log };
    this.registerOutputs({ group: group.name });
  }

  private createGroup({ clusterName, days, keyArn }: FlowLogsArgs): aws.cloudwatch.LogGroup {
    const args = { name: `/aws/vpc/${clusterName}/flow-logs`, retentionInDays: days, kmsKeyId: keyArn };
    return new aws.cloudwatch.LogGroup(this.nameOf("group"), args, this.childOptions());
  }

  private createRole({ account, clusterName }: FlowLogsArgs): aws.iam.Role {
    const trust = {
      Sid: "AllowFlowLogsToAssumeRole",
      Principal: { Service: "vpc-flow-logs.amazonaws.com" },
      Action: "sts:AssumeRole",
      // The service acts for every account: for ours alone.
      Condition: { StringEquals: { "aws:SourceAccount": account } },
    };
    const description = `Flow logs of ${clusterName}`;
    const args = { description, assumeRolePolicy: policyDocument([trust]) };
    return new aws.iam.Role(this.nameOf("role"), args, this.childOptions());
  }

  private grant(role: aws.iam.Role, group: aws.cloudwatch.LogGroup): aws.iam.RolePolicy {
    const policy = policyDocument([
      {
        Sid: "AllowWritingOwnGroup",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        Resource: pulumi.interpolate`${group.arn}:*`,
      },
    ]);
    return new aws.iam.RolePolicy(
      this.nameOf("write"),
      { role: role.name, name: "write", policy },
      this.childOptions(),
    );
  }

  private createLog(
    { vpcId }: FlowLogsArgs,
    group: aws.cloudwatch.LogGroup,
    role: aws.iam.Role,
    rights: aws.iam.RolePolicy,
  ): aws.ec2.FlowLog {
    const args = { vpcId, trafficType: "ALL", logDestination: group.arn, iamRoleArn: role.arn };
    return new aws.ec2.FlowLog(this.nameOf("log"), args, this.childOptions({ dependsOn: [rights] }));
  }
}
