/** Tells the store how far a job is, no more often than anybody can read. */
import type { Clock } from "../../provisioner/clock";
import type { Progress } from "../../store/job-store";

export class Reporter {
  private pending: Progress | undefined;
  private writing: Promise<void> | undefined;
  private lastWrite = Number.NEGATIVE_INFINITY;
  private highest: number;
  private readonly over = new AbortController();

  /** @param write best effort: what it throws is nobody's concern, the next one tells more */
  constructor(
    private readonly write: (progress: Progress) => Promise<unknown>,
    private readonly clock: Clock,
    private readonly seconds: number,
    start: number,
  ) {
    this.highest = start;
  }

  /** Within a step. Of several within a second, the last is written. */
  say(progress: number, message: string): void {
    if (this.over.signal.aborted) return;
    this.pending = this.rising(progress, message);
    this.writing ??= this.later().finally(() => (this.writing = undefined));
  }

  /** At the beginning of a step: what was still to be said of the one before is out of date. */
  async announce(progress: number, message: string): Promise<void> {
    this.pending = undefined;
    await this.put(this.rising(progress, message));
  }

  /** Nothing more is written when this returns. */
  async end(): Promise<void> {
    this.over.abort();
    this.pending = undefined;
    await this.writing;
  }

  /** It never goes back, whatever had to be done again. */
  private rising(progress: number, message: string): Progress {
    this.highest = Math.max(this.highest, Math.min(100, Math.floor(progress)));
    return { progress: this.highest, message };
  }

  private async later(): Promise<void> {
    while (this.pending !== undefined) {
      const pause = this.lastWrite + this.seconds * 1000 - this.clock.now().getTime();
      if (pause > 0) await this.clock.sleep(pause, this.over.signal).catch(() => undefined);
      const progress = this.pending as Progress | undefined;
      this.pending = undefined;
      if (progress !== undefined) await this.put(progress);
    }
  }

  private async put(progress: Progress): Promise<void> {
    this.lastWrite = this.clock.now().getTime();
    await this.write(progress).catch(() => undefined);
  }
}
