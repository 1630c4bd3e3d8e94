/** What a process tells Prometheus, over some time, in the notation in which promtool takes figures. */
import type { Series } from "./promtool";

/** `name{labels} value`, as in Prometheus' text format. */
const SAMPLE = /^(?<key>\S+\{.*\}|\S+) (?<value>\S+)$/;

const ABSENT = "_";

export class Figures {
  private readonly values = new Map<string, string[]>();
  private taken = 0;

  /** @param prefix beginning of the names that matter */
  constructor(
    private readonly url: string,
    private readonly prefix: string,
  ) {}

  /**
   * Asks once.
   *
   * @param others figures of processes that don't run here, by series
   */
  async take(others: Readonly<Record<string, number>> = {}): Promise<void> {
    const now = { ...(await this.scrape()), ...others };
    for (const key of Object.keys(now)) {
      if (!this.values.has(key)) this.values.set(key, Array<string>(this.taken).fill(ABSENT));
    }
    for (const [key, values] of this.values) values.push(now[key]?.toFixed(9) ?? ABSENT);
    this.taken += 1;
  }

  /** What was taken, as if a minute had passed between one time and the next. */
  get series(): Series {
    return Object.fromEntries([...this.values].map(([key, values]) => [key, values.join(" ")]));
  }

  /** Series that there were when it was last asked, with their values. */
  get last(): Record<string, number> {
    const entries = [...this.values].map(([key, values]) => [key, values.at(-1)] as const);
    return Object.fromEntries(
      entries.filter(([, value]) => value !== ABSENT).map(([key, value]) => [key, Number(value)]),
    );
  }

  private async scrape(): Promise<Record<string, number>> {
    const response = await fetch(this.url);
    const lines = (await response.text()).split("\n").filter((line) => line.startsWith(this.prefix));
    const samples = lines.map((line) => SAMPLE.exec(line)?.groups).filter((groups) => groups !== undefined);
    return Object.fromEntries(samples.map(({ key = "", value }) => [key, Number(value)]));
  }
}
