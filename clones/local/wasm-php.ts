/** PHP in WebAssembly, from npm: for machines that have nothing but Node. A thread a site. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { appendFile, copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { InvalidInputError } from "../../constructs/shared/problems";
import { withLock } from "./lock";
import { runNpm } from "./npm";
import { HOST, Php, PHP_FOLDER, resultOf, RunningPhp, SitePlace } from "./php";
import type { Say } from "./wordpress-files";

/**
 * What npm installs, with checksums. No dependency of the project: 100 MB, and a part whose install script compiles
 * where it knows neither system nor Node, which would have `npm ci` fail for everyone.
 */
const MANIFEST = join(__dirname, "php-wasm");
const FILES = ["package.json", "package-lock.json"];
/** Bytes of a request, which is held in memory: above what php.ini lets through. */
const LONGEST_BODY = 66 * 1024 * 1024;

/**
 * Folder of the packages, from the cache if they are there, which needs no network; otherwise by the user's own npm.
 *
 * @throws {InvalidInputError} PHP_DOWNLOAD
 */
export async function wasmPackages(cacheFolder: string, say: Say): Promise<string> {
  const all = join(cacheFolder, "loomworks-platform", "php-wasm");
  const folder = wasmFolder(cacheFolder);
  if (existsSync(folder)) return folder;
  await mkdir(all, { recursive: true });
  const waiting = (holder: string) => say(`Waiting for ${holder}, which gets PHP`);
  await withLock(`${folder}.lock`, waiting, async () => {
    if (!existsSync(folder)) await get(all, folder, say);
  });
  return folder;
}

/** Whether {@link wasmPackages} needs no network. */
export function hasWasmPackages(cacheFolder: string): boolean {
  return existsSync(wasmFolder(cacheFolder));
}

export function wasmPhp(packages: string): Php {
  return { kind: "wasm", serve: (place) => serve(packages, place) };
}

function wasmFolder(cacheFolder: string): string {
  const lock = createHash("sha256")
    .update(readFileSync(join(MANIFEST, "package-lock.json")))
    .digest("hex");
  return join(cacheFolder, "loomworks-platform", "php-wasm", lock.slice(0, 12));
}

async function get(all: string, folder: string, say: Say): Promise<void> {
  const start = Date.now();
  const made = join(all, `.new-${process.pid}-${randomBytes(4).toString("hex")}`);
  await mkdir(made);
  try {
    say("Getting PHP 8.3 in WebAssembly (30 MB, once), since this machine has no PHP that WordPress could use: npm ci");
    for (const file of FILES) await copyFile(join(MANIFEST, file), join(made, file));
    const { succeeded, said } = await runNpm(["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], made);
    if (!succeeded) throw new InvalidInputError([undownloaded(said)]);
    await rename(made, folder);
    say(`PHP is in ${folder} (${Math.round((Date.now() - start) / 1_000)} s)`);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

interface Said {
  readonly ready?: true;
  readonly log?: string;
  /** Of an answer to `run`. */
  readonly id?: number;
  readonly output?: string;
  readonly errors?: string;
}

async function serve(packages: string, { folder, files, port, url, ini, environment }: SitePlace): Promise<RunningPhp> {
  const log = join(folder, "php.log");
  const workerData = {
    packages,
    wordpress: files.folder,
    folder,
    scripts: PHP_FOLDER,
    host: HOST,
    port,
    url,
    ini: { ...ini, error_log: "/site/php.log" },
    environment,
    longestBody: LONGEST_BODY,
  };
  // Nothing of ours: the service's own environment has secrets. Its banners go nowhere.
  const worker = new Worker(join(__dirname, "wasm-worker.mjs"), { workerData, env: {}, execArgv: [], stdout: true });
  const waiting = new Map<number, (said: Said) => void>();
  let last = 0;
  let failure = "PHP's thread ended";
  const ended = new Promise<string>((resolve) => {
    worker.once("error", (error) => (failure = error.message));
    worker.once("exit", () => resolve(failure));
  });
  const ready = new Promise<boolean>((resolve) => {
    worker.on("message", (said: Said) => {
      if (said.ready === true) resolve(true);
      if (said.log !== undefined) void appendFile(log, `${said.log}\n`, { mode: 0o600 }).catch(() => undefined);
      if (said.id !== undefined) waiting.get(said.id)?.(said);
    });
    void ended.then(() => resolve(false));
  });
  const run = async (file: string, input: object) => {
    const id = (last += 1);
    const answered = new Promise<Said>((resolve) => waiting.set(id, resolve));
    worker.postMessage({ id, file, input });
    const { output = "", errors = "" } = await Promise.race([answered, ended.then((why): Said => ({ errors: why }))]);
    waiting.delete(id);
    return resultOf(output, errors);
  };
  const stop = async () => {
    await worker.terminate();
    await ended;
  };
  if (await ready) return { ended, run, stop };
  throw new Error(`PHP in WebAssembly did not start: ${await ended}`);
}

function undownloaded(said: string) {
  return {
    code: "PHP_DOWNLOAD",
    path: "@php-wasm/node",
    value: said,
    reason: "npm could not get PHP in WebAssembly",
    remedy:
      "Is the network, or the registry that npm is set to, there? It is needed once; a PHP 8.1 of the machine with pdo_sqlite does instead",
  };
}
