/** Where the stacks differ: object by object, field by field. */
import { KubernetesObject, namespaceOf } from "../kubernetes";

export interface FieldDifference {
  readonly path: string;
  /** One for each stack; absent where the stack's object has no such field. */
  readonly values: readonly (string | undefined)[];
}

export interface ObjectDifference {
  readonly object: string;
  /** Which stacks have the object. */
  readonly present: readonly boolean[];
  /** Empty where some stack lacks the object: then it differs as a whole. */
  readonly fields: readonly FieldDifference[];
}

/** Fields that name a list's items, so that one more item doesn't move all that follow. A host is what differs, no name. */
const NAMES = ["name", "Sid", "alert", "path", "key", "port"];

export function differencesOf(stacks: readonly (readonly KubernetesObject[])[]): ObjectDifference[] {
  const byName = stacks.map((objects) => new Map(objects.map((object) => [titleOf(object), object])));
  const titles = new Set(byName.flatMap((objects) => [...objects.keys()]));
  return [...titles].sort().flatMap((object) => {
    const own = byName.map((objects) => objects.get(object));
    const present = own.map((each) => each !== undefined);
    const fields = present.every(Boolean) ? fieldDifferences(own) : [];
    return present.every(Boolean) && fields.length === 0 ? [] : [{ object, present, fields }];
  });
}

export function titleOf(object: KubernetesObject): string {
  return `${object.kind} ${namespaceOf(object)}/${object.metadata.name}`;
}

export function fieldDifferences(objects: readonly unknown[]): FieldDifference[] {
  const leaves = objects.map((object) => new Map(leavesOf(object, "")));
  const paths = new Set(leaves.flatMap((own) => [...own.keys()]));
  return [...paths]
    .map((path) => ({ path, values: leaves.map((own) => own.get(path)) }))
    .filter(({ values }) => new Set(values).size > 1);
}

function leavesOf(value: unknown, path: string): [string, string][] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  const entries: [string, unknown][] = Array.isArray(value)
    ? itemsOf(value, path)
    : Object.entries(value).map(([key, field]) => [path === "" ? key : `${path}.${key}`, field]);
  // An empty list or map says something too.
  if (entries.length === 0) return [[path, Array.isArray(value) ? "[]" : "{}"]];
  return entries.flatMap(([inner, field]) => leavesOf(field, inner));
}

function itemsOf(items: readonly unknown[], path: string): [string, unknown][] {
  const named = NAMES.find((name) => {
    const names = items.map((item) => (Object(item) as Record<string, unknown>)[name]);
    return (
      names.every((each) => typeof each === "string" || typeof each === "number") &&
      new Set(names).size === items.length
    );
  });
  return items.map((item, at) => {
    const label = named === undefined ? at : String((item as Record<string, unknown>)[named]);
    return [`${path}[${label}]`, item];
  });
}
