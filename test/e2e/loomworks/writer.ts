/** Somebody who works in Odoo all the time: one numbered row after the other, each told to be written or not. */
import { setTimeout as sleep } from "node:timers/promises";

/** Between two rows: short enough to meet every change of a pod, and long enough to leave the machine to others. */
const PAUSE_MILLISECONDS = 50;

/** On both sides of a moment that lies between two rows, so that no clock's rounding puts it elsewhere. */
const MARGIN_MILLISECONDS = 5;

/** Who wrote a row, as the database knows them. */
export interface Written {
  readonly login: string;
}

/** A moment at which every row up to a number was committed, and no later one was begun. */
export interface Moment {
  readonly number: number;
  readonly time: Date;
}

export interface Failure {
  readonly number: number;
  readonly reason: string;
}

export class Writer {
  readonly failures: Failure[] = [];
  /** Of the last row. */
  lastLogin = "";
  private last: number;
  private readonly marks: ((moment: Moment) => void)[] = [];
  private readonly ending = new AbortController();
  private readonly done: Promise<void>;

  /**
   * Begins at once.
   *
   * @param write rejects if the row wasn't written, or nobody knows
   * @param before number of the last row that is there already. @default 0
   */
  constructor(
    private readonly write: (number: number) => Promise<Written>,
    readonly before = 0,
  ) {
    this.last = before;
    this.done = this.work();
  }

  /** Rows that were written, or tried to be. */
  get tried(): number {
    return this.last - this.before;
  }

  /** A moment from now on, which is over when this returns. */
  mark(): Promise<Moment> {
    return new Promise((resolve) => this.marks.push(resolve));
  }

  /** Ends after the row that is under way. */
  async end(): Promise<void> {
    this.ending.abort();
    await this.done;
  }

  private async work(): Promise<void> {
    while (!this.ending.signal.aborted) {
      this.last += 1;
      const number = this.last;
      try {
        this.lastLogin = (await this.write(number)).login;
      } catch (error) {
        this.failures.push({ number, reason: error instanceof Error ? error.message : String(error) });
      }
      if (this.marks.length > 0) await this.tell(number);
      await sleep(PAUSE_MILLISECONDS);
    }
  }

  private async tell(number: number): Promise<void> {
    await sleep(MARGIN_MILLISECONDS);
    const time = new Date();
    await sleep(MARGIN_MILLISECONDS);
    for (const resolve of this.marks.splice(0)) resolve({ number, time });
  }
}
