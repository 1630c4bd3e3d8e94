/**
 * Prints the suites of a jest result that failed, a line each; nothing if there are more of them than the machine's other
 * work explains.
 *
 * @param {string} file what jest's --outputFile wrote
 * @param {string} most how many at most
 */
import { existsSync, readFileSync } from "node:fs";

const [file, most] = process.argv.slice(2);
if (existsSync(file)) {
  const { testResults } = JSON.parse(readFileSync(file, "utf8"));
  const failed = testResults.filter(({ status }) => status === "failed").map(({ name }) => name);
  if (failed.length <= Number(most)) for (const name of failed) console.log(name);
}
