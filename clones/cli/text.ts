/** Clones as lines for people. Pure, and without any secret: what it is given has none. */
import { conditionOf, failureOf, isEnding, isReady, WordPressClone } from "../domain/clone";
import { databaseOf } from "../domain/database";
import { expiryOf } from "../domain/expiry";
import type { Tree, TreeNode } from "./tree";

/** How many events a tree ends with. */
const EVENTS = 12;

/** One word, and what is behind it. */
export function stateOfClone(clone: WordPressClone): string {
  if (isEnding(clone)) return "ending";
  const failure = failureOf(clone);
  if (failure !== undefined) return `failed: ${failure}`;
  if (isReady(clone)) return "ready";
  const { message = "", reason = "" } = conditionOf(clone, "Ready") ?? {};
  const why = message === "" ? reason : message;
  return why === "" ? "starting" : `starting: ${why}`;
}

/** `45s`, `12m`, `3h`, `2d`. */
export function age(from: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - from.getTime()) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export function listText(clones: readonly WordPressClone[], now: Date): string {
  if (clones.length === 0) return "No clones.";
  const head = ["ID", "CUSTOMER", "DATABASE", "STATE", "AGE", "ENDS", "URL"];
  const rows = clones.map((clone) => [
    clone.metadata.name,
    clone.spec.customerId,
    databaseOf(clone.spec),
    stateOfClone(clone),
    age(new Date(clone.metadata.creationTimestamp), now),
    endText(clone, now),
    clone.status?.cloneUrl ?? "-",
  ]);
  return columns([head, ...rows]);
}

export function treeText({ clone, nodes, events }: Tree, now: Date): string {
  const { namespace, name, creationTimestamp } = clone.metadata;
  const head = [
    `WordPressClone ${namespace}/${name}  ${stateOfClone(clone)}`,
    `  for ${clone.spec.customerId}, database ${databaseOf(clone.spec)}, ${age(new Date(creationTimestamp), now)} old, ` +
      `ends ${endText(clone, now)}`,
    ...(clone.status?.cloneUrl === undefined ? [] : [`  ${clone.status.cloneUrl}`]),
  ];
  const conditions = (clone.status?.conditions ?? []).map(({ type, status, message, reason }) => [
    `  ${type}`,
    status,
    (message ?? "") === "" ? (reason ?? "") : (message ?? ""),
  ]);
  const last = events.slice(-EVENTS).map(({ at, type, reason, object, message, count }) => {
    const times = count > 1 ? ` (${count}×)` : "";
    return [`  ${age(at, now)}`, type, reason, object, `${message}${times}`];
  });
  const parts = [
    [...head, ...branches(nodes, now)].join("\n"),
    ...(conditions.length === 0 ? [] : [`Conditions\n${columns(conditions)}`]),
    last.length === 0 ? "No events." : `Last events\n${columns(last)}`,
  ];
  return parts.join("\n\n");
}

function branches(nodes: readonly TreeNode[], now: Date, indent = ""): string[] {
  return nodes.flatMap((node, index) => {
    const isLast = index === nodes.length - 1;
    const { kind, name, text, problem, created } = node;
    const why = problem === undefined ? "" : `: ${problem}`;
    const line = `${indent}${isLast ? "└─" : "├─"} ${kind} ${name}  ${text}${why}  ${age(created, now)}`;
    return [line, ...branches(node.children, now, `${indent}${isLast ? "   " : "│  "}`)];
  });
}

function endText(clone: WordPressClone, now: Date): string {
  if (isEnding(clone)) return "now";
  const end = expiryOf(clone);
  return end <= now ? `overdue by ${age(end, now)}` : `in ${age(now, end)}`;
}

/** Cells under each other. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
