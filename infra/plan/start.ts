/**
 * `npm start`: synthesizes dist, plans every stack offline, and writes `report/index.html`.
 *
 * Synth runs as a process of its own, because the program knows constructs by their output alone.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { readSettings, STACKS } from "../../constructs/settings";
import { runCommand } from "../../constructs/shared/cli";
import { planStack } from "./plan";
import { judgePlans } from "./policies";
import { renderReport } from "./report/html/page";
import { readManifests } from "./report/manifests";
import { Report, reportOf, StackInput } from "./report/model";
import { summaryOf } from "./report/summary";

const ROOT = join(__dirname, "..", "..");
const SYNTH = join(ROOT, "constructs", "synth.ts");

async function main(): Promise<number> {
  const synthesized = synthesize();
  if (synthesized !== 0) return synthesized;
  const inputs: StackInput[] = [];
  for (const stack of STACKS) {
    const files = readManifests(join(ROOT, "dist", stack));
    inputs.push({ stack, files, settings: readSettings(stack, ROOT), plan: await planStack(stack, ROOT) });
  }
  const report = reportOf(inputs);
  const file = write(report);
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
function write(report: Report): string {
  const folder = join(ROOT, "report");
  const file = join(folder, "index.html");
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, renderReport(report));
  renameSync(`${file}.new`, file);
  return file;
}

if (require.main === module) runCommand(main);
