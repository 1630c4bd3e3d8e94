import { ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Problem } from "../../constructs/shared/problems";

/** A program that a {@link Keeper} runs. */
export interface KeptProgram {
  readonly name: string;
  /** Both its outputs. */
  readonly log: string;
  /** Settled when it has ended: its exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Whether it still runs, as far as was seen. */
  isRunning(): boolean;
  /** Ends it as the end of its node would, without a goodbye, and returns when it is gone. */
  kill(): Promise<void>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const SCRIPT = join(__dirname, "keeper.sh");

/** Writes its own process id, then becomes the program: a file that can't be written means the folder is gone. */
const REGISTER_AND_RUN = 'echo $$ >"$0" && exec "$@"';

/** File with the process id of whom a folder belongs to. */
const OWNER = "owner";

/** How much of a log stands in an error. */
const LOG_LINES = 15;

/**
 * A temporary folder and the programs that run in it. Both end with this process, however it ends: a small shell
 * script outside of it waits for the end of a pipe, then kills and removes (keeper.sh). {@link release} takes the same
 * way.
 */
export class Keeper {
  readonly folder: string;
  private readonly script: ChildProcess;
  private readonly scriptEnded: Promise<void>;

  /** @param prefix beginning of the folder's name, so that a person sees whose it is */
  constructor(prefix: string) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
    for (const name of ["run", "logs", "tmp"]) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, OWNER), String(process.pid));
    this.script = spawn("sh", [SCRIPT, this.folder], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.scriptEnded = new Promise((resolve) => this.script.once("exit", () => resolve()));
    this.script.once("error", () => undefined);
    // A test that forgot to stop must still be able to end.
    this.script.unref();
    (this.script.stdin as unknown as { unref(): void }).unref();
    this.script.stdin?.on("error", () => undefined);
  }

  /** Process id of the script that watches. */
  get pid(): number | undefined {
    return this.script.pid;
  }

  /** Runs `file` in a process group of its own; its outputs go to `logs/<name>.log`. */
  start(name: string, file: string, args: readonly string[], options: StartOptions = {}): KeptProgram {
    const log = join(this.folder, "logs", `${name}.log`);
    const registration = join(this.folder, "run", name);
    const output = openSync(log, "a");
    const child = spawn("sh", ["-c", REGISTER_AND_RUN, registration, file, ...args], {
      detached: true,
      stdio: ["ignore", output, output],
      cwd: options.cwd ?? this.folder,
      env: { ...process.env, TMPDIR: join(this.folder, "tmp"), ...options.env },
    });
    closeSync(output);
    child.unref();
    let running = true;
    const ended = new Promise<number | string>((resolve) => {
      const settle = (how: number | string) => {
        running = false;
        // Its id may soon be another's, whom the keeper must not kill.
        rmSync(registration, { force: true });
        resolve(how);
      };
      child.once("exit", (code, signal) => settle(code ?? signal ?? "unknown"));
      child.once("error", (error) => settle(error.message));
    });
    const kill = async () => {
      if (running && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await ended;
    };
    return { name, log, ended, isRunning: () => running, kill };
  }

  /** Ends every program, removes the folder, and returns when that is done. May be called again. */
  async release(): Promise<void> {
    this.script.ref();
    this.script.stdin?.end();
    await this.scriptEnded;
    // Somebody killed the script itself: once more, with a pipe that is closed from the start.
    if (existsFolder(this.folder)) await runToEnd(this.folder);
  }
}

/**
 * Ends what keepers of this machine keep in folders of this prefix, whoever began it, and gives the folders: an owner that
 * is alive is asked to end, of one that is gone the rest is removed.
 */
export async function endAll(prefix: string): Promise<string[]> {
  const folders = readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => realpathSync(join(tmpdir(), name)));
  await Promise.all(folders.map(end));
  return folders;
}

async function end(folder: string): Promise<void> {
  try {
    process.kill(Number(readFileSync(join(folder, OWNER), "utf8")), "SIGTERM");
    for (let tries = 0; existsFolder(folder) && tries < 300; tries += 1) await sleep(100);
  } catch {
    // Nobody owns it any more.
  }
  if (existsFolder(folder)) await runToEnd(folder);
}

/** The last lines of a program's log, as the reason of an error. */
export function tailOf(log: string): string {
  try {
    return readFileSync(log, "utf8").trimEnd().split("\n").slice(-LOG_LINES).join("\n");
  } catch {
    return "(no log)";
  }
}

/** What to say of a program that ended and should not have. */
export function endedProblem({ name, log }: KeptProgram): Problem {
  return {
    code: "CLUSTER_PROGRAM_ENDED",
    path: name,
    value: "ended",
    reason: `it should still run; the end of its log:\n${tailOf(log)}\n`,
    remedy: "Read the log above; a flag or a port is the usual reason",
  };
}

function existsFolder(folder: string): boolean {
  try {
    realpathSync(folder);
    return true;
  } catch {
    return false;
  }
}

async function runToEnd(folder: string): Promise<void> {
  const script = spawn("sh", [SCRIPT, folder], { detached: true, stdio: "ignore" });
  await new Promise((resolve) => script.once("exit", resolve));
}
