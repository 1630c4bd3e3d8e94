/** Sees to clones at once and ends them on the second: knows when each is due, and sleeps until the next. */
import type { WordPressClone } from "../domain/clone";
import { expiryOf } from "../domain/expiry";
import type { Clock } from "../provisioner/clock";
import type { CloneEvent } from "../provisioner/watch";
import type { Fate, Reaper } from "./reaper";

/** Between looks at a clone that is on its way, or that something is wrong with. */
const AGAIN_MILLISECONDS = { first: 500, most: 30_000 } as const;

interface Entry {
  readonly clone: WordPressClone;
  /** When to look at it. */
  due: number;
  /** Until the look after that, should it be in vain. */
  pause: number;
}

export class CleanerWatch {
  private readonly entries = new Map<string, Entry>();
  private readonly busy = new Set<string>();
  private wake: () => void = () => undefined;

  constructor(
    private readonly reaper: Pick<Reaper, "attendNow" | "isDue">,
    private readonly clock: Clock,
  ) {}

  /** Works until the events end, or the signal aborts. */
  async run(events: AsyncIterable<CloneEvent>, signal: AbortSignal): Promise<void> {
    const end = new AbortController();
    const all = AbortSignal.any([end.signal, signal]);
    const working = this.work(all);
    try {
      for await (const event of events) this.take(event);
    } finally {
      end.abort();
      await working;
    }
  }

  private take(event: CloneEvent): void {
    if (event.type === "all") this.entries.clear();
    const clones = event.type === "all" ? event.clones : [event.clone];
    for (const clone of clones) {
      const { name } = clone.metadata;
      if (event.type === "gone") this.entries.delete(name);
      else this.entries.set(name, { clone, due: this.dueOf(clone), pause: AGAIN_MILLISECONDS.first });
    }
    this.wake();
  }

  /** At once, if there is something to do: somebody asked for its end, and KRO may have done its part. */
  private dueOf(clone: WordPressClone): number {
    return this.reaper.isDue(clone) ? this.clock.now().getTime() : expiryOf(clone).getTime();
  }

  private async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.clock.now().getTime();
      const open = [...this.entries.values()].filter(({ clone }) => !this.busy.has(clone.metadata.name));
      for (const entry of open.filter(({ due }) => due <= now)) void this.attend(entry);
      const next = Math.min(...open.map(({ due }) => due).filter((due) => due > now));
      await this.untilWokenOr(next - now, signal);
    }
  }

  private async attend(entry: Entry): Promise<void> {
    const { name, namespace } = entry.clone.metadata;
    this.busy.add(name);
    // What comes in meanwhile replaces the entry, and is looked at then.
    const fate = await this.reaper.attendNow(namespace, name);
    this.busy.delete(name);
    this.reschedule(entry, fate);
    this.wake();
  }

  private reschedule(entry: Entry, fate: Fate): void {
    const { name } = entry.clone.metadata;
    if (this.entries.get(name) !== entry) return;
    if (fate === "gone") {
      this.entries.delete(name);
      return;
    }
    const again = this.clock.now().getTime() + entry.pause;
    entry.due = fate === "living" ? Math.max(again, this.dueOf(entry.clone)) : again;
    entry.pause = Math.min(entry.pause * 2, AGAIN_MILLISECONDS.most);
  }

  private async untilWokenOr(milliseconds: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.wake = () => woken.abort();
    if (Number.isFinite(milliseconds)) {
      await this.clock.sleep(milliseconds, AbortSignal.any([woken.signal, signal])).catch(() => undefined);
    } else {
      const either = AbortSignal.any([woken.signal, signal]);
      await new Promise<void>((resolve) => {
        if (either.aborted) resolve();
        else either.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}
