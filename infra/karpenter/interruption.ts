import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../cluster/policy";
import { Component } from "../component";

export interface InterruptionArgs {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly clusterName: string;
}

/** What EC2 and AWS Health say before they take an instance away; the words are theirs, and a wrong one is heard by nobody. */
export const EVENTS = {
  health: { source: "aws.health", detailType: "AWS Health Event" },
  "spot-interruption": { source: "aws.ec2", detailType: "EC2 Spot Instance Interruption Warning" },
  rebalance: { source: "aws.ec2", detailType: "EC2 Instance Rebalance Recommendation" },
  "state-change": { source: "aws.ec2", detailType: "EC2 Instance State-change Notification" },
  "capacity-reservation": {
    source: "aws.ec2",
    detailType: "EC2 Capacity Reservation Instance Interruption Warning",
  },
} as const;

/** Seconds: a spot instance goes two minutes after its warning, so that older news is none. */
const RETENTION_SECONDS = 300;

/** The queue from which Karpenter learns that nodes will go, in time to drain them, and the rules that fill it. */
export class Interruption extends Component {
  readonly queueName: string;
  readonly queueArn: string;
  readonly nodes: {
    readonly queue: aws.sqs.Queue;
    readonly policy: aws.sqs.QueuePolicy;
    readonly rules: readonly aws.cloudwatch.EventRule[];
  };

  constructor(name: string, args: InterruptionArgs, opts: pulumi.ComponentResourceOptions) {
    super("karpenter:Interruption", name, opts);
    const { partition, account, region, clusterName } = args;
    this.queueName = `${clusterName}-interruption`;
    this.queueArn = `arn:${partition}:sqs:${region}:${account}:${this.queueName}`;
    const queue = this.createQueue();
    const policy = this.createPolicy(args, queue);
    const rules = Object.entries(EVENTS).map(([event, { source, detailType }]) =>
      this.createRule(args, { event, pattern: { source: [source], "detail-type": [detailType] } }, queue),
    );
    this.nodes = { queue, policy, rules };
    this.registerOutputs({ queueName: this.queueName });
  }

  private createQueue(): aws.sqs.Queue {
    const args = {
      name: this.queueName,
      messageRetentionSeconds: RETENTION_SECONDS,
      sqsManagedSseEnabled: true,
    };
    return new aws.sqs.Queue(this.nameOf("queue"), args, this.childOptions());
  }

  private createPolicy({ partition, account, region, clusterName }: InterruptionArgs, queue: aws.sqs.Queue) {
    const rules = `arn:${partition}:events:${region}:${account}:rule/${clusterName}-interruption-*`;
    const policy = policyDocument([
      {
        Sid: "AllowRulesToSend",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: this.queueArn,
        Condition: { ArnLike: { "aws:SourceArn": rules } },
      },
      {
        Sid: "DenyHTTP",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: this.queueArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
    return new aws.sqs.QueuePolicy(this.nameOf("policy"), { queueUrl: queue.id, policy }, this.childOptions());
  }

  private createRule(
    { clusterName }: InterruptionArgs,
    { event, pattern }: { readonly event: string; readonly pattern: object },
    queue: aws.sqs.Queue,
  ): aws.cloudwatch.EventRule {
    const args = { name: `${clusterName}-interruption-${event}`, eventPattern: JSON.stringify(pattern) };
    const rule = new aws.cloudwatch.EventRule(this.nameOf(event), args, this.childOptions());
    const target = { rule: rule.name, targetId: "KarpenterInterruptionQueueTarget", arn: queue.arn };
    new aws.cloudwatch.EventTarget(this.nameOf(event), target, this.childOptions());
    return rule;
  }
}
