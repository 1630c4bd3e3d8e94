/** A plan's resources as the tree that their components make of them. */
import { groupBy } from "./group-by";
import type { Plan, PlannedResource } from "./model";

export interface Branch {
  readonly resource: PlannedResource;
  /** By type, then by name: what is made at once has no order of its own. */
  readonly children: readonly Branch[];
}

/** What stands right below the stack, in the order of its creation, each with all below it. */
export function forestOf({ resources: [stack, ...resources] }: Plan): Branch[] {
  const known = new Set(resources.map(({ urn }) => urn));
  const isRoot = ({ parent }: PlannedResource) => parent === undefined || parent === stack?.urn || !known.has(parent);
  const byParent = groupBy(resources, ({ parent = "" }) => parent);
  const branch = (resource: PlannedResource): Branch => ({
    resource,
    children: (byParent.get(resource.urn) ?? []).sort(byTypeAndName).map(branch),
  });
  return resources.filter(isRoot).map(branch);
}

function byTypeAndName(one: PlannedResource, other: PlannedResource): number {
  return one.type.localeCompare(other.type, "en") || one.name.localeCompare(other.name, "en");
}

/** The branches whose name or type has `text` in it, whole, with what they hang on and nothing beside it. */
export function branchesWith(text: string, forest: readonly Branch[]): Branch[] {
  const sought = text.toLowerCase();
  return forest.flatMap(({ resource, children }) => {
    const matches = [resource.name, resource.type].some((own) => own.toLowerCase().includes(sought));
    if (matches) return [{ resource, children }];
    const matching = branchesWith(text, children);
    return matching.length === 0 ? [] : [{ resource, children: matching }];
  });
}

/** Every resource of some branches: each before what is below it. */
export function wholeOf(branches: readonly Branch[]): PlannedResource[] {
  return branches.flatMap((branch) => [branch.resource, ...below(branch)]);
}

/** Everything below a branch, at any depth. */
export function below({ children }: Branch): PlannedResource[] {
  return wholeOf(children);
}

/** How many there are of each kind, the most first: `[["Subnet", 9], …]`. */
export function kindsOf(resources: readonly PlannedResource[]): [kind: string, count: number][] {
  return countsBy(resources, ({ type }) => kindOf(type)).sort(([, one], [, other]) => other - one);
}

/** By `keyOf`, in alphabetical order. */
export function countsBy(
  resources: readonly PlannedResource[],
  keyOf: (resource: PlannedResource) => string,
): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of resources.map(keyOf).sort()) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts];
}

/** `Subnet` of `aws:ec2/subnet:Subnet`. */
export function kindOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}
