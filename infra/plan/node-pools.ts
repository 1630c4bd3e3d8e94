/** What Karpenter's NodePools say of their nodes. */
import type { PlannedResource } from "./model";

export const CAPACITY_TYPE = "karpenter.sh/capacity-type";

export function isNodePool({ type }: PlannedResource): boolean {
  return type === "kubernetes:karpenter.sh/v1:NodePool";
}

export function poolName({ inputs }: PlannedResource): string {
  return (inputs.metadata as { name: string }).name;
}

/** The values that a pool admits for a label of its nodes; none where it says nothing of it. */
export function requirementOf({ inputs }: PlannedResource, key: string): readonly string[] {
  const { template } = inputs.spec as {
    template: { spec: { requirements: readonly { key: string; values?: readonly string[] }[] } };
  };
  return template.spec.requirements.find((each) => each.key === key)?.values ?? [];
}
