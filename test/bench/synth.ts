import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Row } from "./main";

const ROOT = resolve(__dirname, "../..");
const RUNS = 7;
const TENANTS = [1, 10, 100];

/** `npm run synth` of both stacks, each time in a process of its own that writes everything. */
export function measureSynth(): Row[] {
  const seconds = Array.from({ length: RUNS }, () => {
    const folder = mkdtempSync(join(tmpdir(), "loomworks-bench-"));
    const took = timed("constructs/synth.ts", { CDK8S_OUTDIR: join(folder, "dist") });
    rmSync(folder, { recursive: true });
    return took;
  });
  return [[`synth of two stacks, cold process (median of ${RUNS})`, `${median(seconds).toFixed(2)} s`]];
}

/** The same with many installations: the time beyond the start of the process has to grow with their number, not faster. */
export function measureTenants(): Row[] {
  const seconds = TENANTS.map((count) =>
    median(Array.from({ length: 3 }, () => timed("test/bench/tenants.ts", { TENANTS: String(count) }))),
  );
  const base = timed("test/bench/tenants.ts", { TENANTS: "0" });
  const each = TENANTS.map((count, index) => ((seconds[index] ?? 0) - base) / count);
  const rows = TENANTS.map((count, index): Row => {
    const whole = (seconds[index] ?? 0).toFixed(2);
    return [
      `synth of ${count} installation${count === 1 ? "" : "s"}`,
      `${whole} s, ${((each[index] ?? 0) * 1000).toFixed(0)} ms each beyond the start`,
    ];
  });
  const ratio = (each.at(-1) ?? 0) / (each.at(1) ?? 1);
  return [...rows, ["time of each among 100, against each among 10", `${ratio.toFixed(2)} times`]];
}

function timed(script: string, env: Record<string, string>): number {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", join(ROOT, script)], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
