import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** Share of all cores' time that must be idle, for so many seconds on end. */
const IDLE_SHARE = 0.6;
const SECONDS = 3;

/** Waits until the machine does little else, so that a figure is the program's and not its neighbours'. */
export async function untilQuiet(longestMs = 120_000): Promise<void> {
  const end = Date.now() + longestMs;
  let quiet = 0;
  let before = times();
  while (quiet < SECONDS && Date.now() < end) {
    await sleep(1000);
    const now = times();
    quiet = (now.idle - before.idle) / (now.all - before.all) >= IDLE_SHARE ? quiet + 1 : 0;
    before = now;
  }
}

/** Milliseconds of all cores since the start of the machine. */
function times(): { idle: number; all: number } {
  const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);
  const cores = cpus().map((core) => core.times);
  return { idle: sum(cores.map(({ idle }) => idle)), all: sum(cores.flatMap((core) => Object.values(core))) };
}
