/** The machine's own PHP: its built-in server, one group of processes a site. */
import { ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HOST, Php, PHP_FOLDER, resultOf, RunningPhp, siteEnvironment, SitePlace } from "./php";

/** 8.1: what WordPress's SQLite plugin and the current themes are tested with; what WordPress needs (images stay without small versions where `gd` is missing). */
const OLDEST = 80_100;
const EXTENSIONS = ["dom", "mbstring", "openssl", "pdo_sqlite", "xml"];
/** A site must be able to call itself while it answers, and a page asks for several things at once. */
const WORKERS = 3;
const READY = { tries: 200, pauseMilliseconds: 25 } as const;

/**
 * Runs a program until it ends or its standard input does, and takes every process of the group with it: PHP's workers
 * outlive their parent otherwise, and all of them this program if that is killed.
 */
const LEASH = 'exec 3<&0; (read -r line <&3; kill -9 0) & "$@" </dev/null; kill -9 0';

/** Why the machine's PHP can't be used, or nothing. */
export function missingNativePhp(): string | undefined {
  if (process.platform === "win32") return "PHP's own server has no workers on Windows";
  const script = "echo PHP_VERSION_ID, ' ', implode(' ', array_map('strtolower', get_loaded_extensions()));";
  const { status, stdout } = spawnSync("php", ["-r", script], { encoding: "utf8" });
  if (status !== 0) return "php is not on the PATH";
  const [version, ...loaded] = stdout.split(" ");
  if (Number(version) < OLDEST) return `php is older than 8.1: ${version}`;
  const missing = EXTENSIONS.filter((extension) => !loaded.includes(extension));
  return missing.length === 0 ? undefined : `php lacks ${missing.join(", ")}`;
}

export const nativePhp: Php = {
  kind: "native",
  async serve(place: SitePlace): Promise<RunningPhp> {
    const { folder, port } = place;
    mkdirSync(join(folder, "tmp"), { recursive: true });
    const log = join(folder, "php.log");
    const output = openSync(log, "a", 0o600);
    const command = ["php", "-q", ...settings(place), "-S", `${HOST}:${port}`, "-t", place.files.core];
    const child = spawn("sh", ["-c", LEASH, "sh", ...command, join(PHP_FOLDER, "router.php")], {
      cwd: folder,
      // A group of its own: the end of the terminal's job isn't the end of the site, ours is.
      detached: true,
      stdio: ["pipe", output, output],
      env: { ...environment(place), PHP_CLI_SERVER_WORKERS: `${WORKERS}` },
    });
    closeSync(output);
    child.stdin?.on("error", () => undefined);
    let over = false;
    const ended = new Promise<string>((resolve) => {
      child.once("error", ({ message }) => resolve(message));
      child.once("exit", () => resolve("PHP's server ended"));
    }).finally(() => (over = true));
    const stop = async () => {
      child.stdin?.end();
      // The leash ends with its group, whose others may take a moment longer.
      await ended;
      await groupEnded(child.pid);
    };
    if (await takesConnections(port, () => over)) return { ended, stop, run: (file, input) => run(place, file, input) };
    await stop();
    const said = await readFile(log, "utf8").catch(() => "");
    throw new Error(`PHP's server did not start: ${said.trimEnd().split("\n").slice(-3).join(" | ")}`);
  },
};

/** Until none of a group is left, for a second at most: whoever stops a site removes its folder next. */
async function groupEnded(group: number | undefined): Promise<void> {
  for (let attempt = 0; group !== undefined && attempt < 100; attempt += 1) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await sleep(10);
  }
}

async function run(place: SitePlace, file: string, input: object): Promise<unknown> {
  const args = [...settings(place), join(PHP_FOLDER, "run.php"), file];
  const child = spawn("php", args, { cwd: place.folder, env: environment(place), stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(input));
  const { output, errors } = await runToEnd(child);
  return resultOf(output, errors);
}

function settings({ ini, folder }: SitePlace): string[] {
  const all = {
    ...ini,
    // Four times as fast; what changed is seen at the next request.
    "opcache.enable_cli": "1",
    "opcache.revalidate_freq": "0",
    "opcache.memory_consumption": "64",
    error_log: join(folder, "php.log"),
    sys_temp_dir: join(folder, "tmp"),
    upload_tmp_dir: join(folder, "tmp"),
  };
  return Object.entries(all).flatMap(([name, value]) => ["-d", `${name}=${value}`]);
}

/** Nothing of ours: the service's own environment has secrets. */
function environment({ files, folder, url, environment: own }: SitePlace): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env;
  return { PATH, HOME, LANG, TMPDIR: join(folder, "tmp"), ...own, ...siteEnvironment(files.core, folder, url) };
}

async function takesConnections(port: number, isOver: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < READY.tries && !isOver(); attempt += 1) {
    if (await connects(port)) return !isOver();
    await sleep(READY.pauseMilliseconds);
  }
  return false;
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function runToEnd(child: ChildProcess) {
  return new Promise<{ readonly status: number | null; readonly output: string; readonly errors: string }>(
    (resolve) => {
      let output = "";
      let errors = "";
      child.stdout?.on("data", (part: Buffer) => (output += part.toString()));
      child.stderr?.on("data", (part: Buffer) => (errors += part.toString()));
      child.once("error", ({ message }) => resolve({ status: null, output, errors: message }));
      child.once("close", (status) => resolve({ status, output, errors }));
    },
  );
}
