/** The frame of the story: plays steps, measures them, and hides no failure. */
import { InvalidInputError } from "../../constructs/shared/problems";
import type { Frame, Step, StepOptions } from "./world";

/** One step as it was played. */
export interface Played extends Step {
  /** Ids of docs/requirements.md. */
  readonly proves: readonly string[];
  readonly seconds: number;
  /** What proves it; of one that failed why, of one that was skipped because of which step. */
  readonly detail: string;
}

export interface StoryFrameOptions {
  /** Where a line goes for each step as it ends. */
  readonly report: (line: string) => void;
  /** Milliseconds. @default the machine's */
  readonly now?: () => number;
}

const MARKS = { passed: "✓", failed: "✗", skipped: "-" } as const satisfies Record<Step["outcome"], string>;

/** Longest reason of a failure in the table; the line that tells of the step has all of it. */
const LONGEST_CELL = 120;

export class StoryFrame implements Frame {
  private readonly steps: Played[] = [];
  private readonly names = new Set<string>();
  private readonly now: () => number;

  constructor(private readonly options: StoryFrameOptions) {
    this.now = options.now ?? Date.now;
  }

  /** In the order in which they ended. */
  get played(): readonly Played[] {
    return this.steps;
  }

  /** 0 if every step passed, and there was one; else 1. */
  get exitCode(): number {
    return this.steps.length > 0 && this.steps.every(({ outcome }) => outcome === "passed") ? 0 : 1;
  }

  async step(
    name: string,
    proves: readonly string[],
    play: () => Promise<string>,
    { needs = [] }: StepOptions = {},
  ): Promise<Step> {
    if (this.names.has(name)) throw new RangeError(`The story has two steps "${name}"`);
    this.names.add(name);
    const missing = needs.filter(({ outcome }) => outcome !== "passed").map((step) => `"${step.name}"`);
    if (missing.length > 0) {
      return this.tell({ name, proves, outcome: "skipped", seconds: 0, detail: `it needs ${missing.join(" and ")}` });
    }
    const started = this.now();
    const [outcome, detail] = await play().then(
      (proof) => ["passed", proof] as const,
      (error: unknown) => ["failed", reasonOf(error)] as const,
    );
    return this.tell({ name, proves, outcome, seconds: (this.now() - started) / 1000, detail });
  }

  /** Step, seconds, ids, and what proves it: for a terminal. */
  table(): string {
    const rows = this.steps.map(({ outcome, name, seconds, proves, detail }) => [
      `${MARKS[outcome]} ${name}`,
      outcome === "skipped" ? "" : seconds.toFixed(1),
      proves.join(" "),
      shortened(detail),
    ]);
    const all = [["step", "seconds", "proves", "by what"], ...rows];
    const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
    const line = (row: readonly string[]) =>
      row
        .map((cell, column) => (column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join("  ")
        .trimEnd();
    return [...all.map(line), "", this.summary()].join("\n");
  }

  private summary(): string {
    const count = (outcome: Step["outcome"]) => this.steps.filter((step) => step.outcome === outcome).length;
    return `${count("passed")} steps passed, ${count("failed")} failed, ${count("skipped")} were skipped.`;
  }

  private tell(played: Played): Played {
    this.steps.push(played);
    const { outcome, name, seconds, detail } = played;
    const time = outcome === "skipped" ? "skipped" : `${seconds.toFixed(1)} s`;
    this.options.report(`${MARKS[outcome]} ${name} (${time}): ${detail}`);
    return played;
  }
}

/** The message alone where it says enough; elsewhere also where it was thrown. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof InvalidInputError) return error.message;
  const [place] = /\(?[^\s(]+:\d+:\d+/.exec(error.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "") ?? [];
  return place === undefined
    ? error.message
    : `${error.message} (${place.replace(/^\(/, "").replace(/^.*\/(?=test\/)/, "")})`;
}

function shortened(detail: string): string {
  const [first = ""] = detail.split("\n");
  return first.length > LONGEST_CELL ? `${first.slice(0, LONGEST_CELL - 1)}…` : first;
}
