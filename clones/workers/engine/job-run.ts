/** One job in the hands of one worker: from its claim to its end, or until the worker has to let go. */
import type { JobFailure } from "../../domain/job";
import type { Again } from "../../queue/queue";
import type { ClaimedJob, Outcome } from "../../store/job-store";
import { NO_TELEMETRY, WorkerDeps, WorkerSettings, WorkerTelemetry } from "./deps";
import { Failure, failureOf, tooManyAttempts, undoFailure } from "./failures";
import { Interrupted, Pulse } from "./pulse";
import { BeginAgain, JobPlan, Output, StepFailure } from "./plan";
import { Records } from "./records";
import { Scrubber } from "./scrubber";
import { StepRunner } from "./step-runner";
import { Undoer } from "./undoer";

/** Kept among the steps: that the job is going to fail, and why, so that whoever takes over goes on undoing. */
const ENDING = "ending";

export class JobRun {
  private readonly scrubber = new Scrubber();
  private readonly telemetry: WorkerTelemetry;
  private readonly pulse: Pulse;
  private readonly records: Records;
  private readonly runner: StepRunner;
  private readonly undoer: Undoer;
  /** For the message of what nobody foresaw. */
  private current = "claim";

  constructor(
    private readonly deps: WorkerDeps,
    private readonly settings: WorkerSettings,
    private readonly plan: JobPlan,
    private readonly claimed: ClaimedJob,
    times: { readonly claimedAt: Date; readonly grace: AbortSignal },
  ) {
    const { jobs, clock, telemetry = NO_TELEMETRY } = deps;
    this.telemetry = telemetry;
    this.pulse = new Pulse(jobs, claimed.hold, clock, settings, times.grace, times.claimedAt);
    this.records = new Records(jobs, claimed, clock, settings, this.pulse);
    this.runner = new StepRunner(deps, settings, plan, claimed, this.pulse, this.records, this.scrubber);
    this.undoer = new Undoer(deps, settings, plan, this.runner, this.pulse, this.records, this.scrubber);
  }

  /** @returns when the queue is to bring it back */
  async run(): Promise<Again | undefined> {
    this.pulse.start();
    try {
      return await this.work();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (error.why === "stop") return await this.handBack();
      this.note("job.lost");
      return undefined;
    } finally {
      this.pulse.end();
      await this.runner.end();
    }
  }

  private async work(): Promise<Again | undefined> {
    const { job, steps } = this.claimed;
    try {
      await this.openSecrets();
    } catch (error) {
      return await this.fail(this.failureOf(error));
    }
    const ending = steps[ENDING]?.output as JobFailure | undefined;
    if (ending !== undefined) return await this.fail(ending);
    if (job.cancelRequestedAt !== undefined) return await this.cancel();
    if (job.attempt > this.settings.attempts) return await this.fail(tooManyAttempts(job.attempt));
    try {
      await this.forward();
      return await this.complete();
    } catch (error) {
      if (error instanceof Interrupted && error.why !== "cancel") throw error;
      if (error instanceof Interrupted) return await this.cancel();
      return await this.retryOrFail(this.failureOf(error));
    }
  }

  private async openSecrets(): Promise<void> {
    const { job, secrets } = this.claimed;
    if (secrets === undefined) return;
    this.current = "secrets";
    const opened = JSON.parse(await this.deps.vault.open(secrets, `${job.id}/request`)) as Record<string, unknown>;
    this.scrubber.hideAll(opened);
    this.runner.secrets = opened;
  }

  private async forward(): Promise<void> {
    const { steps } = this.plan;
    for (const [index, step] of steps.entries()) {
      this.current = step.name;
      if (!(await this.runner.stands(step))) {
        await this.goBack(index);
        break;
      }
    }
    for (let index = 0; index < steps.length; index += 1) {
      const step = steps[index];
      if (step === undefined) break;
      this.current = step.name;
      try {
        await this.runner.run(step);
      } catch (error) {
        if (!(error instanceof BeginAgain)) throw error;
        const back = steps.findIndex(({ name }) => name === error.step);
        this.note("job.again", { from: error.step, reason: this.scrubber.clean(error.reason) });
        await this.goBack(back, error.note);
        index = back - 1;
      }
    }
  }

  /** @throws {StepFailure} JOB_UNDO: on what can't be taken back, nothing is built anew */
  private async goBack(index: number, note?: Output): Promise<void> {
    const left = await this.undoer.undoFrom(index, note);
    if (Object.keys(left).length === 0) return;
    const { code, message } = undoFailure(undefined, left);
    throw new StepFailure(code, message, true);
  }

  private async complete(): Promise<Again | undefined> {
    const { job } = this.claimed;
    this.current = "complete";
    const { result, message, secrets, ttlExpiresAt } = await this.plan.complete(this.runner.context());
    const sealed = secrets && (await this.deps.vault.seal(JSON.stringify(secrets), `${job.id}/result`));
    await this.runner.end();
    const outcome: Outcome = {
      status: "completed",
      result,
      ...(message === undefined ? {} : { message }),
      ...(sealed === undefined ? {} : { resultSecrets: sealed }),
      ...(ttlExpiresAt === undefined ? {} : { ttlExpiresAt }),
    };
    if (!(await this.finish(outcome))) {
      // Refused: lost, or given up by its owner at the last moment.
      await this.records.persist(() => this.pulse.ask());
      throw new Interrupted(this.pulse.why ?? "lost");
    }
    return undefined;
  }

  private async retryOrFail(failure: Failure): Promise<Again | undefined> {
    const { job, hold } = this.claimed;
    const { retryDelay } = this.settings;
    const seconds = failure.retryable ? retryDelay(job.failures + 1, this.deps.random()) : undefined;
    if (seconds === undefined) return await this.fail(failure);
    const { code, message, undoFrom } = failure;
    if (undoFrom !== undefined) {
      const index = this.plan.steps.findIndex(({ name }) => name === undoFrom);
      const left = await this.undoer.undoFrom(index);
      if (Object.keys(left).length > 0) return await this.fail(failure);
    }
    if (this.pulse.why === "cancel") return await this.cancel();
    await this.runner.end();
    const runAfter = new Date(this.deps.clock.now().getTime() + seconds * 1000);
    const retry = { runAfter, failure: { code, message } };
    if (!(await this.records.persist(() => this.deps.jobs.release(hold, retry)))) throw new Interrupted("lost");
    this.note("job.retry", { level: "error", code, message, seconds });
    return { afterSeconds: seconds };
  }

  private async fail({ code, message }: JobFailure): Promise<Again | undefined> {
    await this.records.save(ENDING, { state: "begun", output: { code, message } });
    const left = await this.undoer.undoFrom(0);
    await this.runner.end();
    const failure = Object.keys(left).length === 0 ? { code, message } : undoFailure({ code, message }, left);
    await this.finish({ status: "failed", failure });
    return undefined;
  }

  private async cancel(): Promise<Again | undefined> {
    const left = await this.undoer.undoFrom(0);
    await this.runner.end();
    const isClean = Object.keys(left).length === 0;
    await this.finish(isClean ? { status: "cancelled" } : { status: "failed", failure: undoFailure(undefined, left) });
    return undefined;
  }

  private async finish(outcome: Outcome): Promise<boolean> {
    const { job, hold } = this.claimed;
    const isDone = await this.records.persist(() => this.deps.jobs.finish(hold, outcome));
    if (!isDone) return false;
    const seconds = (this.deps.clock.now().getTime() - job.createdAt.getTime()) / 1000;
    this.telemetry.job({ type: job.type, status: outcome.status }, seconds);
    const why = outcome.status === "failed" ? { level: "error" as const, ...outcome.failure } : {};
    this.note(`job.${outcome.status}`, { seconds, ...why });
    return true;
  }

  /** No failure is counted: the next worker goes on where this one was. */
  private async handBack(): Promise<Again | undefined> {
    try {
      await this.runner.end();
      await this.records.persist(() => this.deps.jobs.release(this.claimed.hold));
      this.note("job.handed-back");
      return { afterSeconds: 0 };
    } catch (error) {
      // With the store away, the lease does it.
      if (error instanceof Interrupted) return undefined;
      throw error;
    }
  }

  private failureOf(error: unknown): Failure {
    const failure = failureOf(error, this.current);
    if (failure.code === "JOB_STEP") {
      const { cause = error } = error instanceof Error ? error : {};
      const told = cause instanceof Error ? (cause.stack ?? cause.message) : "no error";
      this.note("job.broke", { level: "error", step: this.current, error: this.scrubber.clean(told) });
    }
    return { ...failure, message: this.scrubber.clean(failure.message) };
  }

  private note(
    event: string,
    more: { readonly level?: "info" | "error"; readonly [field: string]: unknown } = {},
  ): void {
    const { job } = this.claimed;
    this.deps.log({ event, job_id: job.id, job_type: job.type, attempt: job.attempt, ...more });
  }
}
