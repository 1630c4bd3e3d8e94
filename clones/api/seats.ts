/** How many long requests are open: each holds a connection, and no key gets them all. */
import { refuse } from "./problems";

export class Seats {
  private readonly taken = new Map<string, number>();
  private all = 0;

  constructor(
    private readonly each: number,
    private readonly total: number,
  ) {}

  /**
   * @returns what gives it back, once
   * @throws {ServiceError} STREAMS_LIMIT
   */
  take(keyId: string): () => void {
    const own = this.taken.get(keyId) ?? 0;
    if (own >= this.each || this.all >= this.total) throw streamsLimit(own >= this.each ? this.each : this.total);
    this.taken.set(keyId, own + 1);
    this.all += 1;
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      this.all -= 1;
      const left = (this.taken.get(keyId) ?? 1) - 1;
      if (left === 0) this.taken.delete(keyId);
      else this.taken.set(keyId, left);
    };
  }
}

const streamsLimit = (limit: number) =>
  refuse(
    429,
    "STREAMS_LIMIT",
    "Authorization",
    `${limit} long requests are open already`,
    "Close one, or poll the status",
  );
