/** What the service keeps of its jobs. The row is the job: queue, workers and API only ever act on it through this. */
import type { Job, JobEvent, JobFailure, JobStatus, JobType } from "../domain/job";

export interface NewJob {
  readonly id: string;
  readonly tenantId: string;
  readonly type: JobType;
  /** Without secrets: it is shown to its owner and to operators. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Sealed; gone when the job is over. */
  readonly secrets?: string;
  readonly cloneId?: string;
  readonly webhookUrl?: string;
  readonly traceparent?: string;
  /** The restore that it puts back; there is one such job at a time, and none after one that completed. */
  readonly rollbackOf?: string;
  /** What the caller gave so that asking twice makes one job; one tenant's keys are its own. */
  readonly idempotency?: { readonly key: string; /** Hash of the request. */ readonly fingerprint: string };
}

export interface JobQuery {
  /** @default every tenant's: operators alone ask so */
  readonly tenantId?: string;
  readonly status?: JobStatus;
  readonly type?: JobType;
  readonly cloneId?: string;
  /** @default 50 */
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  /** Absent after the last. */
  readonly cursor?: string;
}

/**
 * A worker's hold on a job. From the end of its lease on others may claim the job, and with that this hold is lost: every
 * write through it changes nothing. Until then a heartbeat prolongs it again, so that a database that was away for a
 * while takes no job from a worker that goes on with it.
 */
export interface Hold {
  readonly jobId: string;
  readonly workerId: string;
  /** Counted up by every claim, so that a worker that slept can't write with its own earlier hold. */
  readonly attempt: number;
}

export interface ClaimedJob {
  readonly job: Job;
  readonly hold: Hold;
  /** As they were given; not to be logged. */
  readonly secrets?: string;
  /** What steps of earlier attempts left, by the step's name. */
  readonly steps: Readonly<Record<string, StepRecord>>;
}

export interface StepRecord {
  readonly state: "begun" | "done" | "undone";
  /** What later steps and the undo need; no secrets. */
  readonly output?: Readonly<Record<string, unknown>>;
}

export interface Progress {
  readonly progress: number;
  readonly message: string;
}

export type Outcome =
  | {
      readonly status: "completed";
      readonly result: Readonly<Record<string, unknown>>;
      /** @default what was reported last */
      readonly message?: string;
      /** Sealed, for its owner to read while the clone lives. */
      readonly resultSecrets?: string;
      readonly ttlExpiresAt?: Date;
    }
  | { readonly status: "failed"; readonly failure: JobFailure }
  | { readonly status: "cancelled" };

export interface JobStore {
  /**
   * Commits the job. With an idempotency key that was used before, nothing is made and the earlier job is returned.
   *
   * @throws {ServiceError} IDEMPOTENCY_MISMATCH where the key was used for another request; RESTORE_PUT_BACK where
   *   another job puts the same restore back, or has
   */
  create(job: NewJob): Promise<{ readonly job: Job; readonly created: boolean }>;
  find(jobId: string): Promise<Job | undefined>;
  list(query: JobQuery): Promise<JobPage>;
  /** Sealed credentials that a completed job left for its owner; nothing after its clone's end. */
  resultSecrets(jobId: string): Promise<string | undefined>;

  /** Takes a job that is due, or whose worker died. Nothing if another has it, or there is nothing left to do. */
  claim(jobId: string, workerId: string): Promise<ClaimedJob | undefined>;
  /** Prolongs the lease, and says whether to go on. */
  heartbeat(hold: Hold): Promise<"held" | "cancel" | "lost">;
  /** Each of these returns whether the hold was still good; if not, nothing was changed. */
  report(hold: Hold, progress: Progress): Promise<boolean>;
  saveStep(hold: Hold, step: string, record: StepRecord): Promise<boolean>;
  setClone(hold: Hold, cloneId: string): Promise<boolean>;
  /** Ends the job; secrets of the request go with it. `completed` is refused once a cancellation was asked for. */
  finish(hold: Hold, outcome: Outcome): Promise<boolean>;
  /** Gives it back: at once, or as a failure that is tried again at `runAfter`. */
  release(hold: Hold, retry?: { readonly runAfter: Date; readonly failure: JobFailure }): Promise<boolean>;

  /**
   * A pending job that left nothing behind is cancelled at once. Any other is told: a running one's worker by its next
   * heartbeat, and one between two tries is due at once, so that a worker undoes what the first left. One that is over
   * stays as it is.
   */
  requestCancel(jobId: string): Promise<Job | undefined>;
  /**
   * Operators: another job of the same request as a failed or cancelled one, which stays as it is. Asked for again, the
   * same other job is returned.
   *
   * @returns nothing if it can't be: it isn't over, it completed, or it needs secrets, which went with its end
   */
  retry(jobId: string): Promise<Job | undefined>;
  /** Ids of jobs that should be in the queue or in a worker's hands: pending and due, or held by nobody alive. */
  due(limit: number): Promise<readonly string[]>;
  /** Events after the sequence given for each job, oldest first. */
  events(after: Readonly<Record<string, number>>, limit?: number): Promise<readonly JobEvent[]>;
  /** Whether the database answers and its schema is the one this code needs. */
  check(): Promise<void>;
  /** Jobs by type and state. */
  counts(): Promise<readonly { readonly type: JobType; readonly status: JobStatus; readonly count: number }[]>;
  close(): Promise<void>;
}

/** Seconds that a hold lasts without a heartbeat. With the sweeper's 10 s, a dead worker's job is taken over within 40 s. */
export const LEASE_SECONDS = 30;
