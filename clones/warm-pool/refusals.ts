import type { Clock } from "../provisioner/clock";

/** Milliseconds: the documents' check, and ten times that. */
const PAUSES = { first: 30_000, most: 300_000 } as const;

/** Creations that the server refused, as a full quota makes it: tried more and more seldom, and told once each. */
export class Refusals {
  private reason: string | undefined;
  private pause: number = PAUSES.first;
  private until = 0;

  constructor(private readonly clock: Pick<Clock, "now">) {}

  /** Whether it is too early for another try. */
  get holds(): boolean {
    return this.clock.now().getTime() < this.until;
  }

  /** @returns whether that is news */
  add(reason: string): boolean {
    this.until = this.clock.now().getTime() + this.pause;
    this.pause = Math.min(this.pause * 2, PAUSES.most);
    // Quotas say how much is in use, which changes all the time: the kind of refusal is what is news.
    const isNews = this.reason === undefined;
    this.reason = reason;
    return isNews;
  }

  /** @returns whether there had been any */
  clear(): boolean {
    const had = this.reason !== undefined;
    this.reason = undefined;
    this.pause = PAUSES.first;
    this.until = 0;
    return had;
  }
}
