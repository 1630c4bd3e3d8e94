/** A plan for people: its resources as a tree, with counts. */
import { bufferSentences } from "./buffer";
import { Plan, PlannedResource, STAND_INS } from "./model";

/** The same plan gives the same text, to the byte. */
export function renderPlan(plan: Plan): string {
  const [stack, ...resources] = plan.resources;
  const groups = resources.filter(({ parent }) => parent === stack?.urn);
  return [
    `${plan.project} · ${plan.stack}: ${resources.length} resources`,
    "",
    ...tree(groups, resources),
    "",
    ...table(
      "By type",
      countBy(resources, ({ type }) => type),
    ),
    "",
    ...table("By part, in the order of their creation", partsOf(groups, resources)),
    "",
    ...bufferSentences(plan),
    ...standIns(resources),
    "No provider and no cluster was asked: this is what the program registers for an empty state.",
    "Values that only a run can know, such as passwords, are in no part of it.",
    "",
  ].join("\n");
}

function standIns(resources: readonly PlannedResource[]): string[] {
  const inputs = resources.find(({ type }) => type === "pulumi:providers:aws")?.inputs;
  if (!JSON.stringify(inputs ?? {}).includes(STAND_INS.account)) return [];
  return [`Account ${STAND_INS.account} stands for the one that the stack's file doesn't name.`];
}

function tree(level: readonly PlannedResource[], all: readonly PlannedResource[], indent = ""): string[] {
  return level.flatMap((resource, index) => {
    const isLast = index === level.length - 1;
    const children = all.filter(({ parent }) => parent === resource.urn).sort(byTypeAndName);
    const marks = [resource.protect ? "protected" : "", ...resource.secretPaths.map((path) => `${path}: [secret]`)];
    const remarks = marks.filter((mark) => mark !== "").join(", ");
    const line = `${indent}${isLast ? "└─" : "├─"} ${resource.name}  ${resource.type}${remarks === "" ? "" : `  (${remarks})`}`;
    return [line, ...tree(children, all, `${indent}${isLast ? "   " : "│  "}`)];
  });
}

/** What is made at once has no order of its own. */
function byTypeAndName(one: PlannedResource, other: PlannedResource): number {
  return one.type.localeCompare(other.type, "en") || one.name.localeCompare(other.name, "en");
}

/** The parts that stand right below the stack: providers, and the waves with what is made between them. */
function partsOf(groups: readonly PlannedResource[], all: readonly PlannedResource[]): [string, number, string][] {
  const rootOf = (resource: PlannedResource): PlannedResource => {
    const above = all.find(({ urn }) => urn === resource.parent);
    return above === undefined ? resource : rootOf(above);
  };
  const roots = new Map(all.map((resource) => [resource.urn, rootOf(resource)]));
  return groups.map((group) => {
    const members = all.filter(({ urn }) => roots.get(urn) === group);
    const before = new Set(members.flatMap(({ dependsOn }) => dependsOn.map((urn) => roots.get(urn)?.name ?? urn)));
    before.delete(group.name);
    const after = before.size === 0 ? "" : `after ${[...before].sort().join(", ")}`;
    return [group.name, members.length, after];
  });
}

function countBy(resources: readonly PlannedResource[], keyOf: (resource: PlannedResource) => string) {
  const counts = new Map<string, number>();
  for (const key of resources.map(keyOf).sort()) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts];
}

function table(title: string, rows: readonly (readonly [string, number, string?])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(
    ([name, count, remark = ""]) => `  ${name.padEnd(width)}  ${String(count).padStart(3)}  ${remark}`,
  );
  return [`${title}:`, ...lines.map((line) => line.trimEnd())];
}
