/**
 * Writes `dist/<stack>/` from the settings of each stack: what is reviewed, and what the program applies.
 *
 *   npm run synth              write both stacks, whole or not at all
 *   npm run synth -- --check   write nothing; show how dist differs, and fail if it does
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readSettings, STACKS } from "./settings";
import { InvalidInputError, Problem } from "./shared/problems";
import { runCommand, UsageError } from "./shared/cli";
import { differences, replaceFolder } from "./synth/output";
import { Files, renderStack } from "./synth/render";

const ROOT = resolve(__dirname, "..");

/** `cdk8s synth` says where its output goes. */
const OUTPUT = resolve(ROOT, process.env.CDK8S_OUTDIR ?? "dist");

runCommand(() => {
  const { check } = readArguments();
  const files = renderAll();
  if (!check) {
    replaceFolder(OUTPUT, files);
    return 0;
  }
  const diff = differences(OUTPUT, files);
  if (diff === "") return 0;
  process.stdout.write(diff);
  console.error(
    "DIST_DRIFT dist: differs from what the settings and constructs give. Run npm run synth, and review the change.",
  );
  return 1;
});

/** Every stack is rendered before anything is written; problems of all of them are shown at once. */
function renderAll(): Files {
  const problems: Problem[] = [];
  const files: Record<string, string> = {};
  for (const stack of STACKS) {
    try {
      const rendered = renderStack(readSettings(stack, ROOT));
      for (const [name, content] of Object.entries(rendered)) files[join(stack, name)] = content;
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      problems.push(...error.problems.map((problem) => ({ ...problem, path: `${stack}: ${problem.path}` })));
    }
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return files;
}

function readArguments(): { check: boolean } {
  try {
    const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
    return values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: npm run synth [-- --check]`);
  }
}
