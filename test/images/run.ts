import { spawn } from "node:child_process";
import { ImageError } from "./errors";

/** How much of what a command said stands in an error. */
const TOLD_LINES = 15;
const KEPT_CHARACTERS = 20_000;

/**
 * Runs a command to its end, in silence.
 *
 * @throws {ImageError} IMAGE_BUILD with the end of what it said
 */
export async function run(program: string, args: readonly string[]): Promise<void> {
  const { status, said } = await ended(program, args);
  if (status === 0) return;
  throw new ImageError({
    code: "IMAGE_BUILD",
    path: `${program} ${args[0] ?? ""}`,
    value: status,
    reason: `it failed; the end of what it said:\n${said.trimEnd().split("\n").slice(-TOLD_LINES).join("\n")}\n`,
    remedy: "Look at the first error above; without a network, what a build needs must be in its cache",
  });
}

/** Whether a command ends well. */
export async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return (await ended(program, args)).status === 0;
}

function ended(program: string, args: readonly string[]): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, DOCKER_BUILDKIT: "1" },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (part: Buffer) => (said = `${said}${part.toString()}`.slice(-KEPT_CHARACTERS)));
    }
    child.once("error", ({ message }) => resolve({ status: null, said: message }));
    child.once("close", (status) => resolve({ status, said }));
  });
}
