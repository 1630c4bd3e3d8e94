/** Works off what the queue hands out. Any number of them may run, in any number of processes. */
import type { Again, Consumer } from "../queue/queue";
import { WORKER_DEFAULTS, WorkerDeps, WorkerOptions, WorkerSettings, NO_TELEMETRY } from "./engine/deps";
import { JobRun } from "./engine/job-run";
import type { JobPlan } from "./engine/plan";
import type { Job } from "../domain/job";
import { planOf } from "./plans/plans";

/** Seconds until the queue brings back what the store couldn't be asked about. */
const STORE_AWAY_SECONDS = 2;

export class Worker {
  private readonly settings: WorkerSettings;
  private consumer: Consumer | undefined;

  /** @param plan what a job consists of; @default the service's own three */
  constructor(
    private readonly deps: WorkerDeps,
    options: WorkerOptions,
    private readonly plan: (job: Job) => JobPlan = (job) => planOf(job, deps),
  ) {
    this.settings = { ...WORKER_DEFAULTS, ...options };
  }

  start(): void {
    const { concurrency } = this.settings;
    this.consumer ??= this.deps.queue.work((jobId, signal) => this.work(jobId, signal), { concurrency });
  }

  /**
   * Takes no more jobs, and returns when none is under way. What isn't finished within the grace is handed back: the
   * next worker goes on with it at once, and no failure is counted.
   */
  async stop(graceSeconds: number): Promise<void> {
    await this.consumer?.stop(graceSeconds);
  }

  /** @returns when the queue is to bring it back */
  private async work(jobId: string, grace: AbortSignal): Promise<Again | undefined> {
    const { jobs, clock, log, telemetry = NO_TELEMETRY } = this.deps;
    const claimedAt = clock.now();
    if (grace.aborted) return { afterSeconds: 0 };
    let claimed;
    try {
      claimed = await jobs.claim(jobId, this.settings.workerId);
    } catch (error) {
      // If it was claimed after all, its lease runs out; the sweeper brings it.
      log({ event: "claim.failed", level: "error", job_id: jobId, message: nameOf(error) });
      return { afterSeconds: STORE_AWAY_SECONDS };
    }
    // Somebody else's, not due yet, or over.
    if (claimed === undefined) return undefined;
    const { job } = claimed;
    const run = new JobRun(this.deps, this.settings, this.plan(job), claimed, { claimedAt, grace });
    const attributes = { job_id: job.id, job_type: job.type, attempt: job.attempt };
    return await telemetry.inSpan(`job ${job.type}`, attributes, () => run.run(), job.traceparent);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
