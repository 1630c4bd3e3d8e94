/**
 * A process that copies or restores, to be killed or measured: what to do comes by standard input, what the job's owner would
 * see goes out line by line, and behind it the most memory that it had.
 */
import { json } from "node:stream/consumers";
import type { CopyRequest, RestoreRequest } from "../../../../clones/migration/site-migrator";
import { newMigrator } from "./sites";

export type Work =
  | { readonly copy: Omit<CopyRequest, "report" | "signal"> }
  | { readonly restore: Omit<RestoreRequest, "report" | "signal"> };

/** In bytes. */
export interface Memory {
  readonly rss: number;
  /** What JavaScript has, collected or not. */
  readonly heap: number;
}

async function main(): Promise<void> {
  const work = (await json(process.stdin)) as Work;
  // Not the kernel's maximum: that one begins with what the process had that started this one.
  const most = { rss: 0, heap: 0 };
  const look = () => {
    const { rss, heapUsed } = process.memoryUsage();
    most.rss = Math.max(most.rss, rss);
    most.heap = Math.max(most.heap, heapUsed);
  };
  const looking = setInterval(look, 50);
  const more = {
    report: (_fraction: number, message: string) => void process.stdout.write(`${message}\n`),
    signal: new AbortController().signal,
  };
  process.stdout.write("begun\n");
  const migrator = newMigrator();
  if ("copy" in work) await migrator.copy({ ...work.copy, ...more });
  else await migrator.restore({ ...work.restore, ...more });
  clearInterval(looking);
  const memory: Memory = most;
  process.stdout.write(`memory ${JSON.stringify(memory)}\n`);
}

main()
  .then(() => process.exit(0))
  .catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
