/** A worker's hold on its job while it works: signs of life, and why it has to let go. */
import { setMaxListeners } from "node:events";
import type { Clock } from "../../provisioner/clock";
import type { Hold, JobStore } from "../../store/job-store";
import type { WorkerSettings } from "./deps";

/** `lost`: somebody else has the job, or may have. `cancel`: its owner gave it up. `stop`: this process is about to end. */
export type Interruption = "lost" | "cancel" | "stop";

export class Interrupted extends Error {
  constructor(readonly why: Interruption) {
    super(why);
    this.name = "Interrupted";
  }
}

export class Pulse {
  private readonly working = new AbortController();
  private readonly undoing = new AbortController();
  private readonly over = new AbortController();
  private reason: Interruption | undefined;
  /** Milliseconds; the store's lease began no earlier. */
  private lastSign: number;

  /** @param claimedAt before the claim was sent */
  constructor(
    private readonly jobs: Pick<JobStore, "heartbeat">,
    private readonly hold: Hold,
    private readonly clock: Clock,
    private readonly settings: Pick<WorkerSettings, "heartbeatSeconds" | "leaseSeconds">,
    private readonly grace: AbortSignal,
    claimedAt: Date,
  ) {
    this.lastSign = claimedAt.getTime();
  }

  get why(): Interruption | undefined {
    return this.reason;
  }

  /** Aborted when there is any reason to let go. */
  get workSignal(): AbortSignal {
    return this.working.signal;
  }

  /** Aborted when nothing more may be touched; a cancellation is no reason to leave things lying about. */
  get undoSignal(): AbortSignal {
    return this.undoing.signal;
  }

  start(): void {
    if (this.grace.aborted) this.interrupt("stop");
    // Of all jobs that this worker does at once.
    setMaxListeners(0, this.grace);
    this.grace.addEventListener("abort", () => this.interrupt("stop"), { once: true, signal: this.over.signal });
    void this.beat();
  }

  end(): void {
    this.over.abort();
  }

  interrupt(why: Interruption): void {
    // The first one counts, unless the job isn't ours any more.
    if (this.reason === undefined || why === "lost") this.reason = why;
    if (why !== "cancel") this.undoing.abort();
    this.working.abort();
  }

  /** Asks at once. */
  async ask(): Promise<void> {
    const asked = this.clock.now().getTime();
    const answer = await this.jobs.heartbeat(this.hold);
    if (answer !== "lost") this.lastSign = asked;
    if (answer !== "held") this.interrupt(answer);
  }

  private async beat(): Promise<void> {
    const { heartbeatSeconds, leaseSeconds } = this.settings;
    for (;;) {
      await this.pause(heartbeatSeconds * 1000);
      if (this.over.signal.aborted || this.reason === "lost") return;
      const left = this.lastSign + leaseSeconds * 1000 - this.clock.now().getTime();
      const answered = new AbortController();
      // A store that is away is no reason to let go, until others may take the job.
      const asking = this.ask().catch(() => undefined);
      await Promise.race([
        asking.finally(() => answered.abort()),
        this.pause(left, AbortSignal.any([answered.signal, this.over.signal])),
      ]);
      if (this.clock.now().getTime() >= this.lastSign + leaseSeconds * 1000) this.interrupt("lost");
    }
  }

  private async pause(milliseconds: number, signal = this.over.signal): Promise<void> {
    await this.clock.sleep(Math.max(0, milliseconds), signal).catch(() => undefined);
  }
}
