import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { eventually } from "./eventually";
import { endAll, Keeper } from "./keeper";

/** Another process that keeps a folder and a program, prints where and what, and then does as `end` says. */
async function owner(end: string): Promise<{ pid: number; folder: string; program: number; exit: Promise<void> }> {
  const code = `
    const { Keeper } = require(${JSON.stringify(join(__dirname, "keeper.ts"))});
    const keeper = new Keeper("loomworks-keeper-test-");
    keeper.start("sleep", "sh", ["-c", "sleep 300 & sleep 300"]);
    const { readFileSync } = require("node:fs");
    const read = () => { try { return readFileSync(keeper.folder + "/run/sleep", "utf8").trim(); } catch { return ""; } };
    const timer = setInterval(() => {
      if (read() === "") return;
      clearInterval(timer);
      console.log(JSON.stringify({ folder: keeper.folder, program: Number(read()) }));
      ${end}
    }, 20);`;
  const child = spawn(process.execPath, ["--require", "tsx/cjs", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  return { pid: child.pid!, exit, ...JSON.parse(line) };
}

/** Whether any process of this group still runs; a zombie does not. */
function runs(group: number): boolean {
  try {
    process.kill(-group, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${group}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("what a keeper keeps", () => {
  const STAY = "setInterval(() => undefined, 1000);";

  it.each([
    ["returns", "process.exitCode = 0;", undefined],
    ["crashes", "throw new Error('crash on purpose');", undefined],
    ["is interrupted", STAY, "SIGINT"],
    ["is terminated", STAY, "SIGTERM"],
    ["is killed", STAY, "SIGKILL"],
  ] as const)("is gone after its owner %s", async (_, end, signal) => {
    const { pid, folder, program, exit } = await owner(end);
    expect({ folder: existsSync(folder), program: signal === undefined || runs(program) }).toEqual({
      folder: true,
      program: true,
    });
    if (signal) process.kill(pid, signal);
    await exit;
    await eventually(() => !runs(program) && !existsSync(folder), { what: "nothing left", timeoutMs: 10_000 });
  });

  it("is gone when somebody else ends all of its kind, whether its owner is there or not", async () => {
    const { folder, program, exit } = await owner(STAY);
    expect(await endAll(basename(folder))).toEqual([folder]);
    await exit;
    expect([runs(program), existsSync(folder)]).toEqual([false, false]);
    expect(await endAll(basename(folder))).toEqual([]);

    const left = realpathSync(mkdtempSync(join(tmpdir(), "loomworks-keeper-left-")));
    mkdirSync(join(left, "run"));
    expect(await endAll(basename(left))).toEqual([left]);
    expect(existsSync(left)).toBe(false);
  });

  it("is gone when release returns", async () => {
    const keeper = new Keeper("loomworks-keeper-test-");
    const program = keeper.start("sleep", "sleep", ["300"]);
    await eventually(() => existsSync(join(keeper.folder, "run/sleep")), { what: "registration" });
    await keeper.release();
    expect(existsSync(keeper.folder)).toBe(false);
    await expect(program.ended).resolves.toBe("SIGKILL");
  });

  it("is gone even if somebody killed the script that watches", async () => {
    const keeper = new Keeper("loomworks-keeper-test-");
    const program = keeper.start("sleep", "sleep", ["300"]);
    await eventually(() => existsSync(join(keeper.folder, "run/sleep")), { what: "registration" });
    process.kill(keeper.pid!, "SIGKILL");
    await keeper.release();
    expect(existsSync(keeper.folder)).toBe(false);
    await expect(program.ended).resolves.toBe("SIGKILL");
  });

  it("can't be started any more once the folder is gone", async () => {
    const keeper = new Keeper("loomworks-keeper-test-");
    await keeper.release();
    expect(() => keeper.start("late", "sleep", ["300"])).toThrow(/ENOENT/);
  });
});
