/** Asks again what may succeed later, a bounded number of times. */
import type { Clock } from "../provisioner/clock";
import { MigrationError } from "./site-migrator";

/** Seconds between tries of one question: a restart of a web server fits in, a site that is down does not. */
export const PAUSES: readonly number[] = [1, 2, 4, 8, 16];

/** Seconds that a site may ask to be left alone for before the job gives way to others. */
const LONGEST_PAUSE = 60;

/**
 * @param failures how many there were in a row before this one
 * @returns when it is to be tried again
 * @throws what failed, if another try now makes no sense
 */
export async function pauseAfter(error: unknown, failures: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const pause = PAUSES[failures];
  if (signal.aborted || !(error instanceof MigrationError) || !error.retryable || pause === undefined) throw error;
  const { afterSeconds = 0 } = error;
  if (afterSeconds > LONGEST_PAUSE) throw error;
  await clock.sleep(Math.max(pause, afterSeconds) * 1000, signal);
}

/** For what may be done twice. @throws what failed last */
export async function patiently<T>(work: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      await pauseAfter(error, failures, clock, signal);
    }
  }
}
