import * as pulumi from "@pulumi/pulumi";
import { EncryptionKey } from "../encryption-key";
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

/** The stack's own key for the cluster's Secrets, and for the logs of cluster, network and databases. */
export class Key extends EncryptionKey {
  constructor(name: string, args: KeyArgs, opts: pulumi.ComponentResourceOptions) {
    const { clusterName, protect } = args;
    const description = `Secrets and logs of ${clusterName}`;
    super(name, { description, alias: `alias/${clusterName}`, policy: policyOf(args), protect }, opts);
  }
}

function policyOf({ partition, account, region, clusterName }: KeyArgs) {
  const logGroups = `arn:${partition}:logs:${region}:${account}:log-group`;
  return policyDocument([
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
          "kms:EncryptionContext:aws:logs:arn": [
            `${logGroups}:/aws/*/${clusterName}/*`,
            `${logGroups}:/aws/rds/instance/${clusterName}-*`,
          ],
        },
      },
    },
  ]);
}
