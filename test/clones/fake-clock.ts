import type { Clock } from "../../clones/provisioner/clock";

/** A clock that a test steps; who sleeps wakes in the order of time. */
export class FakeClock implements Clock {
  private millis: number;
  private readonly sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  constructor(start: string) {
    this.millis = Date.parse(start);
  }

  now(): Date {
    return new Date(this.millis);
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new Error("aborted"));
        return;
      }
      const leave = () => {
        this.sleepers.delete(sleeper);
        reject(new Error("aborted"));
      };
      const wake = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const sleeper = { at: this.millis + milliseconds, wake };
      this.sleepers.add(sleeper);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  /** Lets time pass, and whatever follows from it happen. */
  async step(milliseconds: number): Promise<void> {
    const end = this.millis + milliseconds;
    await settle();
    for (;;) {
      const [next] = [...this.sleepers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.sleepers.delete(next);
      this.millis = Math.max(this.millis, next.at);
      next.wake();
      await settle();
    }
    this.millis = end;
  }
}

/** Until nothing more follows from what has happened. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
