/** What the tests last came to, as `test/results-reporter.cjs` keeps it: a file for each suite, since few runs are of all. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Level } from "./table";

/** Where results lie, from the project's root. */
export const RESULTS = join("report", "tests");

export interface TestResult {
  /** Path of the file from the project's root. */
  readonly suite: string;
  /** With the titles of what it stands in. */
  readonly title: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

/** Of every suite that ran and is still there. */
export function readResults(root: string): TestResult[] {
  const folder = join(root, RESULTS);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  return files.sort().flatMap((file) => {
    const suite = file.slice(0, -".json".length);
    if (!existsSync(join(root, suite))) return [];
    const tests = JSON.parse(readFileSync(join(folder, file), "utf8")) as Omit<TestResult, "suite">[];
    return tests.map((test) => ({ suite, ...test }));
  });
}

/** What a test's level can prove, by the ending of its suite's name (docs/contributing.md). */
const PROVEN_BY: Readonly<Record<string, readonly Level[]>> = {
  cluster: ["api", "controller"],
  // Everything real, and a lot of it.
  pods: ["api", "controller", "process"],
  load: ["api", "controller", "process"],
  process: ["process"],
  pulumi: ["plan"],
};

/** Suites on the test cluster whose subject is a program that runs there for real, as a process. */
const WITH_REAL_PROGRAM = ["test/constructs/loomworks/routing.cluster.test.ts"];

export function levelsOf(suite: string): readonly Level[] {
  if (WITH_REAL_PROGRAM.includes(suite)) return ["api", "controller", "process"];
  const [, ending] = /\.(\w+)\.test\.ts$/.exec(suite) ?? [];
  if (ending !== undefined) return PROVEN_BY[ending] ?? [];
  return suite.startsWith("test/infra/") ? ["plan"] : [];
}
