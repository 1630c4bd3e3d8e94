import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** Between two signs of life, and how long none may come before the holder counts as gone. */
const BEAT_MILLISECONDS = 2_000;
const GONE_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 500;

/**
 * Runs `work` while nobody else who takes the same lock does.
 *
 * The lock saves work, no more: two holders at once build the same thing twice and the second replaces the first's
 * file by an equal one. That allows a plain file, whose holder may be killed at any moment.
 *
 * @param onWait told once who is waited for
 */
export async function withLock<T>(file: string, onWait: (holder: string) => void, work: () => Promise<T>): Promise<T> {
  const me = `process ${process.pid} on ${hostname()}`;
  let told = false;
  while (!tryTake(file, me)) {
    const holder = readHolder(file);
    if (isGone(file, holder)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    await sleep(POLL_MILLISECONDS);
  }
  const beat = setInterval(() => touch(file), BEAT_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (readHolder(file) === me) rmSync(file, { force: true });
  }
}

function tryTake(file: string, me: string): boolean {
  try {
    writeFileSync(file, me, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** A process of this machine can be asked for; one in another container or on another host shows itself by its beat. */
function isGone(file: string, holder: string): boolean {
  const [, id, host] = /^process (\d+) on (.*)$/.exec(holder) ?? [];
  if (id !== undefined && host === hostname() && !isAlive(Number(id))) return true;
  try {
    return Date.now() - statSync(file).mtimeMs > GONE_MILLISECONDS;
  } catch {
    return false;
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Somebody took it over while this process was stopped; the work is done twice, and no harm is.
  }
}
