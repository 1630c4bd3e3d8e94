import { parseArgs } from "node:util";
import { UsageError } from "../../constructs/shared/cli";

export const PARTS = ["wordpress", "loomworks", "trouble"] as const;
export type PartName = (typeof PARTS)[number];

/** What `npm run e2e` was asked for. */
export interface CommandLine {
  readonly parts: readonly PartName[];
  /** Whether the cluster runs on until Ctrl-C. */
  readonly keep: boolean;
  readonly seed: number;
  readonly by?: "pulumi" | "waves";
  /** File for a picture of the console with the story's clones in it. */
  readonly screenshot?: string;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run e2e -- [options]

Puts the whole platform on a real node of this machine, or on the cluster that KUBECONFIG_UNDER_TEST names, and plays
its story: WordPress clones and Loomworks side by side, then trouble for both. docs/e2e.md tells what it needs.

  --only PART     play this part alone: ${PARTS.join(", ")}
  --by WAY        apply by pulumi or in waves (by pulumi where its CLI is on PATH)
  --keep          leave everything running until Ctrl-C
  --screenshot F  have Chromium take a picture of the console, with the story's clones in it: a PNG
  --seed N        the same chances as in an earlier run (one that is told)
  --help          say this
`;

/** @param freshSeed where the command line names none */
export function parseCommandLine(args: readonly string[], freshSeed: () => number): CommandLine {
  const values = read(args);
  const { only, by, seed, screenshot, keep, help } = values;
  const part = PARTS.find((name) => name === only);
  if (only !== undefined && part === undefined) throw usage(`--only ${only}: there is no such part`);
  if (screenshot !== undefined && part === "loomworks")
    throw usage(`--screenshot ${screenshot}: that part has no clones to be seen`);
  const way = (["pulumi", "waves"] as const).find((name) => name === by);
  if (by !== undefined && way === undefined) throw usage(`--by ${by}: there is no such way`);
  if (seed !== undefined && !/^\d{1,9}$/.test(seed))
    throw usage(`--seed ${seed}: it is no number of at most nine digits`);
  return {
    parts: part === undefined ? PARTS : [part],
    keep,
    seed: seed === undefined ? freshSeed() : Number(seed),
    ...(way && { by: way }),
    ...(screenshot !== undefined && { screenshot }),
    help,
  };
}

function read(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    const flag = { type: "boolean", default: false } as const;
    return parseArgs({
      args: [...args],
      options: { only: text, by: text, seed: text, screenshot: text, keep: flag, help: flag },
    }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function usage(reason: string): UsageError {
  return new UsageError(`${reason}\n\n${USAGE}`);
}
