/** Events of jobs for all open streams of this process, by one question to the table at a time. */
import { isOver, JobEvent } from "../domain/job";
import type { Clock } from "../provisioner/clock";
import type { JobStore } from "../store/job-store";

/** Receives a job's events in order, each once. */
export interface Listener {
  readonly jobId: string;
  /** Sequence of the last that it has. */
  after: number;
  readonly next: (event: JobEvent) => void;
}

/** Events by one question; more come with the next. */
const BATCH = 500;

export class EventHub {
  private readonly listeners = new Set<Listener>();
  private polling: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly jobs: Pick<JobStore, "events">,
    private readonly clock: Clock,
    private readonly pollMilliseconds: number,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** @returns what ends it */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    this.polling ??= this.poll().finally(() => (this.polling = undefined));
    return () => void this.listeners.delete(listener);
  }

  get open(): number {
    return this.listeners.size;
  }

  close(): void {
    this.closed = true;
    this.listeners.clear();
  }

  /** As long as anybody listens. A table that is away is asked again; streams stay open meanwhile. */
  private async poll(): Promise<void> {
    while (this.listeners.size > 0 && !this.closed) {
      const more = await this.pass().catch((error: unknown) => {
        this.failed(error);
        return false;
      });
      if (!more) await this.clock.sleep(this.pollMilliseconds);
    }
  }

  /** @returns whether there may be more at once */
  private async pass(): Promise<boolean> {
    const after: Record<string, number> = {};
    for (const listener of this.listeners) {
      after[listener.jobId] = Math.min(after[listener.jobId] ?? Infinity, listener.after);
    }
    const events = await this.jobs.events(after, BATCH);
    for (const event of events) {
      for (const listener of this.listeners) {
        if (listener.jobId !== event.jobId || event.sequence <= listener.after) continue;
        listener.after = event.sequence;
        listener.next(event);
      }
    }
    return events.length === BATCH;
  }
}

export const isLast = ({ status }: JobEvent) => isOver(status);
