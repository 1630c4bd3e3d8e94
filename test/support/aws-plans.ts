/** Plans of the stacks in AWS, one for each setting on which the kinds of their objects depend. */
import { STACKS, Stack } from "../../constructs/settings";
import type { Plan } from "../../infra/plan/model";
import { planStack } from "../../infra/plan/plan";
import { ProjectCopy } from "./pulumi-project";

/** Of whoever delivers by Argo CD; dist is none of the program's then. */
const BY_ARGO_CD = { by: "argocd", repository: "https://github.com/acme/loomworks-platform" };

/** By what a stack is called that has them, settings beside those of its own file. */
const CHANGES = {
  "warm nodes by pods that give way": { "aws.karpenter.buffer.mode": "pause" },
  "a fixed number of warm nodes, by Argo CD": { "aws.karpenter.buffer.mode": "static", "aws.delivery": BY_ARGO_CD },
  "spare room, by Argo CD": { "aws.karpenter.buffer.mode": "capacityBuffer", "aws.delivery": BY_ARGO_CD },
} as const satisfies Record<string, Readonly<Record<string, unknown>>>;

export type Change = keyof typeof CHANGES;

export const AWS_STACKS: readonly (readonly [Stack, Change])[] = STACKS.flatMap((stack) =>
  (Object.keys(CHANGES) as Change[]).map((change) => [stack, change] as const),
);

/** What the program would register for a stack in AWS that is changed so. */
export async function planInAws(stack: Stack, change: Change): Promise<Plan> {
  return await planWith(stack, CHANGES[change]);
}

/** Of a stack in AWS with other settings, given by their paths: `{ "aws.network.nat": "single" }`. */
export async function planWith(stack: Stack, settings: Readonly<Record<string, unknown>>): Promise<Plan> {
  const project = new ProjectCopy();
  try {
    for (const [setting, value] of Object.entries(settings)) project.set(stack, setting, value);
    return await planStack(stack, project.root, "aws");
  } finally {
    project.remove(".");
  }
}

/** An object of Kubernetes, as the program sends it. */
export interface SentObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: any;
}

/** Stands for the group that EKS makes for the cluster, and names at run time. */
const CLUSTER_GROUP = "sg-0123456789abcdef0";

/** What a plan sends to the API server itself: Helm's releases are not its own. */
export function sentObjects(plan: Plan): SentObject[] {
  const ofKubernetes = plan.resources.filter(
    ({ type }) => type.startsWith("kubernetes:") && !type.endsWith(":Release"),
  );
  return ofKubernetes.map(({ inputs }) => {
    const object = structuredClone(inputs) as SentObject;
    for (const term of object.spec?.securityGroupSelectorTerms ?? []) term.id = CLUSTER_GROUP;
    return object;
  });
}
