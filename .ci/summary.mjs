/**
 * Adds up what `.ci/run` did. A test that was skipped fails, unless what it needs can't be installed here: neither the Pulumi CLI
 * nor an engine for NetworkPolicies is in a registry that CI reaches. One that passed only when it was run again counts as
 * passed, and is named.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How the reasons begin that a suite gives in its name when it is skipped. */
const NOT_INSTALLABLE = ["(skipped: there is no pulumi on PATH", "(skipped: CLUSTER_NODE_POLICIES "];

const [folder] = process.argv.slice(2);
const LEVELS = ["test", "test-process", "test-cluster", "test-load", "test-pods", "test-pulumi"];
const lines = (name) =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trim().split("\n") : [];

let passed = lines("passed").length;
const failed = lines("failed");
const skipped = [];
const flaky = lines("flaky");

const readResults = (file) =>
  existsSync(join(folder, file)) ? JSON.parse(readFileSync(join(folder, file), "utf8")).testResults : undefined;

for (const level of LEVELS) {
  const file = `${level}.json`;
  const first = readResults(file);
  if (first === undefined) {
    failed.push(`${level} ended without a result`);
    continue;
  }
  // What failed was run once more: the second result counts, and what it owes to that is told.
  const second = new Map(readResults(`${level}.again.json`)?.map((suite) => [suite.name, suite]));
  for (const { name, assertionResults } of first.filter(({ name }) => second.get(name)?.status === "passed")) {
    const failedTests = assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
    flaky.push(...(failedTests.length > 0 ? failedTests : [name]));
  }
  for (const { name, message, assertionResults, status } of first.map((suite) => second.get(suite.name) ?? suite)) {
    // A file that can't be loaded, or whose end failed when all its tests had passed.
    const hasFailure = assertionResults.some(({ status: outcome }) => outcome === "failed");
    if (status === "failed" && !hasFailure) failed.push(`${name}: ${message.trim().split("\n")[0]}`);
    for (const { fullName, status: outcome } of assertionResults) {
      if (outcome === "passed") passed += 1;
      else if (outcome === "failed") failed.push(fullName);
      else if (NOT_INSTALLABLE.some((reason) => fullName.includes(reason))) skipped.push(fullName);
      else failed.push(`skipped, though CI can install what it needs: ${fullName}`);
    }
  }
}

for (const name of failed) console.log(`FAILED  ${name}`);
for (const name of flaky) console.log(`FLAKY   ${name}: failed, and passed when run again alone`);
for (const name of skipped) console.log(`SKIPPED ${name}`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
