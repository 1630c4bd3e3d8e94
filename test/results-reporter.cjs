/**
 * Keeps what each suite last came to below report/tests, for `npm run requirements` and the report of `npm start`.
 * Jest loads reporters as they are, without TypeScript.
 */
const { mkdirSync, renameSync, writeFileSync } = require("node:fs");
const { dirname, join, relative } = require("node:path");

const OUTCOMES = { passed: "passed", failed: "failed" };

module.exports = class ResultsReporter {
  constructor({ rootDir }) {
    this.rootDir = rootDir;
  }

  onTestResult({ path }, { testResults, testExecError }) {
    const suite = relative(this.rootDir, path).replaceAll("\\", "/");
    const tests = testResults.map(({ fullName, status }) => ({
      title: fullName,
      outcome: OUTCOMES[status] ?? "skipped",
    }));
    if (testExecError !== undefined && tests.length === 0) tests.push({ title: suite, outcome: "failed" });
    // A run of some of a suite's tests, by -t, says nothing of the others.
    if (tests.length > 0 && tests.every(({ outcome }) => outcome === "skipped")) return;
    const file = join(this.rootDir, "report", "tests", `${suite}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(tests, null, 1)}\n`);
    renameSync(`${file}.new`, file);
  }
};
