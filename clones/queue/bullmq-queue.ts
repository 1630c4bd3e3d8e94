/** The queue in Redis, by BullMQ: producers answer within seconds whatever Redis does, consumers wait for it. */
import { Queue, RedisOptions } from "bullmq";
import { BullMqConsumer } from "./bullmq-consumer";
import { queueUnavailable } from "./errors";
import { QUEUE_KEYS, QUEUE_NAME, QUEUE_PREFIX } from "./keys";
import type { Again, Consumer, JobQueue, QueueDepth, WorkOptions } from "./queue";

/** `redis://:password@host:6379/0`, or its parts. */
export type RedisAddress =
  | { readonly url: string }
  | { readonly host: string; readonly port: number; readonly password?: string; readonly db?: number };

export interface BullMqQueueOptions {
  readonly redis: RedisAddress;
  /** @default {@link QUEUE_TIMES} */
  readonly times?: Partial<QueueTimes>;
  /** Told of what BullMQ can't give back to anyone: a connection that broke, a lock that was lost. @default nobody */
  readonly onError?: (sentence: string) => void;
}

/** All in milliseconds. */
export interface QueueTimes {
  /** How long a producer waits for Redis. */
  readonly command: number;
  /** How long an id stays a dead process's. Renewed at half of it. */
  readonly lock: number;
  /** How often consumers look for ids of dead processes. */
  readonly stalledCheck: number;
  /** Until an id comes back whose work threw, and until a consumer asks Redis again that failed it. */
  readonly again: number;
  /** How long an idle consumer relies on being woken: a wake-up may have gone to a process that died of it. */
  readonly idle: number;
}

export const QUEUE_TIMES: QueueTimes = {
  command: 1_000,
  lock: 30_000,
  stalledCheck: 15_000,
  again: 1_000,
  idle: 5_000,
};

/** Between attempts to reach Redis again, in milliseconds. */
const RECONNECT = { step: 100, most: 2_000 } as const;

export class BullMqQueue implements JobQueue {
  private readonly times: QueueTimes;
  private readonly onError: (sentence: string) => void;
  private readonly consumers = new Set<Consumer>();
  private opened: Queue | undefined;
  private isClosed = false;

  constructor(private readonly options: BullMqQueueOptions) {
    this.times = { ...QUEUE_TIMES, ...options.times };
    this.onError = options.onError ?? (() => undefined);
  }

  async add(jobId: string, delaySeconds = 0): Promise<boolean> {
    return await this.ask(async (queue) => {
      const client = await queue.getBackend().client;
      const keep = { removeOnComplete: true, removeOnFail: true } as const;
      // All at once on one connection: what came first is what it was before.
      const [delayedUntil, there] = await Promise.all([
        client.zscore(QUEUE_KEYS.delayed, jobId),
        client.hexists(queue.toKey(jobId), "timestamp"),
        queue.add("job", {}, { jobId, delay: delaySeconds * 1000, ...keep }),
      ]);
      if (delayedUntil === null || delaySeconds > 0) return there === 0;
      const job = await queue.getJob(jobId);
      // Refused if a worker has taken it meanwhile, which is as good.
      await job?.promote().catch(() => undefined);
      return false;
    });
  }

  work(work: (jobId: string, signal: AbortSignal) => Promise<Again | undefined>, options: WorkOptions): Consumer {
    const { times, onError } = this;
    const connection = { ...this.connection(), maxRetriesPerRequest: null };
    const consumer = new BullMqConsumer(connection, work, { ...options, times, onError });
    this.consumers.add(consumer);
    return consumer;
  }

  async depth(): Promise<QueueDepth> {
    return await this.ask(async (queue) => {
      const counts = await queue.getJobCounts("wait", "prioritized", "delayed", "active");
      const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
      return { waiting: wait + prioritized, delayed, active };
    });
  }

  async check(): Promise<void> {
    await this.ask(async (queue) => await (await queue.getBackend().client).info());
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.consumers].map((consumer) => consumer.stop(0)));
    await this.opened?.getBackend().close(true);
  }

  /** Asks Redis, for as long as a caller can be made to wait. What is cut off may still happen: adding twice is harmless. */
  private async ask<T>(question: (queue: Queue) => Promise<T>): Promise<T> {
    if (this.isClosed) throw queueUnavailable("this process has closed its connection");
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${this.times.command} ms`)), this.times.command);
    });
    try {
      return await Promise.race([question(this.queue()), late]);
    } catch (error) {
      // Not as its cause: errors of the client carry its commands, and one of those is the password.
      throw queueUnavailable(`Redis says: ${error instanceof Error ? error.message : "nothing"}`);
    } finally {
      clearTimeout(timer);
    }
  }

  private queue(): Queue {
    if (this.opened !== undefined) return this.opened;
    const connection = { ...this.connection(), enableOfflineQueue: false, commandTimeout: this.times.command };
    const queue = new Queue(QUEUE_NAME, { prefix: QUEUE_PREFIX, connection });
    queue.on("error", (error) => this.onError(error.message));
    queue.waitUntilReady().catch(() => {
      // The first greeting failed half-way; BullMQ would answer that for ever.
      if (this.opened === queue) this.opened = undefined;
      void queue.getBackend().close(true);
    });
    return (this.opened = queue);
  }

  private connection(): RedisOptions {
    const retryStrategy = (times: number) => Math.min(times * RECONNECT.step, RECONNECT.most);
    return { ...this.options.redis, retryStrategy, connectTimeout: RECONNECT.most };
  }
}
