/**
 * `npm start`: synthesizes dist, plans every stack offline, and writes `report/index.html`.
 *
 * Synth runs as a process of its own, because the program knows constructs by their output alone.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { readSettings, STACKS } from "../../constructs/settings";
import { runCommand } from "../../constructs/shared/cli";
import { planStack } from "./plan";
import { judgePlans } from "./policies";
import { judge } from "./requirements/judge";
import { readResults } from "./requirements/results";
import { requirementsOf, TABLE } from "./requirements/table";
import { renderReport } from "./report/html/page";
import { readManifests } from "./report/manifests";
import { Report, reportOf, StackInput } from "./report/model";
import { summaryOf } from "./report/summary";

const ROOT = join(__dirname, "..", "..");
const SYNTH = join(ROOT, "constructs", "synth.ts");

async function main(): Promise<number> {
  const synthesized = synthesize();
  return synthesized === 0 ? makeReport() : synthesized;
}

/**
 * Plans every stack by the manifests that are there, writes the report, and says what it found.
 *
 * @param root of the project: its settings, its dist, and where the report goes
 * @returns the exit code: 1 if a plan breaks a policy, which the report is written of nevertheless
 */
export async function makeReport(root = ROOT, makePlan = planStack): Promise<number> {
  const inputs: StackInput[] = [];
  for (const stack of STACKS) {
    const files = readManifests(join(root, "dist", stack));
    inputs.push({ stack, files, settings: readSettings(stack, root), plan: await makePlan(stack, root) });
  }
  const requirements = requirementsOf(readFileSync(join(ROOT, TABLE), "utf8"));
  const report = reportOf(inputs, judge(requirements, readResults(ROOT)));
  const file = write(report, root);
  process.stdout.write(summaryOf(report, relative(process.cwd(), file), pathToFileURL(file).href));
  return judgePlans(inputs.map(({ plan }) => plan));
}

/** Synth says itself what is wrong, and how it ended. */
function synthesize(): number {
  const { status, error } = spawnSync(process.execPath, [require.resolve("tsx/cli"), SYNTH], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** Under another name first: a reader who opens it meanwhile sees the old report, not half of the new one. */
function write(report: Report, root: string): string {
  const folder = join(root, "report");
  const file = join(folder, "index.html");
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, renderReport(report));
  renameSync(`${file}.new`, file);
  return file;
}

if (require.main === module) runCommand(main);
