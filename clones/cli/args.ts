import { parseArgs } from "node:util";
import { CLONE_NAMESPACES } from "../../constructs/contract";
import { UsageError } from "../../constructs/shared/cli";
import { InvalidInputError } from "../../constructs/shared/problems";
import { isCloneId } from "../domain/clone-id";
import { OPERATOR_USAGE } from "./operator-usage";

export type CommandLine = {
  readonly namespace: string;
  /** Objects for programs rather than lines for people. */
  readonly json: boolean;
} & (
  | { readonly command: "help" }
  | { readonly command: "list"; readonly customerId?: string }
  | { readonly command: "tree"; readonly id: string }
  | { readonly command: "extend"; readonly id: string; readonly ttlSeconds: number }
  | { readonly command: "delete"; readonly id: string; readonly wait: boolean }
);

export const USAGE = `Usage: npm run clones -- COMMAND [options]

  list               every clone, with its state and its end
  tree ID            what a clone consists of, with states, ages and the last events
  extend ID TTL      lets it live TTL, counted from its creation: 7200, 90m, 2h, 1d
  delete ID          ends it, and returns when everything of it has gone

  --namespace NAME   where the clones are (${CLONE_NAMESPACES.staging}; or CLONES_NAMESPACE)
  --customer ID      list: of this customer alone
  --no-wait          delete: return at once
  --json             for programs

The cluster is the current one of KUBECONFIG.

${OPERATOR_USAGE}
`;

const SECONDS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * @throws {InvalidInputError} if a value is wrong
 * @throws {UsageError} if the words are
 */
export function parseCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const { values, positionals } = parse(args);
  const [command = "help", id = "", ttl = ""] = positionals;
  const common = { namespace: values.namespace ?? env.CLONES_NAMESPACE ?? CLONE_NAMESPACES.staging, json: values.json };
  if (values.help || command === "help") return { ...common, command: "help" };
  const most: Readonly<Record<string, number>> = { list: 1, tree: 2, delete: 2, extend: 3 };
  if (positionals.length !== most[command]) throw new UsageError(USAGE);
  if (command === "list") return { ...common, command, customerId: values.customer };
  if (!isCloneId(id)) throw wrong("id", id, "it is no id of a clone", "Give one such as clone-20260205-143022");
  if (command === "extend") return { ...common, command, id, ttlSeconds: secondsOf(ttl) };
  if (command === "delete") return { ...common, command, id, wait: !values["no-wait"] };
  return { ...common, command: "tree", id };
}

/** `90m` is 5400. Whether a clone may live that long is not decided here. */
export function secondsOf(text: string): number {
  const [, number, unit] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  const factor = SECONDS[unit ?? "?"];
  if (number === undefined || factor === undefined) {
    throw wrong("ttl", text, "it is no time", "Give seconds, or 90m, 2h, 1d");
  }
  return Number(number) * factor;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        namespace: { type: "string", short: "n" },
        customer: { type: "string" },
        json: { type: "boolean", default: false },
        "no-wait": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function wrong(path: string, value: unknown, reason: string, remedy: string): InvalidInputError {
  return new InvalidInputError([{ code: "CLONES_ARGUMENT", path, value, reason, remedy }]);
}
