/** Turns what zod found into problems that name path, value, reason and remedy. */
import { z } from "zod";
import { Problem } from "../shared/problems";
import type { CheckParams } from "./fields";

type Path = readonly PropertyKey[];

/** All problems of `error`, in the order of the schema; `raw` is what was parsed. */
export function toProblems(error: z.ZodError, raw: unknown): Problem[] {
  return error.issues.flatMap((issue) => {
    const value = at(raw, issue.path);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey([...issue.path, key], at(raw, [...issue.path, key])));
    }
    return [{ path: written(issue.path), value: value ?? null, ...explain(issue, value) }];
  });
}

function explain(issue: z.core.$ZodIssue, value: unknown): CheckParams {
  switch (issue.code) {
    case "custom":
      return issue.params as unknown as CheckParams;
    case "too_small":
      return range(`it is below ${String(issue.minimum)}`, `Give ${String(issue.minimum)} or more`);
    case "too_big":
      return range(`it is above ${String(issue.maximum)}`, `Give ${String(issue.maximum)} or less`);
    case "invalid_value":
      return {
        code: "SETTING_CHOICE",
        reason: "it is none of the values that this setting knows",
        remedy: `Choose one of ${issue.values.map((choice) => JSON.stringify(choice)).join(", ")}`,
      };
    case "invalid_type":
      return value === undefined
        ? { code: "SETTING_MISSING", reason: "it has no default", remedy: `Give ${article(issue.expected)}` }
        : { code: "SETTING_TYPE", reason: "it has the wrong type", remedy: `Give ${article(issue.expected)}` };
    default:
      return { code: "SETTING_TYPE", reason: issue.message.toLowerCase(), remedy: "See docs/settings.md" };
  }
}

function range(reason: string, remedy: string): CheckParams {
  return { code: "SETTING_RANGE", reason, remedy };
}

function unknownKey(path: Path, value: unknown): Problem {
  return {
    code: "SETTING_UNKNOWN",
    path: written(path),
    // The value of a key nobody knows may be a secret in the wrong place.
    value: typeof value,
    reason: "there is no such setting",
    remedy: "Remove it, or correct its spelling; docs/settings.md lists them all",
  };
}

function article(expected: string): string {
  const nouns: Record<string, string> = {
    int: "a whole number",
    number: "a number",
    string: "a text",
    boolean: "true or false",
    object: "a mapping of settings",
    array: "a list",
  };
  return nouns[expected] ?? `a value of type ${expected}`;
}

function at(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], root);
}

function written(path: Path): string {
  return path.length === 0 ? "settings" : path.map(String).join(".");
}
