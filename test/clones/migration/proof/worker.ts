/** Runs {@link Work} in a process of its own. */
import { ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Memory, Work } from "./child";

export interface Worker {
  readonly child: ChildProcess;
  /** When it has begun; also when it ended. */
  readonly begun: Promise<void>;
  /** When everything is on the target, and its tables and folders are about to change places; also when it ended. */
  readonly changingOver: Promise<void>;
}

export function startWorker(work: Work): Worker {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "child.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(work));
  const said = (word: string) =>
    new Promise<void>((resolve) => {
      child.stdout.on("data", (part: Buffer) => {
        if (part.toString().includes(word)) resolve();
      });
      child.once("exit", () => resolve());
    });
  return { child, begun: said("begun"), changingOver: said("changing over") };
}

/** Its exit code, or the signal that ended it. */
export function endOf({ child }: Worker): Promise<number | string> {
  const { exitCode, signalCode } = child;
  if (exitCode !== null || signalCode !== null) return Promise.resolve(exitCode ?? signalCode ?? "");
  return new Promise((resolve) => child.once("exit", (code, name) => resolve(code ?? name ?? "")));
}

export interface Measured {
  readonly seconds: number;
  readonly memory: Memory;
}

/** Until its end, without the start of its process. @throws {Error} if it fails */
export async function measured(work: Work): Promise<Measured> {
  const worker = startWorker(work);
  let output = "";
  worker.child.stdout?.on("data", (part: Buffer) => (output += part.toString()));
  await worker.begun;
  const start = performance.now();
  const end = await endOf(worker);
  const seconds = (performance.now() - start) / 1_000;
  const [, memory] = /^memory (.*)$/m.exec(output) ?? [];
  if (end !== 0 || memory === undefined) throw new Error(`the migrating process ended with ${end}`);
  return { seconds, memory: JSON.parse(memory) as Memory };
}
