/** Zod's findings as problems: which field, why, what to do; never what was given. */
import type { FastifySchemaCompiler } from "fastify";
import { core, ZodType } from "zod";
import type { Problem } from "../../constructs/shared/problems";
import { ServiceError } from "../errors";
import { unreadable } from "./problems";

/** More than these help nobody, and cost. */
const MOST_PROBLEMS = 20;

/** Letters of a field's name that are shown; an unknown one may be anything, a secret in the wrong place included. */
const FIELD_NAME = /^[\w.-]{1,64}$/;

const PARTS: Readonly<Record<string, string>> = { querystring: "query", headers: "headers", params: "url" };

export const compileSchema: FastifySchemaCompiler<ZodType> = ({ schema, httpPart = "body" }) => {
  return (data) => {
    if (httpPart === "body" && (typeof data !== "object" || data === null || Array.isArray(data))) {
      return { error: unreadable("it is no JSON object") };
    }
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    return { error: refusal(result.error.issues, httpPart) };
  };
};

function refusal(issues: readonly core.$ZodIssue[], httpPart: string): ServiceError {
  const problems = issues.flatMap((issue) => problemsOf(issue, PARTS[httpPart])).slice(0, MOST_PROBLEMS);
  const [first = anything, ...others] = problems;
  return new ServiceError(httpPart === "body" ? 422 : 400, [first, ...others]);
}

const anything: Problem = {
  code: "REQUEST_FIELD",
  path: "body",
  value: undefined,
  reason: "it isn't what the route takes",
  remedy: "/docs shows what it takes",
};

function problemsOf(issue: core.$ZodIssue, prefix: string | undefined): Problem[] {
  const path = [...(prefix === undefined ? [] : [prefix]), ...issue.path.map(String)].join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      code: "REQUEST_FIELD_UNKNOWN",
      path: [path, FIELD_NAME.test(key) ? key : "(unreadable name)"].filter((part) => part !== "").join("."),
      value: undefined,
      reason: "there is no such field",
      remedy: "Correct its name or leave it away; /docs shows those there are",
    }));
  }
  const missing = issue.code === "invalid_type" && issue.input === undefined && issue.message.includes("undefined");
  const [reason, remedy] = missing ? ["it is missing", "Give it"] : wordsOf(issue);
  const isUrl = issue.code === "custom" && issue.params?.code === "URL_REFUSED";
  const code = isUrl ? "URL_REFUSED" : "REQUEST_FIELD";
  return [{ code, path: path === "" ? "body" : path, value: undefined, reason, remedy }];
}

/** Checks of ours speak for themselves: `reason|remedy`. */
function wordsOf(issue: core.$ZodIssue): [reason: string, remedy: string] {
  switch (issue.code) {
    case "custom": {
      const [reason = "it is refused", remedy = "Correct it"] = issue.message.split("|");
      return [reason, remedy];
    }
    case "invalid_type":
      return ["it is of another type", `Give ${issue.expected === "int" ? "a whole number" : `a ${issue.expected}`}`];
    case "too_small":
      return ["it is too small or too short", `At least ${String(issue.minimum)}`];
    case "too_big":
      return ["it is too large or too long", `At most ${String(issue.maximum)}`];
    case "invalid_value":
      return ["it is none of the values that it may have", `Give one of ${issue.values.map(String).join(", ")}`];
    case "invalid_union":
      return ["it has none of the forms that it may have", "/docs shows them"];
    default:
      return ["it has another form", "/docs shows what it takes"];
  }
}
