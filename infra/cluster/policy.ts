/** IAM policies, statement by statement: each has a name that tests, plan and auditors find it by. */
import * as pulumi from "@pulumi/pulumi";

/** One statement of a policy. Its action is never `*`; its resource is only where AWS knows no other, and then it says why. */
export interface Statement {
  /** Letters and digits, unique within its policy. */
  readonly Sid: string;
  /** @default "Allow" */
  readonly Effect?: "Allow" | "Deny";
  /** Who is meant, in policies that resources carry. @default none, as in the policies of roles */
  readonly Principal?: Readonly<Record<string, pulumi.Input<string> | readonly pulumi.Input<string>[]>> | "*";
  readonly Action: string | readonly string[];
  /** @default none, as in trust policies, where it is the role itself */
  readonly Resource?: pulumi.Input<string> | readonly pulumi.Input<string>[];
  /** Why its resource is `*`, for whoever reviews the plan; the policy itself doesn't carry it. @default none: it names its resources */
  readonly onAnything?: string;
  /** By operator, then by key: what has to hold as well. @default nothing */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, ConditionValue>>>>;
}

type ConditionValue = pulumi.Input<string> | readonly pulumi.Input<string>[];

/** The version of IAM's language, which is no date of ours. */
const VERSION = "2012-10-17";

/** The JSON of a policy. Effects are written out; the order is that of `statements`. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  const Statement = statements.map(({ Sid, Effect = "Allow", ...rest }) => ({
    ...{ Sid, Effect, ...rest },
    // JSON leaves it out, and IAM would refuse it.
    onAnything: undefined,
  }));
  return pulumi.jsonStringify({ Version: VERSION, Statement });
}

/** By Sid, why a statement is on anything. */
export function reasonsOf(statements: readonly Statement[]): Record<string, string> {
  return Object.fromEntries(
    statements.flatMap(({ Sid, onAnything }) => (onAnything === undefined ? [] : [[Sid, onAnything]])),
  );
}

/** Who may take a role on: an AWS service, and nobody else. */
export function trustOf(service: string): pulumi.Output<string> {
  const Principal = { Service: service };
  return policyDocument([{ Sid: "AllowServiceToAssumeRole", Principal, Action: "sts:AssumeRole" }]);
}
