/**
 * Says which requirements the last runs of the tests have proven.
 *
 *   npm run requirements             every row that isn't proven, and how many are; fails if there is one
 *   npm run requirements -- --write  the same, and what was reached goes into docs/requirements.md
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { runCommand, UsageError } from "../../../constructs/shared/cli";
import { isRed, judge, Judged, unknownIds } from "./judge";
import { readResults } from "./results";
import { requirementsOf, TABLE, withProofs } from "./table";

const ROOT = join(__dirname, "..", "..", "..");

const USAGE = "Usage: npm run requirements [-- --write]";

/** Suites, or failures, that a line names; whoever wants all of them searches for the id. */
const NAMED = 3;

/**
 * @param args what stands after the command
 * @param root of the project
 * @returns the exit code: 1 if a row isn't proven
 * @throws UsageError if the arguments aren't known
 */
export function main(args: readonly string[], out: Pick<NodeJS.WriteStream, "write">, root = ROOT): number {
  const unknown = args.find((arg) => arg !== "--write");
  if (unknown !== undefined) throw new UsageError(`There is no ${unknown}.\n${USAGE}`);
  const file = join(root, TABLE);
  const document = readFileSync(file, "utf8");
  const results = readResults(root);
  const rows = judge(requirementsOf(document), results);
  const red = rows.filter(isRed);
  const strangers = unknownIds(rows, results);
  for (const row of red) out.write(`${redLine(row)}\n`);
  for (const id of strangers) out.write(`${id}  tests name it, and ${TABLE} has no such row\n`);
  out.write(`${rows.length - red.length} of ${rows.length} requirements are proven.\n`);
  if (args.includes("--write")) writeFileSync(file, withProofs(document, proofsOf(rows)));
  return red.length + strangers.length === 0 ? 0 : 1;
}

function redLine({ id, heldTo, reached, passed, failed, skipped }: Judged): string {
  const missing = heldTo.filter((level) => !reached.includes(level));
  const facts = [
    missing.length > 0 ? `not seen at the level ${missing.join(", ")}` : undefined,
    ...failed.slice(0, NAMED).map((title) => `failed: ${title}`),
    failed.length > NAMED ? `${failed.length - NAMED} more failed` : undefined,
    skipped > 0 ? `${skipped} skipped` : undefined,
    `${passed} passed`,
  ];
  return `${id}  ${facts.filter((fact) => fact !== undefined).join("; ")}`;
}

function proofsOf(rows: readonly Judged[]): (id: string) => [string, string] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return (id) => {
    const { reached = [], suites = [] } = byId.get(id) ?? {};
    const more = suites.length > NAMED ? ` and ${suites.length - NAMED} more` : "";
    return [reached.join(", ") || "–", suites.slice(0, NAMED).map(link).join(", ") + more || "–"];
  };
}

function link(suite: string): string {
  const name = posix.basename(suite).replace(/(\.\w+)?\.test\.ts$/, "");
  return `[${name}](${posix.join("..", suite)})`;
}

if (require.main === module) runCommand(() => main(process.argv.slice(2), process.stdout));
