import { spawnSync } from "node:child_process";

/** Nobody waits longer for a program to say its version. */
const TIMEOUT_MILLISECONDS = 10_000;

/** What a command prints on both outputs, or nothing if it can't be run. */
export function outputOf(command: string, args: readonly string[]): string | undefined {
  // The environment is given, not inherited: a test's own changes of it count too.
  const options = { encoding: "utf8", timeout: TIMEOUT_MILLISECONDS, env: process.env } as const;
  const { error, stdout, stderr } = spawnSync(command, args, options);
  return error ? undefined : `${stdout}${stderr}`.trim();
}
