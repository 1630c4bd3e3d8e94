/** The life of one process: it starts, works until it is told to end, and ends in order. */
import type { Logger } from "pino";

/** Something that was started and can be stopped; stopping returns when it is done. */
export interface Running {
  readonly stop: () => Promise<void>;
}

export interface Lifetime {
  readonly log: Logger;
  /** Aborted when the process is to end. */
  readonly signal: AbortSignal;
  /** Milliseconds after which whatever still runs is left behind. */
  readonly deadlineMilliseconds: number;
}

/** Aborts when the process is told to end; told twice, it ends at once. */
export function endSignal(): AbortSignal {
  const end = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (end.signal.aborted) process.exit(1);
      end.abort();
    });
  }
  return end.signal;
}

/**
 * Runs what `start` started until the signal.
 *
 * @returns the exit code: 1 if it didn't stop in time
 */
export async function runUntilTold(
  { log, signal, deadlineMilliseconds }: Lifetime,
  start: () => Promise<Running>,
): Promise<number> {
  warnThrough(log);
  const running = await start();
  log.info("started");
  await new Promise<void>((told) => {
    if (signal.aborted) told();
    signal.addEventListener("abort", () => told(), { once: true });
  });
  log.info("ending");
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((give) => (timer = setTimeout(() => give("late"), deadlineMilliseconds)));
  const ended = await Promise.race([running.stop(), late]);
  clearTimeout(timer);
  if (ended === "late") log.error("did not end in time");
  return ended === "late" ? 1 : 0;
}

/** Node's own warnings would be lines of the log that no program reads. */
function warnThrough(log: Logger): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => log.warn({ warning: name }, message));
}

/** Stops all, the last started first; one that fails keeps none of the others from it. */
export function together(parts: readonly Running[], log: Logger): Running {
  return {
    stop: async () => {
      for (const part of [...parts].reverse()) {
        await part.stop().catch((error: unknown) => log.error({ err: error }, "a part did not stop in order"));
      }
    },
  };
}
