/**
 * In which order workers hear of jobs. It carries ids alone, and may lose all of them: the jobs table is the record, and
 * the sweeper puts back what is missing. Adding an id that is there already changes nothing, but that one which was to come
 * back later comes now, if no delay is asked for: its row is due.
 */
export interface JobQueue {
  /**
   * @param delaySeconds not before that many seconds; @default 0
   * @returns whether it was not there before
   * @throws {ServiceError} QUEUE_UNAVAILABLE, within seconds
   */
  add(jobId: string, delaySeconds?: number): Promise<boolean>;
  /**
   * Hands out ids, oldest first, until `stop` is called. An id counts as worked off when `work` returns; if it answers
   * with seconds, the id comes back after them. If it throws, or its process dies, the id comes back by itself.
   */
  work(work: (jobId: string, signal: AbortSignal) => Promise<Again | undefined>, options: WorkOptions): Consumer;
  /**
   * Ids that wait, are due later, or are being worked on.
   *
   * @throws {ServiceError} QUEUE_UNAVAILABLE, within seconds
   */
  depth(): Promise<QueueDepth>;
  /**
   * Whether it answers.
   *
   * @throws {ServiceError} QUEUE_UNAVAILABLE otherwise, within seconds
   */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface Again {
  readonly afterSeconds: number;
}

export interface WorkOptions {
  /** Jobs at once. */
  readonly concurrency: number;
}

export interface Consumer {
  /** Takes no more; returns when what is under way has ended. The signal of each is aborted after `graceSeconds`. */
  stop(graceSeconds: number): Promise<void>;
}

export interface QueueDepth {
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
}
