/** Takes back what steps did, the last one first. */
import type { WorkerDeps, WorkerSettings } from "./deps";
import { failureOf } from "./failures";
import type { JobPlan, Output, Step } from "./plan";
import { Interrupted, Pulse } from "./pulse";
import type { Records } from "./records";
import type { Scrubber } from "./scrubber";
import type { StepRunner } from "./step-runner";

export class Undoer {
  constructor(
    private readonly deps: WorkerDeps,
    private readonly settings: WorkerSettings,
    private readonly plan: JobPlan,
    private readonly runner: StepRunner,
    private readonly pulse: Pulse,
    private readonly records: Records,
    private readonly scrubber: Scrubber,
  ) {}

  /**
   * Undoes the step at `index` and all after it, also those that were only begun.
   *
   * @param note what the first of them finds as its earlier output
   * @returns what could not be taken back: a sentence by step
   * @throws {Interrupted} if the job is lost, or this process ends
   */
  async undoFrom(index: number, note?: Output): Promise<Readonly<Record<string, string>>> {
    const left: Record<string, string> = {};
    const steps = this.plan.steps.slice(index);
    for (const step of [...steps].reverse()) {
      const record = this.records.get(step.name);
      if (record === undefined || record.state === "undone") continue;
      const sentence = await this.undo(step, record.output);
      if (sentence === undefined) {
        const output = step === steps[0] && note !== undefined ? { ...record.output, ...note } : record.output;
        await this.records.save(step.name, { state: "undone", ...(output === undefined ? {} : { output }) });
      } else {
        left[step.name] = sentence;
      }
    }
    return left;
  }

  /** @returns why it can't be undone, after the last try */
  private async undo(step: Step, output: Output | undefined): Promise<string | undefined> {
    if (step.undo === undefined) return undefined;
    let sentence = "";
    for (const pause of [0, ...this.settings.undoPauses]) {
      await this.deps.clock.sleep(pause * 1000, this.pulse.undoSignal).catch(() => undefined);
      const { why } = this.pulse;
      if (why === "lost" || why === "stop") throw new Interrupted(why);
      try {
        const context = this.runner.context(step, this.pulse.undoSignal);
        await this.runner.measured(step, "undo", async () => await step.undo?.(context, output));
        return undefined;
      } catch (error) {
        if (error instanceof Interrupted) throw error;
        sentence = this.scrubber.clean(failureOf(error, step.name).message);
        this.deps.log({ event: "undo.failed", level: "error", step: step.name, message: sentence });
      }
    }
    return sentence;
  }
}
