/** Which requirements are proven, by the tests that name them. */
import { levelsOf, TestResult } from "./results";
import type { Level, Requirement } from "./table";

export interface Judged extends Requirement {
  /** Those of {@link Requirement.heldTo} at which a test passed, and none failed. */
  readonly reached: readonly Level[];
  /** Suites of those levels, without those that only go along. */
  readonly suites: readonly string[];
  readonly passed: number;
  /** Titles of tests that name it and failed. */
  readonly failed: readonly string[];
  readonly skipped: number;
}

export function judge(requirements: readonly Requirement[], results: readonly TestResult[]): Judged[] {
  return requirements.map((requirement) => {
    const own = results.filter(({ title }) => title.includes(`[${requirement.id}]`));
    const having = (outcome: TestResult["outcome"]) => own.filter((test) => test.outcome === outcome);
    const [passed, failed] = [having("passed"), having("failed")];
    const at = (tests: readonly TestResult[], level: Level) =>
      tests.filter(({ suite }) => levelsOf(suite).includes(level));
    const reached = requirement.heldTo.filter(
      (level) => at(passed, level).length > 0 && at(failed, level).length === 0,
    );
    const suites = reached.flatMap((level) => at(passed, level).map(({ suite }) => suite));
    return {
      ...requirement,
      reached,
      suites: [...new Set(suites)].sort(),
      passed: passed.length,
      failed: failed.map(({ title }) => title),
      skipped: having("skipped").length,
    };
  });
}

/** Whether somebody should look: a level is missing, or a test failed at whatever level. */
export function isRed({ heldTo, reached, failed }: Judged): boolean {
  return reached.length < heldTo.length || failed.length > 0;
}

/** Ids that tests name and no row has, as `[LOOM-99] title`. */
export function unknownIds(requirements: readonly Requirement[], results: readonly TestResult[]): string[] {
  const known = new Set(requirements.map(({ id }) => id));
  const named = results.flatMap(({ title }) => [...title.matchAll(/(?<=\[)[A-Z]+-\d{2}(?=\])/g)].map(([id]) => id));
  return [...new Set(named)].filter((id) => !known.has(id)).sort();
}
