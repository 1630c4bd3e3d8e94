/** Where two stacks' plans differ: resources that only one of them has, and inputs of those that both have. */
import type { Plan, PlannedResource } from "../../model";
import { FieldDifference, fieldDifferences } from "./differences";

export interface ResourceDifference {
  /** As the first stack has it. */
  readonly resource: PlannedResource;
  /** Value against value, those aside that differ by the name of the stack alone. */
  readonly fields: readonly FieldDifference[];
}

export interface PlanDifferences {
  readonly stacks: readonly [string, string];
  /** What each stack has and the other hasn't. */
  readonly only: readonly [readonly PlannedResource[], readonly PlannedResource[]];
  readonly changed: readonly ResourceDifference[];
  /** How many resources differ by the name of the stack alone: `loomworks-staging`, `loomworks-production`. */
  readonly renamed: number;
  /** How many are the same. */
  readonly same: number;
}

type Pair = readonly [PlannedResource, PlannedResource];

export function planDifferences(one: Plan, other: Plan): PlanDifferences {
  const pairs = pairsOf(one, other);
  const paired = new Set(pairs.flat());
  const [ones, others] = [one, other].map(({ resources }) => resources.slice(1)) as [
    PlannedResource[],
    PlannedResource[],
  ];
  const compared = pairs.map(([resource, twin]) => {
    const all = fieldDifferences([fieldsOf(resource), fieldsOf(twin)]);
    return { resource, all, fields: realDifferences(all, one.stack, other.stack) };
  });
  const changed = compared.filter(({ fields }) => fields.length > 0);
  const differing = compared.filter(({ all }) => all.length > 0);
  return {
    stacks: [one.stack, other.stack],
    only: [ones.filter((each) => !paired.has(each)), others.filter((each) => !paired.has(each))],
    changed: changed.map(({ resource, fields }) => ({ resource, fields })),
    renamed: differing.length - changed.length,
    same: compared.length - differing.length,
  };
}

/** Twins by their very path; else by the path without the stack's own name, as hosted zones have it. */
function pairsOf(one: Plan, other: Plan): Pair[] {
  const free = new Map(other.resources.slice(1).map((resource) => [keyOf(resource), resource]));
  const take = (key: string): PlannedResource | undefined => {
    const found = free.get(key);
    free.delete(key);
    return found;
  };
  const exact = new Map(one.resources.slice(1).map((resource) => [resource, take(keyOf(resource))]));
  const left = new Map([...free.values()].map((resource) => [nameless(keyOf(resource), other.stack), keyOf(resource)]));
  return [...exact].flatMap(([resource, twin]): Pair[] => {
    const found = twin ?? take(left.get(nameless(keyOf(resource), one.stack)) ?? "");
    return found === undefined ? [] : [[resource, found]];
  });
}

function keyOf({ type, path }: PlannedResource): string {
  return `${type} ${path}`;
}

/** Without the stack's name and whatever joined it: `clones-staging.example.com` and `clones.example.com` are one then. */
function nameless(text: string, stack: string): string {
  return text.replaceAll(stack, "").replace(/[-. ]+/g, "");
}

/** Less what differs by the stack's name alone, in the value or in the path, as tags have it that name the cluster. */
function realDifferences(fields: readonly FieldDifference[], stack: string, otherStack: string): FieldDifference[] {
  const keyed = ({ path, values }: FieldDifference, at: 0 | 1) =>
    `${nameless(path, at === 0 ? stack : otherStack)}=${values[at]}`;
  const sided = (at: 0 | 1) =>
    fields.filter(({ values }) => values[1 - at] === undefined).map((field) => keyed(field, at));
  const [ones, others] = [new Set(sided(0)), new Set(sided(1))];
  return fields.filter((field) => {
    const [value, twin] = field.values;
    if (twin === undefined) return !others.has(keyed(field, 0));
    if (value === undefined) return !ones.has(keyed(field, 1));
    return !isRenamed(field.values, stack, otherStack);
  });
}

function isRenamed(
  [one = "", other = ""]: readonly (string | undefined)[],
  stack: string,
  otherStack: string,
): boolean {
  const named = one.includes(stack) || other.includes(otherStack);
  return named && nameless(one, stack) === nameless(other, otherStack);
}

/** Policies come as JSON: what differs is a statement, not the whole text. */
function fieldsOf({ inputs, protect }: PlannedResource): Record<string, unknown> {
  const read = Object.entries(inputs).map(([key, value]) => [key, typeof value === "string" ? parsed(value) : value]);
  return { "(protected by Pulumi)": protect, ...(Object.fromEntries(read) as object) };
}

function parsed(text: string): unknown {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
