/** What most readers come for, stack beside stack. */
import { quantityText } from "./quantities";
import { LOADS, QuotaRow, shareOf } from "./quotas";
import { amountsText } from "./resources";
import type { StackFacts } from "./stack";
import type { WorkloadFacts } from "./workloads";

/** One fact of every stack; `values` has one for each, in their order. */
export interface GlanceRow {
  readonly topic: string;
  readonly subject: string;
  /** Absent where the stack has nothing of the kind. */
  readonly values: readonly (string | undefined)[];
  readonly differs: boolean;
}

/** In the order of the report. */
const TOPICS = ["Schedules", "Disruption budgets (PDB)", "Autoscalers", "Sizes", "Storage", "Quota", "Hosts"] as const;

interface Fact {
  readonly topic: (typeof TOPICS)[number];
  readonly subject: string;
  readonly value: string;
}

export function glanceOf(stacks: readonly StackFacts[]): GlanceRow[] {
  const facts = stacks.map(glanceFacts);
  const keys = new Map(facts.flat().map((fact) => [keyOf(fact), fact]));
  // A stack may lack what another has: without the order of topics such a row would come last.
  const inOrder = [...keys].sort(([, a], [, b]) => TOPICS.indexOf(a.topic) - TOPICS.indexOf(b.topic));
  return inOrder.map(([key, { topic, subject }]) => {
    const values = facts.map((own) => joined(own.filter((fact) => keyOf(fact) === key)));
    return { topic, subject, values, differs: new Set(values).size > 1 };
  });
}

function keyOf({ topic, subject }: Fact): string {
  return JSON.stringify([topic, subject]);
}

function joined(facts: readonly Fact[]): string | undefined {
  return facts.length === 0 ? undefined : facts.map(({ value }) => value).join("; ");
}

function glanceFacts(stack: StackFacts): Fact[] {
  const about = (topic: Fact["topic"], subject: string, value: string): Fact => ({ topic, subject, value });
  return [
    ...stack.schedules.map(({ name, text }) => about("Schedules", name, text)),
    ...stack.budgets.map(({ name, text }) => about("Disruption budgets (PDB)", name, text)),
    ...stack.autoscalers.map(({ name, text }) => about("Autoscalers", name, text)),
    ...stack.workloads.flatMap(sizes).map(([subject, value]) => about("Sizes", subject, value)),
    ...stack.claims.map(({ name, size, access }) => about("Storage", name, `${size} ${access}`)),
    ...stack.quotas.flatMap(({ rows }) => rows).map((row) => about("Quota", row.resource, quotaText(row))),
    ...unique(stack.routes.map(({ host }) => host)).map((host) => about("Hosts", "ingress", host)),
  ];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** One line a container: what a pod asks in all is in the quota's shares. */
function sizes({ kind, name, pods, containers }: WorkloadFacts): [subject: string, value: string][] {
  return containers.map(({ name: container, resources: { requests, limits } }) => [
    containers.length === 1 ? name : `${name}: ${container}`,
    `${countText(kind, pods)}, each ${amountsText(requests)}; limits ${amountsText(limits)}`,
  ]);
}

/** `2–10 pods`, `1 pod`, `1 pod while it runs`. */
export function countText(kind: string, { fewest, most }: WorkloadFacts["pods"]): string {
  if (kind === "DaemonSet") return "1 pod on each node";
  if (fewest === 0 && most > 0) return `${podsText(most)} while it runs`;
  return fewest === most ? podsText(most) : `${fewest}–${most} pods`;
}

function podsText(count: number): string {
  return count === 1 ? "1 pod" : `${count} pods`;
}

function quotaText(row: QuotaRow): string {
  const hard = quantityText(row.resource, row.hard);
  if (row.used === undefined) return hard;
  const [fewest, most, rollout] = LOADS.map((load) => percent(shareOf(row, load) ?? 0));
  const steady = fewest === most ? `${most} used` : `${fewest} used with the fewest pods, ${most} with the most`;
  return rollout === most ? `${hard}; ${steady}` : `${hard}; ${steady}, ${rollout} in a rollout then`;
}

export function percent(fraction: number): string {
  return `${Math.round(fraction * 100)}\u00a0%`;
}
