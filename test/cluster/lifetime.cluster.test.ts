import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, startCluster } from "./index";
import { describeWithCluster } from "./describe";

/** What another process started: its folder, and the ids of all its programs. */
interface Started {
  readonly folder: string;
  readonly programs: readonly number[];
}

/** Starts a cluster in a process of its own, which then does as `end` says. */
async function startElsewhere(end: string): Promise<Started & { pid: number; exit: Promise<void> }> {
  const code = `
    const { startCluster } = require(${JSON.stringify(join(__dirname, "index.ts"))});
    const { readdirSync, readFileSync } = require("node:fs");
    startCluster({ nodes: 1 }).then((cluster) => {
      const run = cluster.folder + "/run";
      const programs = readdirSync(run).map((name) => Number(readFileSync(run + "/" + name, "utf8")));
      console.log(JSON.stringify({ folder: cluster.folder, programs }));
      ${end}
    });`;
  const child = spawn(process.execPath, ["--require", "tsx/cjs", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  return { pid: child.pid!, exit, ...JSON.parse(line) };
}

/** Programs of `started` that still run; a zombie does not. */
function survivors({ programs }: Started): number[] {
  return programs.filter((id) => {
    try {
      process.kill(id, 0);
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, "utf8"));
    } catch (error) {
      // Without /proc a signal that arrives is all there is to see.
      return (error as NodeJS.ErrnoException).code === "ENOENT" && process.platform !== "linux";
    }
  });
}

describeWithCluster("a cluster's lifetime", { own: true, nodes: 1 }, (cluster) => {
  const STAY = "setInterval(() => undefined, 1000);";

  it.each([
    ["stops it", "cluster.stop().then(() => process.exit(0));", undefined],
    ["crashes", "throw new Error('crash on purpose');", undefined],
    ["is interrupted", STAY, "SIGINT"],
    ["is killed", STAY, "SIGKILL"],
  ] as const)("ends without a trace when the process that owns it %s", async (_, end, signal) => {
    const started = await startElsewhere(end);
    expect(started.programs).toHaveLength(5);
    if (signal) {
      expect(survivors(started)).toHaveLength(5);
      process.kill(started.pid, signal);
    }
    await started.exit;
    await eventually(() => survivors(started).length === 0 && !existsSync(started.folder), {
      what: "no program and no folder left",
    });
  });

  it("is its own, also beside others that start at the same time", async () => {
    const [one, other] = await Promise.all([startCluster({ nodes: 1 }), startCluster({ nodes: 2 })]);
    try {
      const nodes = async (of: typeof one) => (await of.client.list("v1", "Node")).length;
      expect([await nodes(one), await nodes(other), await nodes(cluster())]).toEqual([1, 2, 1]);
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
    expect([existsSync(one.folder!), existsSync(other.folder!)]).toEqual([false, false]);
    expect((await cluster().client.list("v1", "Node")).length).toBe(1);
  });

  it("is not silently shortened: a program that died is told by stop", async () => {
    const doomed = await startCluster({ nodes: 0 });
    const scheduler = Number(readFileSync(join(doomed.folder!, "run/kube-scheduler"), "utf8"));
    process.kill(scheduler, "SIGKILL");
    await eventually(() => !readdirSync(join(doomed.folder!, "run")).includes("kube-scheduler"), { what: "its end" });
    await expect(doomed.stop()).rejects.toThrow(/CLUSTER_PROGRAM_ENDED kube-scheduler/);
    expect(existsSync(doomed.folder!)).toBe(false);
  });
});
