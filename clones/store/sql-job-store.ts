/** The jobs table behind the port, over MySQL, MariaDB and SQLite alike. */
import { randomBytes } from "node:crypto";
import type { Job } from "../domain/job";
import { SqlDatabase } from "./database";
import type { WebhookPayload } from "./job-changes";
import { JobHolds } from "./job-holds";
import { JobIntake } from "./job-intake";
import { JobQueries } from "./job-queries";
import { Hold, JobQuery, JobStore, LEASE_SECONDS, NewJob, Outcome, Progress, StepRecord } from "./job-store";
import { jobEnded } from "./webhook-payload";

export interface SqlJobStoreOptions {
  /** @default LEASE_SECONDS, 30 */
  readonly leaseSeconds?: number;
  /** What webhooks tell. @default jobEnded */
  readonly webhookPayload?: WebhookPayload;
  /** For ids of jobs that are begun anew. @default the system's */
  readonly randomBytes?: (size: number) => Uint8Array;
}

const DEFAULTS = { leaseSeconds: LEASE_SECONDS, webhookPayload: jobEnded, randomBytes } as const;

export class SqlJobStore implements JobStore {
  private readonly intake: JobIntake;
  private readonly holds: JobHolds;
  private readonly queries: JobQueries;

  constructor(
    private readonly database: SqlDatabase,
    options: SqlJobStoreOptions = {},
  ) {
    const { leaseSeconds, webhookPayload, randomBytes: random } = { ...DEFAULTS, ...options };
    this.intake = new JobIntake(database, random, webhookPayload);
    this.holds = new JobHolds(database, leaseSeconds, webhookPayload);
    this.queries = new JobQueries(database);
  }

  create = (job: NewJob) => this.intake.create(job);
  requestCancel = (jobId: string): Promise<Job | undefined> => this.intake.requestCancel(jobId);
  retry = (jobId: string): Promise<Job | undefined> => this.intake.retry(jobId);

  find = (jobId: string): Promise<Job | undefined> => this.queries.find(jobId);
  list = (query: JobQuery) => this.queries.list(query);
  resultSecrets = (jobId: string) => this.queries.resultSecrets(jobId);
  due = (limit: number) => this.queries.due(limit);
  events = (after: Readonly<Record<string, number>>, limit?: number) => this.queries.events(after, limit);
  counts = () => this.queries.counts();
  check = () => this.queries.check();

  claim = (jobId: string, workerId: string) => this.holds.claim(jobId, workerId);
  heartbeat = (hold: Hold) => this.holds.heartbeat(hold);
  report = (hold: Hold, progress: Progress) => this.holds.report(hold, progress);
  saveStep = (hold: Hold, step: string, record: StepRecord) => this.holds.saveStep(hold, step, record);
  setClone = (hold: Hold, cloneId: string) => this.holds.setClone(hold, cloneId);
  finish = (hold: Hold, outcome: Outcome) => this.holds.finish(hold, outcome);
  release = (hold: Hold, retry?: Parameters<JobStore["release"]>[1]) => this.holds.release(hold, retry);

  close = () => this.database.close();
}
