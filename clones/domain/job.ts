/** A job: what somebody asked the service for, as a row that outlives every process. Which way it may go stands here. */

/** The documents' types and `copy`, of a Loomworks database; the values of the column. */
export const JOB_TYPES = ["clone", "restore", "delete", "copy"] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** The documents' states, and the values of the column. */
export const JOB_STATUSES = ["pending", "running", "completed", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/**
 * Where each state leads. A running job goes back to `pending` when it is tried again later, or handed back by a worker
 * that stops; a worker that takes over from a dead one leaves it `running`.
 */
export const TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  pending: ["running", "cancelled", "failed"],
  running: ["running", "pending", "completed", "failed", "cancelled"],
  completed: [],
  failed: [],
  cancelled: [],
};

/** Whether nothing more happens to it. */
export function isOver(status: JobStatus): boolean {
  return TRANSITIONS[status].length === 0;
}

/** States from which `to` may be reached: what a database update demands of the row. */
export function statesBefore(to: JobStatus): readonly JobStatus[] {
  return JOB_STATUSES.filter((from) => TRANSITIONS[from].includes(to));
}

/** The documents' figures: three retries, 60 to 300 seconds apart. */
export const RETRY = { retries: 3, minimumSeconds: 60, maximumSeconds: 300 } as const;

/**
 * Seconds until the next try of a job that failed for the `failures`-th time; nothing when it has had its retries. It
 * doubles, and is spread over a quarter so that jobs which failed together don't come back together.
 *
 * @param random from 0 to 1
 */
export function retryDelay(failures: number, random: number): number | undefined {
  if (failures > RETRY.retries) return undefined;
  const seconds = RETRY.minimumSeconds * 2 ** (failures - 1) * (1 + random / 4);
  return Math.min(RETRY.maximumSeconds, Math.round(seconds));
}

/** Why a job failed, for whoever asked for it: a code of docs/errors.md, and a sentence without any secret. */
export interface JobFailure {
  readonly code: string;
  readonly message: string;
}

export interface Job {
  readonly id: string;
  /** Whose it is; nobody else learns that it exists. */
  readonly tenantId: string;
  readonly type: JobType;
  readonly status: JobStatus;
  /** 0 to 100. */
  readonly progress: number;
  /** What it does now, or did last. */
  readonly message?: string;
  /** What was asked for, without its secrets. */
  readonly request: Readonly<Record<string, unknown>>;
  /** What came of it, without any secret. */
  readonly result?: Readonly<Record<string, unknown>>;
  readonly failure?: JobFailure;
  /** The clone that it makes, restores or ends, once there is one. */
  readonly cloneId?: string;
  /** How often it was begun, take-overs included. */
  readonly attempt: number;
  /** How often it failed and was tried again. */
  readonly failures: number;
  /** Not before this; set between two tries. */
  readonly runAfter?: Date;
  readonly cancelRequestedAt?: Date;
  /** W3C trace context of the request that asked for it. */
  readonly traceparent?: string;
  readonly webhookUrl?: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly completedAt?: Date;
  /** When the clone that it made ends. */
  readonly ttlExpiresAt?: Date;
}

/** One step in a job's story, counted from 1 without a gap: what SSE sends, and where it goes on. */
export interface JobEvent {
  readonly jobId: string;
  readonly sequence: number;
  readonly status: JobStatus;
  readonly progress: number;
  readonly message?: string;
  readonly at: Date;
}
