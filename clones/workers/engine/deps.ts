/** What workers are made of; whoever starts them brings these. */
import type { CopyBackend } from "../../copies/copies";
import { RETRY, retryDelay } from "../../domain/job";
import type { SiteMigrator } from "../../migration/site-migrator";
import type { Clock } from "../../provisioner/clock";
import type { JobQueue } from "../../queue/queue";
import { JobStore, LEASE_SECONDS } from "../../store/job-store";
import type { CloneBackend, WarmPods } from "../backend";

/** Opens the request's secrets and seals the result's; the context binds each to its job. */
export interface JobVault {
  open(sealed: string, context: string): string | Promise<string>;
  seal(plaintext: string, context: string): string | Promise<string>;
}

export type WorkerLog = (entry: {
  readonly event: string;
  readonly level?: "info" | "error";
  readonly [field: string]: unknown;
}) => void;

export type StepOutcome = "succeeded" | "failed" | "interrupted" | "undone";

/** Where traces and metrics come in. */
export interface WorkerTelemetry {
  /**
   * Runs `work` within a span.
   *
   * @param traceparent context that it goes on from; @default the span around it
   */
  inSpan<T>(
    name: string,
    attributes: Readonly<Record<string, string | number>>,
    work: () => Promise<T>,
    traceparent?: string,
  ): Promise<T>;
  step(labels: { readonly type: string; readonly step: string; readonly outcome: StepOutcome }, seconds: number): void;
  /** A job's end. @param seconds since it was asked for */
  job(labels: { readonly type: string; readonly status: string }, seconds: number): void;
}

export interface WorkerDeps {
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly backend: CloneBackend;
  /** @default every clone starts cold */
  readonly warmPods?: WarmPods;
  readonly migrator: SiteMigrator;
  /** @default no Loomworks database is copied */
  readonly copies?: CopyBackend;
  readonly vault: JobVault;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: WorkerLog;
  /** @default nobody measures */
  readonly telemetry?: WorkerTelemetry;
}

export interface WorkerOptions {
  /** Who holds the jobs: of this process alone, such as its pod's name with something random behind. */
  readonly workerId: string;
  /** Jobs at once. @default 4 */
  readonly concurrency?: number;
  /** Between two signs of life. @default 2: as long does a cancellation take to be heard */
  readonly heartbeatSeconds?: number;
  /** How long a hold lasts without one; the store's own. @default 30 */
  readonly leaseSeconds?: number;
  /** Between two writes of the progress. @default 1 */
  readonly reportSeconds?: number;
  /** Between two tries to write what must be written while the store is away. @default 0.5 */
  readonly storePauseSeconds?: number;
  /** Between the tries of an undo. @default 1 to 30, 2 minutes in all: an API server that restarts is back by then */
  readonly undoPauses?: readonly number[];
  /** How often a job may be begun: one that has killed as many workers is ended. @default 30 */
  readonly attempts?: number;
  /** Seconds until another try, by the count of failures; nothing when there is none. @default the documents' figures */
  readonly retryDelay?: (failures: number, random: number) => number | undefined;
}

export const WORKER_DEFAULTS: Required<Omit<WorkerOptions, "workerId">> = {
  concurrency: 4,
  heartbeatSeconds: 2,
  leaseSeconds: LEASE_SECONDS,
  reportSeconds: 1,
  storePauseSeconds: 0.5,
  undoPauses: [1, 2, 4, 8, 15, 30, 30, 30],
  attempts: 10 * RETRY.retries,
  retryDelay,
};

export type WorkerSettings = Required<WorkerOptions>;

export const NO_TELEMETRY: WorkerTelemetry = {
  inSpan: async (_name, _attributes, work) => await work(),
  step: () => undefined,
  job: () => undefined,
};
