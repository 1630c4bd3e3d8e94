/** What a job consists of: named steps in an order, each of which may be done again, and undone. */
import type { Job } from "../../domain/job";
import type { Report } from "../../migration/site-migrator";
import type { StepRecord } from "../../store/job-store";

/** What a step leaves for later ones and for its undo. No secrets: it stands in the database as it is. */
export type Output = Readonly<Record<string, unknown>>;

export interface StepContext {
  /** As it was claimed. */
  readonly job: Job;
  /** What came with the request and is sealed in the database. Not to be logged. */
  readonly secrets: Output;
  /** What this step left when it was begun, done or undone before. */
  readonly earlier?: StepRecord;
  /** What a step that is done left; nothing of one that isn't. */
  readonly outputOf: (step: string) => Output | undefined;
  readonly signal: AbortSignal;
  /** How far this step is, from 0 to 1. */
  readonly report: Report;
  /** Writes down which clone the job is about. */
  readonly setClone: (cloneId: string) => Promise<void>;
  /** Secrets that the step learned: no message of the job will show them. */
  readonly hide: (...secrets: readonly (string | undefined)[]) => void;
}

export interface Step {
  /** Stands in the database, in spans and in metrics. */
  readonly name: string;
  /** Of the job's progress; those of a plan make 100. */
  readonly share: number;
  /** For whoever waits. */
  readonly message: string;
  /** Whether this job doesn't need it. @default false */
  skip?(context: StepContext): boolean;
  /** May be called again after it was cut off anywhere, and then does nothing twice. */
  run(context: StepContext): Promise<Output | undefined>;
  /** Whether what was done in an earlier attempt is still there; otherwise it is undone and done anew. @default it is */
  stands?(context: StepContext, output: Output): Promise<boolean>;
  /** Takes back what `run` did, or began. May be called again. @default there is nothing to take back */
  undo?(context: StepContext, output: Output | undefined): Promise<void>;
}

export interface Completed {
  readonly result: Output;
  /** For whoever waited. @default what the last step said */
  readonly message?: string;
  /** For the owner alone; sealed before it is stored. */
  readonly secrets?: Output;
  readonly ttlExpiresAt?: Date;
}

export interface JobPlan {
  readonly steps: readonly Step[];
  /** What came of it, when every step is done. */
  complete(context: StepContext): Promise<Completed>;
}

/** Why a step could not be done. */
export class StepFailure extends Error {
  constructor(
    /** One of docs/errors.md. */
    readonly code: string,
    message: string,
    /** Whether the same again may succeed. */
    readonly retryable: boolean,
    /** First step whose work became doubtful: it and all after it are undone before another try. @default none */
    readonly undoFrom?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "StepFailure";
  }
}

/** Has the job go on from an earlier step at once, without counting a failure. The step must see to it that this ends. */
export class BeginAgain extends Error {
  constructor(
    readonly step: string,
    /** What that step finds as its own earlier output. */
    readonly note: Output,
    readonly reason: string,
  ) {
    super(reason);
    this.name = "BeginAgain";
  }
}
