import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { outputOf } from "../command";
import { ClusterError, ClusterUnavailableError } from "../errors";
import { Keeper, tailOf } from "../keeper";
import type { GoSource, Program } from "../programs/program";
import { GO_VERSION } from "../versions";
import { cacheFolder, cachedAsset, cachedProgram } from "./cache";
import { COMPLETED, goBuildArgs, goModText, isGoRecentEnough } from "./go-module";
import { withLock } from "../../../clones/local/lock";
import { lookUp } from "./lookup";

/** Takes one line for a person who waits. */
export type Report = (line: string) => void;

/** Lines go to standard error: standard output belongs to whoever runs a test or evaluates `export KUBECONFIG`. */
export const toStandardError: Report = (line) => process.stderr.write(`${line}\n`);

const PROGRESS_MILLISECONDS = 30_000;

/**
 * The files of these programs, built from Go modules where the machine has none.
 *
 * @throws {ClusterUnavailableError} if something must be built and Go is missing or too old
 */
export async function provide(
  programs: readonly Program[],
  report: Report = toStandardError,
): Promise<ReadonlyMap<Program, string>> {
  const missing = programs.filter((program) => lookUp(program).file === undefined);
  if (missing.length > 0) {
    assertCanBuild(missing);
    mkdirSync(cacheFolder(), { recursive: true });
    for (const program of missing) await buildOnce(program, report);
  }
  return new Map(programs.map((program) => [program, lookUp(program).file ?? cachedProgram(program)]));
}

/** Why these programs can't be had here, if so: nothing is built to find out. */
export function whyNotAvailable(programs: readonly Program[]): ClusterUnavailableError | undefined {
  const missing = programs.filter((program) => lookUp(program).file === undefined);
  if (missing.length === 0) return undefined;
  try {
    assertCanBuild(missing);
    return undefined;
  } catch (error) {
    return error as ClusterUnavailableError;
  }
}

function assertCanBuild(missing: readonly Program[]): void {
  const printed = outputOf("go", ["version"]) ?? "no go on PATH";
  // Any Go since 1.21 fetches the one that is asked for, unless it was told not to.
  const fetches = outputOf("go", ["env", "GOTOOLCHAIN"]) === "auto";
  if (isGoRecentEnough(printed) || fetches) return;
  const names = missing.map(({ name, version }) => `${name} ${version}`).join(", ");
  const problem = {
    code: "CLUSTER_GO_MISSING",
    path: "go",
    value: printed,
    reason: `${names} must be built, which needs Go ${GO_VERSION} or newer`,
    remedy: "Install Go, or name a folder that holds them by KUBEBUILDER_ASSETS, or a cluster by KUBECONFIG_UNDER_TEST",
  };
  throw new ClusterUnavailableError(problem, true);
}

/** One lock for each program: whoever needs a small one doesn't wait for somebody's large one. */
async function buildOnce(program: Program, report: Report): Promise<void> {
  const { name, version } = program;
  const waiting = (holder: string) => report(`Waiting for ${holder}, which is building ${name}.`);
  await withLock(join(cacheFolder(), `${name}-${version}.lock`), waiting, async () => {
    if (lookUp(program).file === undefined) await build(program, report);
  });
}

async function build(program: Program, report: Report): Promise<void> {
  const { name, version, minutes, source } = program;
  for (const sentence of lookUp(program).passedOver) report(sentence);
  report(`Building ${name} ${version} from Go modules: about ${minutes} min on two cores when nothing is cached.`);
  const started = Date.now();
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const workshop = new Keeper("loomworks-build-");
  const progress = setInterval(() => report(`  ${name}: still building, ${elapsed()}`), PROGRESS_MILLISECONDS);
  try {
    const module = join(workshop.folder, "module");
    mkdirSync(module);
    writeFileSync(join(module, "go.mod"), goModText(source));
    if (source.main !== undefined) writeFileSync(join(module, "main.go"), source.main);
    const output = join(module, name);
    if (source.generated !== undefined) await complete(workshop, source, source.generated, module);
    const main = await mainModule(workshop, source, module);
    await run(workshop, name, goBuildArgs(source, output), main, source.static ? { CGO_ENABLED: "0" } : {});
    for (const [asset, folder] of Object.entries(source.assets ?? {})) {
      install(join(await moduleFolder(workshop, source, module), folder), cachedAsset(program, asset));
    }
    install(output, cachedProgram(program));
  } finally {
    clearInterval(progress);
    await workshop.release();
  }
  report(`  ${name}: built in ${elapsed()}`);
}

/** Go's module cache can't be added to: a copy is, with the very code that the checksum database knows. */
async function complete(
  workshop: Keeper,
  source: GoSource,
  generated: Readonly<Record<string, string>>,
  module: string,
): Promise<void> {
  await run(workshop, "download", ["mod", "download", `${source.module}@${source.version}`], module);
  copyModule(await moduleFolder(workshop, source, module), join(module, COMPLETED), generated);
  writeFileSync(join(module, "go.mod"), goModText(source, true));
}

/** Folder whose go.mod the build follows. */
async function mainModule(workshop: Keeper, { asMain }: GoSource, module: string): Promise<string> {
  if (asMain === undefined) return module;
  const main = join(module, COMPLETED);
  const replacements = { ...asMain.replace };
  for (const [index, [name, files]] of Object.entries(asMain.rewrite).entries()) {
    await run(workshop, "download", ["mod", "download", name], main);
    const copy = join(module, `rewritten-${index}`);
    copyModule(await moduleFolder(workshop, { module: name }, main), copy, files);
    replacements[name] = copy;
  }
  const flags = Object.entries(replacements).map(([name, by]) => `-replace=${name}=${by}`);
  await run(workshop, "edit", ["mod", "edit", ...flags], main);
  return main;
}

function copyModule(from: string, to: string, files: Readonly<Record<string, string>>): void {
  cpSync(from, to, { recursive: true });
  makeWritable(to);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), text);
  }
}

/** Folders of the module cache are read-only, and so is a copy of them. */
function makeWritable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(folder, entry.name));
  }
}

async function moduleFolder(
  workshop: Keeper,
  { module: name }: Pick<GoSource, "module">,
  module: string,
): Promise<string> {
  await run(workshop, "module-folder", ["list", "-m", "-f", "{{.Dir}}", name], module);
  // Its log has the answers before this one, too.
  return (
    tailOf(join(workshop.folder, "logs", "module-folder.log"))
      .split("\n")
      .at(-1) ?? ""
  );
}

async function run(
  workshop: Keeper,
  name: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const program = workshop.start(name, "go", args, { cwd, env: { GOWORK: "off", ...env } });
  const how = await program.ended;
  if (how === 0) return;
  throw new ClusterError({
    code: "CLUSTER_BUILD_FAILED",
    path: name,
    value: how,
    reason: `go ${args[0] ?? ""} failed; the end of what it said:\n${tailOf(program.log)}\n`,
    remedy: "Look at the first error above; without a network, the modules must be in Go's module cache",
  });
}

/** Copies a file, or a folder's files, beside the target, then renames: nobody ever sees a half of it. */
function install(from: string, to: string): void {
  const beside = join(dirname(to), `.${basename(to)}.${process.pid}`);
  mkdirSync(dirname(to), { recursive: true });
  if (statSync(from).isDirectory()) {
    // One by one: Go's module cache is read-only, and so would be a copy of its folder.
    mkdirSync(beside, { recursive: true });
    for (const name of readdirSync(from)) writeFileSync(join(beside, name), readFileSync(join(from, name)));
  } else {
    copyFileSync(from, beside);
  }
  rmSync(to, { recursive: true, force: true });
  renameSync(beside, to);
}
