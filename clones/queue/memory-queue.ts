/** The queue within one process, for the embedded mode and for tests. What it loses at its end, the sweeper brings back. */
import type { Clock } from "../provisioner/clock";
import { queueUnavailable } from "./errors";
import type { Again, Consumer, JobQueue, QueueDepth, WorkOptions } from "./queue";

/** Seconds until an id comes back whose work threw. */
const AFTER_ERROR_SECONDS = 1;

type Work = (jobId: string, signal: AbortSignal) => Promise<Again | undefined>;

export class MemoryQueue implements JobQueue {
  private readonly waiting: string[] = [];
  /** By id: what calls its waiting off. */
  private readonly delayed = new Map<string, AbortController>();
  private readonly active = new Set<string>();
  private readonly consumers = new Set<MemoryConsumer>();
  private isClosed = false;

  constructor(private readonly clock: Clock) {}

  add(jobId: string, delaySeconds = 0): Promise<boolean> {
    if (this.isClosed) return Promise.reject(queueUnavailable("it was closed"));
    const isKnown = this.active.has(jobId) || this.waiting.includes(jobId);
    const isDelayed = this.delayed.has(jobId);
    if (!isKnown && !(isDelayed && delaySeconds > 0)) this.put(jobId, delaySeconds, "last");
    return Promise.resolve(!isKnown && !isDelayed);
  }

  work(work: Work, options: WorkOptions): Consumer {
    const consumer = new MemoryConsumer(work, options, this.clock, {
      take: () => this.take(),
      done: (jobId, again) => this.done(jobId, again),
    });
    this.consumers.add(consumer);
    consumer.wake();
    return consumer;
  }

  depth(): Promise<QueueDepth> {
    return Promise.resolve({
      waiting: this.waiting.length,
      delayed: this.delayed.size,
      active: this.active.size,
    });
  }

  check(): Promise<void> {
    return this.isClosed ? Promise.reject(queueUnavailable("it was closed")) : Promise.resolve();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.consumers].map((consumer) => consumer.stop(0)));
    for (const waiting of this.delayed.values()) waiting.abort();
    this.delayed.clear();
  }

  private put(jobId: string, delaySeconds: number, place: "first" | "last"): void {
    this.delayed.get(jobId)?.abort();
    this.delayed.delete(jobId);
    if (this.isClosed) return;
    if (delaySeconds > 0) {
      const waiting = new AbortController();
      this.delayed.set(jobId, waiting);
      const due = () => this.put(jobId, 0, "last");
      void this.clock.sleep(delaySeconds * 1000, waiting.signal).then(due, () => undefined);
      return;
    }
    if (place === "first") this.waiting.unshift(jobId);
    else this.waiting.push(jobId);
    for (const consumer of this.consumers) consumer.wake();
  }

  private take(): string | undefined {
    const jobId = this.waiting.shift();
    if (jobId !== undefined) this.active.add(jobId);
    return jobId;
  }

  private done(jobId: string, again: Again | undefined): void {
    this.active.delete(jobId);
    if (again !== undefined) this.put(jobId, again.afterSeconds, "first");
  }
}

interface Shelf {
  take(): string | undefined;
  done(jobId: string, again: Again | undefined): void;
}

class MemoryConsumer implements Consumer {
  private readonly working = new Set<Promise<void>>();
  private readonly grace = new AbortController();
  private isStopping = false;

  constructor(
    private readonly work: Work,
    private readonly options: WorkOptions,
    private readonly clock: Clock,
    private readonly shelf: Shelf,
  ) {}

  wake(): void {
    while (!this.isStopping && this.working.size < this.options.concurrency) {
      const jobId = this.shelf.take();
      if (jobId === undefined) return;
      const working: Promise<void> = this.one(jobId).finally(() => {
        this.working.delete(working);
        this.wake();
      });
      this.working.add(working);
    }
  }

  async stop(graceSeconds: number): Promise<void> {
    this.isStopping = true;
    const ended = new AbortController();
    const late = () => this.grace.abort();
    if (graceSeconds <= 0) late();
    else void this.clock.sleep(graceSeconds * 1000, ended.signal).then(late, () => undefined);
    while (this.working.size > 0) await Promise.all([...this.working]);
    ended.abort();
  }

  private async one(jobId: string): Promise<void> {
    const again = await this.work(jobId, this.grace.signal).catch(() => ({ afterSeconds: AFTER_ERROR_SECONDS }));
    this.shelf.done(jobId, again);
  }
}
