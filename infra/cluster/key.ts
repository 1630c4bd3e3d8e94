import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument } from "./policy";

export interface KeyArgs {
  /** `aws`, or that of China or of the US government. */
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly clusterName: string;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
}

/** Days in which a deletion can be taken back: the most that KMS has, as what it sealed is lost with it. */
const DELETION_WINDOW_DAYS = 30;

/** The stack's own key for the cluster's Secrets and for its logs: about $1 a month. */
export class Key extends Component {
  readonly arn: pulumi.Output<string>;
  readonly nodes: { readonly key: aws.kms.Key; readonly alias: aws.kms.Alias };

  constructor(name: string, args: KeyArgs, opts: pulumi.ComponentResourceOptions) {
    super("cluster:Key", name, opts);
    const key = this.createKey(args);
    const alias = this.createAlias(args, key);
    this.nodes = { key, alias };
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }

  private createKey({ partition, account, region, clusterName, protect }: KeyArgs): aws.kms.Key {
    const policy = policyDocument([
      {
        // A key that its own account may not manage can't even be deleted; "*" is the key that carries the policy.
        Sid: "AllowAccountToManage",
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "AllowLogsOfThisAccount",
        Principal: { Service: `logs.${region}.amazonaws.com` },
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        Resource: "*",
        Condition: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:/aws/*/${clusterName}/*`,
          },
        },
      },
    ]);
    return new aws.kms.Key(
      this.nameOf("key"),
      {
        description: `Secrets and logs of ${clusterName}`,
        enableKeyRotation: true,
        deletionWindowInDays: DELETION_WINDOW_DAYS,
        policy,
      },
      this.childOptions({ protect }),
    );
  }

  private createAlias({ clusterName }: KeyArgs, key: aws.kms.Key): aws.kms.Alias {
    const args = { name: `alias/${clusterName}`, targetKeyId: key.id };
    return new aws.kms.Alias(this.nameOf("alias"), args, this.childOptions());
  }
}
