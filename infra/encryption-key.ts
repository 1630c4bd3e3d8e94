import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";

export interface EncryptionKeyArgs {
  /** What it encrypts, for whom reads the list of keys. */
  readonly description: string;
  /** Whether Pulumi refuses to delete it: without it, what it encrypted is gone. */
  readonly protect: boolean;
  /** Who may use it. @default AWS' own policy, by which the account's IAM policies alone decide */
  readonly policy?: pulumi.Input<string>;
  /** As in `alias/staging`. @default one that Pulumi makes up */
  readonly alias?: string;
}

/** Days between the order to delete the key and its end; the most that AWS waits (KMS ScheduleKeyDeletion). */
const DELETION_WINDOW_DAYS = 30;

/** A key of our own, for one kind of data: AWS renews it each year, and logs each use. About $1 a month. */
export class EncryptionKey extends Component {
  readonly arn: pulumi.Output<string>;
  readonly nodes: { readonly key: aws.kms.Key; readonly alias: aws.kms.Alias };

  constructor(name: string, args: EncryptionKeyArgs, opts: pulumi.ComponentResourceOptions) {
    super("security:EncryptionKey", name, opts);
    const key = this.createKey(args);
    const alias = new aws.kms.Alias(
      this.nameOf("alias"),
      { targetKeyId: key.keyId, ...(args.alias === undefined ? {} : { name: args.alias }) },
      this.childOptions(),
    );
    this.nodes = { key, alias };
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }

  private createKey({ description, policy, protect }: EncryptionKeyArgs): aws.kms.Key {
    const args = { description, policy, enableKeyRotation: true, deletionWindowInDays: DELETION_WINDOW_DAYS };
    return new aws.kms.Key(this.nameOf("key"), args, this.childOptions({ protect }));
  }
}
