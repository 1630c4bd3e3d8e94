/** Does a job's steps, each as a span, a measurement and a line for whoever waits. */
import type { ClaimedJob } from "../../store/job-store";
import { NO_TELEMETRY, StepOutcome, WorkerDeps, WorkerSettings, WorkerTelemetry } from "./deps";
import type { JobPlan, Output, Step, StepContext } from "./plan";
import { Interrupted, Pulse } from "./pulse";
import type { Records } from "./records";
import { Reporter } from "./reporter";
import type { Scrubber } from "./scrubber";

export class StepRunner {
  secrets: Output = {};
  private readonly telemetry: WorkerTelemetry;
  private readonly reporter: Reporter;

  constructor(
    private readonly deps: WorkerDeps,
    settings: WorkerSettings,
    private readonly plan: JobPlan,
    private readonly claimed: ClaimedJob,
    private readonly pulse: Pulse,
    private readonly records: Records,
    private readonly scrubber: Scrubber,
  ) {
    const { jobs, clock, telemetry = NO_TELEMETRY } = deps;
    this.telemetry = telemetry;
    const write = jobs.report.bind(jobs, claimed.hold);
    this.reporter = new Reporter(write, clock, settings.reportSeconds, claimed.job.progress);
  }

  /** Whether what an earlier attempt did is still there. */
  async stands(step: Step): Promise<boolean> {
    const record = this.records.get(step.name);
    if (record?.state !== "done" || step.stands === undefined) return true;
    return await step.stands(this.context(step), record.output ?? {});
  }

  /** @throws {Interrupted} instead of what a step throws that was told to let go */
  async run(step: Step): Promise<void> {
    const context = this.context(step);
    if (this.records.get(step.name)?.state === "done" || step.skip?.(context) === true) return;
    this.assertHeld();
    await this.records.save(step.name, { state: "begun", ...outputOf(context.earlier?.output) });
    await this.reporter.announce(this.before(step), this.scrubber.clean(step.message));
    const output = await this.measured(step, "step", async () => await step.run(context));
    await this.records.save(step.name, { state: "done", ...outputOf(output) });
  }

  async measured<T>(step: Step, kind: "step" | "undo", work: () => Promise<T>): Promise<T> {
    const { job } = this.claimed;
    const start = this.deps.clock.now().getTime();
    const end = (outcome: StepOutcome) => {
      const seconds = (this.deps.clock.now().getTime() - start) / 1000;
      this.telemetry.step({ type: job.type, step: step.name, outcome }, seconds);
    };
    try {
      const attributes = { job_id: job.id, job_type: job.type, step: step.name, attempt: job.attempt };
      const result = await this.telemetry.inSpan(`${kind} ${step.name}`, attributes, work);
      end(kind === "step" ? "succeeded" : "undone");
      return result;
    } catch (error) {
      const { why } = this.pulse;
      // During an undo, a cancellation is no interruption.
      const isInterrupted = why !== undefined && (kind === "step" || why !== "cancel");
      end(isInterrupted ? "interrupted" : "failed");
      throw isInterrupted ? new Interrupted(why) : error;
    }
  }

  context(step?: Step, signal = this.pulse.workSignal): StepContext {
    const earlier = step && this.records.get(step.name);
    const before = step === undefined ? 100 : this.before(step);
    return {
      job: this.claimed.job,
      secrets: this.secrets,
      ...(earlier === undefined ? {} : { earlier }),
      outputOf: (name) => {
        const record = this.records.get(name);
        return record?.state === "done" ? (record.output ?? {}) : undefined;
      },
      signal,
      report: (fraction, message) => {
        const share = (step?.share ?? 0) * Math.min(1, Math.max(0, fraction));
        this.reporter.say(before + share, this.scrubber.clean(message));
      },
      setClone: (cloneId) => this.records.setClone(cloneId),
      hide: (...secrets) => this.scrubber.hide(...secrets),
    };
  }

  /** Nothing more is reported when this returns. */
  async end(): Promise<void> {
    await this.reporter.end();
  }

  /** Between two steps is the best moment to let go. */
  private assertHeld(): void {
    if (this.pulse.why !== undefined) throw new Interrupted(this.pulse.why);
  }

  private before(step: Step): number {
    const earlier = this.plan.steps.slice(0, this.plan.steps.indexOf(step));
    return earlier.reduce((sum, { share }) => sum + share, 0);
  }
}

function outputOf(output: Output | undefined): { readonly output?: Output } {
  return output === undefined ? {} : { output };
}
