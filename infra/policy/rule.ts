/** What a rule is, and what it knows of a resource: the same in a preview, an update and the offline plan. */

/**
 * A resource as it is about to be made. A value that nobody knows yet is `UNKNOWN` of the plan's model, and counts as
 * right: `pulumi up` asks again once it is known, before the resource is made.
 */
export interface Subject {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Inputs, with the plan's words in the place of secrets and of what is unknown. */
  readonly props: Readonly<Record<string, unknown>>;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
  /** URNs that an input comes from, by input. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

/** What a rule has against one resource; the words stand in the message of a `Problem`. */
export interface Finding {
  /** Input, as in `metadataOptions.httpTokens`. */
  readonly path: string;
  /** What stands there. Never a secret. */
  readonly value: unknown;
  readonly reason: string;
  readonly remedy: string;
}

interface Common {
  /** As in `encrypted-at-rest`: what is true of a stack that keeps the rule. */
  readonly name: string;
  /** What is asked for, and why, in one sentence each; docs/policies.md has the same. */
  readonly description: string;
  /** By name of a resource: why the rule is silent about it. @default none */
  readonly exceptions?: Readonly<Record<string, string>>;
}

/** Judges a resource by itself, before it is made. */
export interface ResourceRule extends Common {
  readonly check: (subject: Subject) => readonly Finding[];
  /** Whether it must be told which inputs are secret. @default false */
  readonly seesSecrets?: boolean;
}

/** Judges what belongs together, when all resources are known. */
export interface StackRule extends Common {
  readonly checkStack: (subjects: readonly Subject[]) => readonly StackFinding[];
}

export interface StackFinding extends Finding {
  readonly subject: Subject;
}

export type Rule = ResourceRule | StackRule;

/** Name of the stack that a resource is in, which says what the stack is. */
export function stackOf({ urn }: Subject): string {
  return urn.split("::")[0]?.split(":")[2] ?? "";
}
