/** What of a job's steps is written down, and the writing of it. */
import { ServiceError } from "../../errors";
import type { Clock } from "../../provisioner/clock";
import type { ClaimedJob, JobStore, StepRecord } from "../../store/job-store";
import type { WorkerSettings } from "./deps";
import { Interrupted, Pulse } from "./pulse";

export class Records {
  private readonly steps = new Map<string, StepRecord>();

  constructor(
    private readonly jobs: JobStore,
    private readonly claimed: ClaimedJob,
    private readonly clock: Clock,
    private readonly settings: Pick<WorkerSettings, "storePauseSeconds">,
    private readonly pulse: Pulse,
  ) {
    for (const [name, record] of Object.entries(claimed.steps)) this.steps.set(name, record);
  }

  get(step: string): StepRecord | undefined {
    return this.steps.get(step);
  }

  async save(step: string, record: StepRecord): Promise<void> {
    if (!(await this.persist(() => this.jobs.saveStep(this.claimed.hold, step, record)))) throw this.lost();
    this.steps.set(step, record);
  }

  async setClone(cloneId: string): Promise<void> {
    if (!(await this.persist(() => this.jobs.setClone(this.claimed.hold, cloneId)))) throw this.lost();
  }

  /** Writes what must be written: a store that is away is waited for, as long as the job is surely ours. */
  async persist<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.pulse.why === "lost") throw new Interrupted("lost");
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof ServiceError && error.code === "STORE_UNAVAILABLE")) throw error;
        await this.clock.sleep(this.settings.storePauseSeconds * 1000);
      }
    }
  }

  private lost(): Interrupted {
    this.pulse.interrupt("lost");
    return new Interrupted("lost");
  }
}
