import { parseArgs } from "node:util";
import { assertNoProblems, Problem } from "../../constructs/shared/problems";
import { ControllerName, CONTROLLERS } from "./programs";

/** What `npm run cluster` was asked for. */
export interface CommandLine {
  readonly command: (typeof COMMANDS)[number];
  /** Fake nodes, or this machine as one. */
  readonly nodes: number | "real";
  /** Archives of images that the real node has from the start. */
  readonly images: readonly string[];
  readonly controllers: readonly ControllerName[];
  readonly audit: boolean;
  readonly help: boolean;
}

const COMMANDS = ["run", "build", "stop"] as const;

export const USAGE = `Usage: npm run cluster -- [build|stop] [options]

Starts a Kubernetes control plane with fake nodes, without containers, and stops it at Ctrl-C.
The first start builds its programs from Go modules, which takes a while.

  build           build what is missing, and start nothing
  stop            end every cluster on this machine, and remove what one that crashed has left
  --nodes N       fake nodes (3)
  --pods          no fake nodes but this machine as one, where pods really run; needs root on Linux
  --image FILE    an image that it has, as docker save writes it; may be given more than once
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
      pods: { type: "boolean", default: false },
      image: { type: "string", multiple: true, default: [] },
      with: { type: "string", multiple: true, default: [] },
      audit: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  assertNoProblems(validate(values.nodes, values.with, positionals));
  return {
    command: COMMANDS.find((command) => command === positionals[0]) ?? "run",
    nodes: values.pods ? "real" : Number(values.nodes),
    images: values.image,
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
  const commands: readonly string[] = COMMANDS;
  for (const word of positionals.filter((word, index) => index > 0 || !commands.includes(word))) {
    add("command", word, "there is no such command", "Give build or stop, or nothing");
  }
  return problems;
}
