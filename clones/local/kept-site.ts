/** A site that is to run: where it ends by itself, it is started again. */
import type { Clock } from "../provisioner/clock";
import type { RunningSite } from "./local-sites";

/** Milliseconds before each try to start it again; the last one for all that follow. */
const PAUSES = [1_000, 2_000, 5_000] as const;

export class KeptSite {
  private running: RunningSite | undefined;
  private failure: string | undefined;
  private readonly stopping = new AbortController();
  private readonly watching: Promise<void>;

  /**
   * @param start tries once
   * @param running what was started already
   */
  constructor(
    private readonly start: () => Promise<RunningSite>,
    private readonly clock: Clock,
    running?: RunningSite,
  ) {
    this.running = running;
    this.watching = this.watch();
  }

  /** Begins with one try, which may fail. */
  static async begin(start: () => Promise<RunningSite>, clock: Clock): Promise<KeptSite> {
    try {
      return new KeptSite(start, clock, await start());
    } catch (error) {
      const site = new KeptSite(start, clock);
      site.failure = (error as Error).message;
      return site;
    }
  }

  get isReady(): boolean {
    return this.running !== undefined;
  }

  /** Why it doesn't run. */
  get message(): string | undefined {
    return this.failure;
  }

  /** Ends it for good; returns when it is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running?.stop();
    await this.watching;
    // It may have been started just then.
    await this.running?.stop();
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; ;) {
      if (this.running !== undefined) {
        const why = await this.running.ended;
        this.running = undefined;
        this.failure = why;
      }
      if (this.isStopping()) return;
      await this.clock.sleep(PAUSES[Math.min(failures, PAUSES.length - 1)] ?? 0, signal).catch(() => undefined);
      if (this.isStopping()) return;
      try {
        this.running = await this.start();
        this.failure = undefined;
        failures = 0;
      } catch (error) {
        this.failure = (error as Error).message;
        failures += 1;
      }
    }
  }
}
