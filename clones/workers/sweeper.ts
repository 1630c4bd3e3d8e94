/** Puts into the queue what belongs there and isn't: what Redis lost, what a dead worker held, what nobody was told of. */
import type { Clock } from "../provisioner/clock";
import type { JobQueue } from "../queue/queue";
import type { JobStore } from "../store/job-store";
import type { WorkerLog } from "./engine/deps";

export interface SweeperDeps {
  readonly jobs: Pick<JobStore, "due">;
  readonly queue: Pick<JobQueue, "add">;
  readonly clock: Clock;
  readonly log: WorkerLog;
  /** Takes away what nobody needs any more. @default nothing is */
  readonly purge?: () => Promise<unknown>;
  /** Told how many ids the queue had lost, or never heard of. @default nobody */
  readonly swept?: (jobs: number) => void;
}

export interface SweeperOptions {
  /** Between two sweeps. @default 10 */
  readonly everySeconds?: number;
  /** Between two purges. @default 600 */
  readonly purgeSeconds?: number;
  /** Ids of one sweep, those that wait longest first. @default 1000 */
  readonly limit?: number;
}

const DEFAULTS: Required<SweeperOptions> = { everySeconds: 10, purgeSeconds: 600, limit: 1000 };

/** Ids on their way to the queue at once. */
const AT_ONCE = 50;

/** As many as you like, in as many processes: adding twice changes nothing. */
export class Sweeper {
  private readonly options: Required<SweeperOptions>;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private lastPurge = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly deps: SweeperDeps,
    options: SweeperOptions = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /**
   * Once.
   *
   * @returns how many ids the queue had not: of those that are due, most merely wait there
   * @throws {ServiceError} STORE_UNAVAILABLE, QUEUE_UNAVAILABLE
   */
  async sweep(): Promise<number> {
    const { jobs, queue, swept } = this.deps;
    const due = await jobs.due(this.options.limit);
    let missing = 0;
    for (let from = 0; from < due.length; from += AT_ONCE) {
      const added = await Promise.all(due.slice(from, from + AT_ONCE).map((jobId) => queue.add(jobId)));
      missing += added.filter(Boolean).length;
    }
    swept?.(missing);
    return missing;
  }

  private async run(): Promise<void> {
    const { clock } = this.deps;
    while (!this.stopping.signal.aborted) {
      await this.attempt("sweep", () => this.sweep());
      await this.attempt("purge", () => this.purgeIfDue());
      await clock.sleep(this.options.everySeconds * 1000, this.stopping.signal).catch(() => undefined);
    }
  }

  private async purgeIfDue(): Promise<void> {
    const now = this.deps.clock.now().getTime();
    if (now < this.lastPurge + this.options.purgeSeconds * 1000) return;
    await this.deps.purge?.();
    this.lastPurge = now;
  }

  /** Whatever is away now, the next sweep may find it again. */
  private async attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : "unknown";
      this.deps.log({ event: `${what}.failed`, level: "error", message });
    }
  }
}
