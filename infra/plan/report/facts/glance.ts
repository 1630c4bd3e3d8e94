/** What most readers come for, stack beside stack. */
import { quantityText } from "./quantities";
import { LOADS, QuotaFacts, QuotaRow, shareOf } from "./quotas";
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
const TOPICS = [
  "Schedules",
  "Disruption budgets (PDB)",
  "Autoscalers (HPA)",
  "Sizes",
  "Storage",
  "Quota",
  "Hosts",
] as const;

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
    ...stack.autoscalers.map(({ name, text }) => about("Autoscalers (HPA)", name, text)),
    ...stack.workloads.map((workload) => about("Sizes", workload.name, sizeText(workload))),
    ...stack.claims.map(({ name, size, access }) => about("Storage", name, `${size} ${access}`)),
    ...stack.quotas.flatMap((quota) => about("Quota", quota.name, fullestText(quota))),
    ...unique(stack.routes.map(({ host }) => host)).map((host) => about("Hosts", "ingress", host)),
  ];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function sizeText({ kind, pods, resources }: WorkloadFacts): string {
  const { requests, limits } = resources;
  return `${countText(kind, pods)} of ${amountsText(requests)}; limits ${amountsText(limits)}`;
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

function fullestText({ rows }: QuotaFacts): string {
  const fullest = LOADS.map((load) => {
    const ranked = rows.filter(({ used }) => used !== undefined).sort((a, b) => share(b, load) - share(a, load));
    return ranked[0] === undefined ? "–" : `${percent(share(ranked[0], load))} (${ranked[0].resource})`;
  });
  const cpu = rows.find(({ resource }) => resource === "requests.cpu" || resource === "cpu");
  const memory = rows.find(({ resource }) => resource === "requests.memory" || resource === "memory");
  const sizes = [cpu && hardText(cpu, "CPU"), memory && hardText(memory, "memory")].filter(
    (text) => text !== undefined,
  );
  return [...sizes, `fullest at most load: ${fullest[1]}`, `in a rollout then: ${fullest[2]}`].join("; ");
}

function share(row: QuotaRow, load: (typeof LOADS)[number]): number {
  return shareOf(row, load) ?? 0;
}

function hardText({ resource, hard }: QuotaRow, word: string): string {
  return `${quantityText(resource, hard)} ${word} requested`;
}

export function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}
