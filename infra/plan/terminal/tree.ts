/** A plan's tree as lines of text. */
import type { PlannedResource } from "../model";
import { below, Branch, kindsOf } from "../tree";
import type { Paint } from "./paint";

/** How much of the tree is shown: its components with what they hold, counted, or so many levels of it, each resource by itself. */
export type Depth = "overview" | number;

export function treeLines(forest: readonly Branch[], depth: Depth, paint: Paint, indent = ""): string[] {
  const leaves =
    depth === "overview" && indent !== "" ? forest.filter(({ children, resource }) => isLeaf(resource, children)) : [];
  const shown = forest.filter((branch) => !leaves.includes(branch));
  const counted =
    leaves.length === 0
      ? []
      : [
          countedLine(
            leaves.map(({ resource }) => resource),
            paint,
          ),
        ];
  const last = shown.length + counted.length - 1;
  const stem = (index: number) => paint.soft(`${indent}${index === last ? "└─" : "├─"} `);
  return [
    ...counted.map((line, index) => `${stem(index)}${line}`),
    ...shown.flatMap((branch, at) => {
      const index = at + counted.length;
      const inner = `${indent}${index === last ? "   " : "│  "}`;
      const isCut = depth === 1;
      const children = isCut ? [] : treeLines(branch.children, depth === "overview" ? depth : depth - 1, paint, inner);
      return [`${stem(index)}${branchLine(branch, isCut, paint)}`, ...children];
    }),
  ];
}

function isLeaf({ custom, type }: PlannedResource, children: readonly Branch[]): boolean {
  return custom && children.length === 0 && !type.startsWith("pulumi:providers:");
}

/** What an overview says of resources that it doesn't show one by one. */
function countedLine(resources: readonly PlannedResource[], paint: Paint): string {
  return `${kindsText(resources)}${marksText(resources, paint)}`;
}

function kindsText(resources: readonly PlannedResource[]): string {
  return kindsOf(resources)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

function branchLine(branch: Branch, isCut: boolean, paint: Paint): string {
  const { resource, children } = branch;
  const { name, type, protect, secretPaths } = resource;
  const own = [protect ? "protected" : "", ...secretPaths.map((path) => `${path}: [secret]`)].filter(
    (mark) => mark !== "",
  );
  const marks = own.length === 0 ? "" : paint.mark(`  (${own.join(", ")})`);
  const title = children.length === 0 ? name : paint.title(name);
  const line = `${title}  ${paint.soft(type)}${marks}`;
  if (children.length === 0) return line;
  const inner = below(branch);
  const count = `  ${inner.length} below`;
  return isCut ? `${line}${count}: ${countedLine(inner, paint)}` : `${line}${paint.soft(count)}`;
}

function marksText(resources: readonly PlannedResource[], paint: Paint): string {
  const kept = resources.filter(({ protect }) => protect).length;
  const secret = resources.filter(({ secretPaths }) => secretPaths.length > 0).length;
  const marks = [kept > 0 ? `${kept} protected` : "", secret > 0 ? `${secret} with a secret` : ""].filter(
    (mark) => mark !== "",
  );
  return marks.length === 0 ? "" : paint.mark(`  (${marks.join(", ")})`);
}
