/** Reading inputs whose form nobody vouches for, and where any value may be unknown. */
import { SECRET, UNKNOWN } from "../plan/model";
import type { Finding } from "./rule";

export type Fields = Readonly<Record<string, unknown>>;

export interface Found {
  readonly path: string;
  readonly value: unknown;
}

/** Fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** Items of a list; the value alone where it is no list; nothing where there is none. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** What a text of JSON says; nothing where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An expression of KRO's stands for what its controller will know. */
const EXPRESSION = /\$\{.+\}/s;

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN || value === SECRET || (typeof value === "string" && EXPRESSION.test(value));
}

/**
 * What stands at a path as `rules[].algorithm`, where `[]` means each item of a list. A way that ends early gives one
 * value where it ends: unknown where that is unknown, and else none.
 */
export function valuesAt(value: unknown, path: string): Found[] {
  let found: Found[] = [{ path: "", value }];
  for (const step of path.split(".")) found = found.flatMap((one) => follow(one, step));
  return found;
}

/** The one value at a path without lists. */
export function valueAt(value: unknown, path: string): unknown {
  return valuesAt(value, path)[0]?.value;
}

function follow({ path, value }: Found, step: string): Found[] {
  if (isUnknown(value)) return [{ path, value }];
  const isList = step.endsWith("[]");
  const key = isList ? step.slice(0, -2) : step;
  const next = { path: path === "" ? key : `${path}.${key}`, value: fieldsOf(value)[key] };
  if (!isList || isUnknown(next.value)) return [next];
  const items = listOf(next.value);
  if (items.length === 0) return [{ ...next, value: undefined }];
  return items.map((item, index) => ({ path: `${next.path}[${index}]`, value: item }));
}

/** Something that must hold wherever a path leads. */
export interface Demand {
  readonly path: string;
  readonly holds: (value: unknown) => boolean;
  readonly reason: string;
  readonly remedy: string;
}

/** Demands that known values don't meet. */
export function unmet(value: unknown, demands: readonly Demand[]): Finding[] {
  return demands.flatMap(({ path, holds, reason, remedy }) =>
    valuesAt(value, path)
      .filter((found) => !isUnknown(found.value) && !holds(found.value))
      .map((found) => ({ ...found, reason, remedy })),
  );
}

/** Some of AWS' inputs are booleans as text. */
export function isOn(value: unknown): boolean {
  return value === true || value === "true";
}

export function isNotOn(value: unknown): boolean {
  return !isOn(value);
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}
