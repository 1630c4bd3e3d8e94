/** What the program would register, as plain data: for the tree, the report, and whatever counts or judges it. */
import type { Stack } from "../../constructs/settings";

/** Stands for a secret, wherever it was. */
export const SECRET = "[secret]";
/** Stands for a value that a provider makes, and that nobody knows before. */
export const UNKNOWN = "[known at run time]";

/** Stand for what only the owner of an account knows, so that a plan of a stack in AWS needs none. */
export const STAND_INS = { account: "000000000000", region: "eu-central-1", domain: "example.com" } as const;

export interface PlannedResource {
  /** Unique in the plan, and the same as in the stack's state. */
  readonly urn: string;
  /** `kubernetes:apps/v1:Deployment`; of this program's own components `loomworks:<folder>:<Class>`. */
  readonly type: string;
  readonly name: string;
  /** Names from below the stack down to this resource: `apps > loomworks/odoo`. */
  readonly path: string;
  /** URN of the component that holds it; none for the stack itself. */
  readonly parent?: string;
  /** URNs of what has to be ready before; sorted. */
  readonly dependsOn: readonly string[];
  /** URNs of the resources that an input comes from, by input; none where all of them are the program's own. */
  readonly sources?: Readonly<Record<string, readonly string[]>>;
  /** URN of the provider that makes it; none for components and providers. */
  readonly provider?: string;
  /** Whether a provider makes it; a component only groups others. */
  readonly custom: boolean;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
  /** As the program gives them, with {@link SECRET} and {@link UNKNOWN} in their places. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What a component says that it gives; absent where it says nothing, and of resources, whose outputs nobody knows. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Where in the inputs secrets are: `stringData`; sorted. */
  readonly secretPaths: readonly string[];
}

export interface Plan {
  readonly project: string;
  readonly stack: Stack;
  /** In the order in which the program registers them; the stack itself comes first. */
  readonly resources: readonly PlannedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What the stack's file doesn't say of AWS, with what stands for it; absent where it says all. */
  readonly standIns?: Partial<typeof STAND_INS>;
}
