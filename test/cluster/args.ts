import { parseArgs } from "node:util";
import { assertNoProblems, Problem } from "../../constructs/shared/problems";
import { ControllerName, CONTROLLERS } from "./programs";

/** What `npm run cluster` was asked for. */
export interface CommandLine {
  readonly command: "run" | "build";
  readonly nodes: number;
  readonly controllers: readonly ControllerName[];
  readonly audit: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run cluster -- [build] [options]

Starts a Kubernetes control plane with fake nodes, without containers, and stops it at Ctrl-C.
The first start builds its programs from Go modules, which takes a while.

  build           build what is missing, and start nothing
  --nodes N       fake nodes (3)
  --with NAME     also run this controller: ${Object.keys(CONTROLLERS).join(", ")}; may be given more than once
  --audit         log every request in logs/audit.log
  --help          say this
`;

/** @throws {InvalidInputError} naming everything that can't be followed */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      nodes: { type: "string", default: "3" },
      with: { type: "string", multiple: true, default: [] },
      audit: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  assertNoProblems(validate(values.nodes, values.with, positionals));
  return {
    command: positionals[0] === "build" ? "build" : "run",
    nodes: Number(values.nodes),
    controllers: values.with as ControllerName[],
    audit: values.audit,
    help: values.help,
  };
}

function validate(nodes: string, controllers: readonly string[], positionals: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const add = (path: string, value: unknown, reason: string, remedy: string) =>
    problems.push({ code: "CLUSTER_ARGUMENT", path, value, reason, remedy });
  if (!/^\d{1,4}$/.test(nodes)) add("--nodes", nodes, "it is not a number of nodes", "Give 0 to 9999");
  const known = Object.keys(CONTROLLERS);
  for (const name of controllers) {
    if (!known.includes(name)) add("--with", name, "there is no such controller", `Give one of: ${known.join(", ")}`);
  }
  for (const word of positionals.filter((word, index) => index > 0 || word !== "build")) {
    add("command", word, "there is no such command", "Give build, or nothing");
  }
  return problems;
}
