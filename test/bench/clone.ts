import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Row } from "./main";

const ROOT = resolve(__dirname, "../..");

/** What a newcomer does first, on a clean clone of the committed state. */
export function measureStart(): Row[] {
  return inClone((clone) => [
    ["npm ci", timed(clone, ["ci", "--silent"])],
    ["npm start", timed(clone, ["start"])],
  ]);
}

export function measureTests(): Row[] {
  return inClone((clone) => {
    timed(clone, ["ci", "--silent"]);
    return [["npm test", timed(clone, ["test"])]];
  });
}

function inClone(measure: (clone: string) => Row[]): Row[] {
  const folder = mkdtempSync(join(tmpdir(), "loomworks-bench-"));
  try {
    execFileSync("git", ["clone", "--quiet", ROOT, join(folder, "clone")]);
    return measure(join(folder, "clone"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function timed(cwd: string, args: readonly string[]): string {
  const started = Date.now();
  execFileSync("npm", args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  return `${((Date.now() - started) / 1000).toFixed(0)} s`;
}
