import { DelayedError, Job, RedisOptions, WaitingError, Worker } from "bullmq";
import { setTimeout as sleep } from "node:timers/promises";
import type { QueueTimes } from "./bullmq-queue";
import { QUEUE_NAME, QUEUE_PREFIX } from "./keys";
import type { Again, Consumer, WorkOptions } from "./queue";

export interface BullMqConsumerOptions extends WorkOptions {
  readonly times: QueueTimes;
  readonly onError: (sentence: string) => void;
}

/** Milliseconds that BullMQ has to write down results after the last work ended; longer only if Redis is away. */
const FAREWELL = 2_000;

type Work = (jobId: string, signal: AbortSignal) => Promise<Again | undefined>;

/** Takes ids out of Redis. What becomes of a job is its row's concern: here none ever fails, it comes back or is done. */
export class BullMqConsumer implements Consumer {
  private readonly worker: Worker;
  private readonly working = new Set<Promise<unknown>>();
  private readonly grace = new AbortController();
  private stopping: Promise<void> | undefined;

  constructor(
    connection: RedisOptions,
    private readonly work: Work,
    private readonly options: BullMqConsumerOptions,
  ) {
    const { times, concurrency } = options;
    this.worker = new Worker(QUEUE_NAME, async (job: Job, token?: string) => await this.take(job, token), {
      prefix: QUEUE_PREFIX,
      connection,
      concurrency,
      lockDuration: times.lock,
      stalledInterval: times.stalledCheck,
      // Ids of dead processes come back however often that happens; the row counts attempts.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      drainDelay: times.idle / 1000,
      runRetryDelay: times.again,
    });
    this.worker.on("error", (error) => options.onError(error.message));
  }

  async stop(graceSeconds: number): Promise<void> {
    await (this.stopping ??= this.end(graceSeconds));
  }

  private async end(graceSeconds: number): Promise<void> {
    const timer = setTimeout(() => this.grace.abort(), graceSeconds * 1000);
    if (graceSeconds <= 0) this.grace.abort();
    await this.worker.pause(true);
    while (this.working.size > 0) await Promise.allSettled([...this.working]);
    clearTimeout(timer);
    // With Redis away there is nobody to say goodbye to, and BullMQ would wait for it.
    const closed = this.worker.close(!(await this.isConnected())).catch(() => undefined);
    await Promise.race([closed, sleep(FAREWELL, undefined, { ref: false })]);
    await Promise.race([this.worker.getBackend().close(true), sleep(FAREWELL, undefined, { ref: false })]);
  }

  private async isConnected(): Promise<boolean> {
    const client = await Promise.race([this.worker.getBackend().client, Promise.resolve(undefined)]);
    return client?.status === "ready";
  }

  private async take(job: Job, token: string | undefined): Promise<void> {
    // One that was on its way when the stop came: back to the front of the queue.
    if (this.stopping !== undefined) return await back(job, token, 0);
    const work = this.work(job.id ?? "", this.grace.signal);
    this.working.add(work);
    let again: Again | undefined;
    try {
      again = await work;
    } catch (error) {
      this.options.onError(error instanceof Error ? error.message : "unknown");
      again = { afterSeconds: this.options.times.again / 1000 };
    } finally {
      this.working.delete(work);
    }
    if (again !== undefined) await back(job, token, again.afterSeconds);
  }
}

/** Has the id come back. Always throws: that is how BullMQ hears of it. */
async function back(job: Job, token: string | undefined, afterSeconds: number): Promise<never> {
  if (afterSeconds > 0) {
    await job.moveToDelayed(Date.now() + afterSeconds * 1000, token);
    throw new DelayedError();
  }
  await job.moveToWait(token);
  throw new WaitingError();
}
