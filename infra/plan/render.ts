/** A plan for people: its resources as a tree, with counts. */
import { alertSentences } from "./alerts";
import { bufferSentences } from "./buffer";
import type { Plan, PlannedResource } from "./model";
import { boundsOf, OFFLINE } from "./offline";
import { counted } from "./report/words";
import { Paint, PLAIN } from "./terminal/paint";
import { Depth, treeLines } from "./terminal/tree";
import { Branch, branchesWith, countsBy, forestOf, wholeOf } from "./tree";

export interface View {
  /** @default "overview": components, and what they hold counted by kind */
  readonly depth?: Depth;
  /** Part of the name or the type of what is shown, with all it is in and all it has. @default everything */
  readonly only?: string;
  /** @default no colours */
  readonly paint?: Paint;
}

/** The same plan gives the same text, to the byte. */
export function renderPlan(plan: Plan, { depth = "overview", only, paint = PLAIN }: View = {}): string {
  const forest = forestOf(plan);
  const shown = only === undefined ? forest : branchesWith(only, forest);
  const resources = wholeOf(forest);
  const isWhole = depth === Infinity && only === undefined;
  return [
    paint.title(`${plan.project} · ${plan.stack}: ${counted(resources.length, "resource")}`),
    marksSentence(resources),
    "",
    ...(shown.length === 0 ? [`Nothing has ${only} in its name or type.`] : treeLines(shown, depth, paint)),
    "",
    ...(isWhole ? [...countTables(forest, resources), ""] : []),
    ...bufferSentences(plan),
    ...alertSentences(plan),
    OFFLINE,
    ...boundsOf(plan),
    "",
  ].join("\n");
}

function marksSentence(resources: readonly PlannedResource[]): string {
  const kept = resources.filter(({ protect }) => protect).length;
  const secret = resources.filter(({ secretPaths }) => secretPaths.length > 0).length;
  return `${kept} protected from deletion by Pulumi, ${secret} with secrets, which are marked and never shown.`;
}

function countTables(forest: readonly Branch[], resources: readonly PlannedResource[]): string[] {
  return [
    ...table(
      "By type",
      countsBy(resources, ({ type }) => type),
    ),
    "",
    ...table("By part, in the order of their creation", partsOf(forest)),
  ];
}

/** The parts that stand right below the stack: providers, and the waves with what is made between them. */
function partsOf(forest: readonly Branch[]): [string, number, string][] {
  const parts = forest.map((branch) => ({ part: branch.resource, members: wholeOf([branch]) }));
  const rootOf = new Map(parts.flatMap(({ part, members }) => members.map(({ urn }) => [urn, part.name] as const)));
  return parts.map(({ part, members }) => {
    const before = new Set(members.flatMap(({ dependsOn }) => dependsOn.map((urn) => rootOf.get(urn) ?? urn)));
    before.delete(part.name);
    const after = before.size === 0 ? "" : `after ${[...before].sort().join(", ")}`;
    return [part.name, members.length, after];
  });
}

function table(title: string, rows: readonly (readonly [string, number, string?])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(
    ([name, count, remark = ""]) => `  ${name.padEnd(width)}  ${String(count).padStart(3)}  ${remark}`,
  );
  return [`${title}:`, ...lines.map((line) => line.trimEnd())];
}
