import { setTimeout as sleepFor } from "node:timers/promises";

/** Time, as something that a test can step. */
export interface Clock {
  now(): Date;
  /** Rejects when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (milliseconds, signal) => await sleepFor(milliseconds, undefined, { signal }),
};
