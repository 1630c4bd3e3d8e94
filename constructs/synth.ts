/**
 * The wiring point of the manifests: every chart of every stack. As a command it writes `dist/<stack>/`, which is what
 * gets reviewed, and what the program applies.
 *
 *   npm run synth              write both stacks, whole or not at all
 *   npm run synth -- --check   write nothing; show how dist differs, and fail if it does
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { App } from "cdk8s";
import { WordPressCloneChart } from "../clones/templates/wordpress-clone";
import { createCloneCharts } from "../clones/templates/clones";
import { OdooCopyChart } from "../clones/templates/odoo-copy/chart";
import { LoomworksChart } from "./loomworks/chart";
import { readSettings, Settings, STACKS } from "./settings";
import { runCommand, UsageError } from "./shared/cli";
import { InvalidInputError, Problem } from "./shared/problems";
import { differences, replaceFolder } from "./synth/output";
import { Files, renderCharts, renderSettings } from "./synth/render";

/** Every chart of a stack. A new chart is one more line here (docs/contributing.md). */
export function createCharts(app: App, settings: Settings): void {
  const { odooConfig } = new LoomworksChart(app, "loomworks", settings.loomworks);
  createCloneCharts(app, settings.clones);
  new WordPressCloneChart(app, "wordpress-clone", settings.clones);
  if (settings.clones.service.copies.enabled) new OdooCopyChart(app, "odoo-copy", settings.loomworks, odooConfig);
}

/**
 * The files of all stacks, by path below `dist`. Nothing is written.
 *
 * @param root folder with the stack files and the reviewed `dist`
 * @throws {InvalidInputError} naming every problem of every stack
 */
export function synthesize(root: string): Files {
  const problems: Problem[] = [];
  const files: Record<string, string> = {};
  for (const stack of STACKS) {
    try {
      for (const [name, content] of Object.entries(synthesizeStack(readSettings(stack, root)))) {
        files[join(stack, name)] = content;
      }
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      problems.push(...error.problems.map((problem) => ({ ...problem, path: `${stack}: ${problem.path}` })));
    }
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return files;
}

function synthesizeStack(settings: Settings): Files {
  const app = new App();
  createCharts(app, settings);
  return { ...renderSettings(settings), ...renderCharts(app) };
}

function main(): number {
  const { check } = readArguments();
  const root = resolve(__dirname, "..");
  // `cdk8s synth` says where its output goes.
  const output = resolve(root, process.env.CDK8S_OUTDIR ?? "dist");
  const files = synthesize(root);
  if (!check) {
    replaceFolder(output, files);
    return 0;
  }
  const diff = differences(output, files);
  if (diff === "") return 0;
  process.stdout.write(diff);
  throw new InvalidInputError([
    {
      code: "DIST_DRIFT",
      path: "dist",
      value: diff.split("\n").filter((line) => line.startsWith("+++ ")).length,
      reason: "so many files are not what settings and constructs give",
      remedy: "Run npm run synth, and review the change",
    },
  ]);
}

function readArguments(): { check: boolean } {
  try {
    return parseArgs({ options: { check: { type: "boolean", default: false } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: npm run synth [-- --check]`);
  }
}

if (require.main === module) runCommand(main);
