import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../clones/local/lock";

describe("the build lock", () => {
  let folder: string;
  let file: string;
  const noWaiting = () => {
    throw new Error("Nobody holds it");
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "loomworks-lock-"));
    file = join(folder, "build.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("lets the second wait for the first, and tells it once for whom", async () => {
    const order: string[] = [];
    const waits: string[] = [];
    const first = withLock(file, noWaiting, async () => {
      order.push("first begins");
      await sleep(1_200);
      order.push("first ends");
    });
    const second = withLock(
      file,
      (holder) => waits.push(holder),
      async () => {
        order.push("second");
        return Promise.resolve();
      },
    );
    await Promise.all([first, second]);
    expect(order).toEqual(["first begins", "first ends", "second"]);
    expect(waits).toEqual([`process ${process.pid} on ${hostname()}`]);
    expect(existsSync(file)).toBe(false);
  });

  it("is free again after work that fails", async () => {
    await expect(withLock(file, noWaiting, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(withLock(file, noWaiting, () => Promise.resolve("yes"))).resolves.toBe("yes");
  });

  it("is taken from a process of this machine that was killed", async () => {
    const { pid } = spawnSync("true");
    writeFileSync(file, `process ${pid} on ${hostname()}`);
    await expect(withLock(file, noWaiting, () => Promise.resolve("taken"))).resolves.toBe("taken");
  });

  it("is taken from another machine that gave no sign of life for a minute", async () => {
    writeFileSync(file, "process 1 on elsewhere");
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(file, longAgo, longAgo);
    await expect(withLock(file, noWaiting, () => Promise.resolve("taken"))).resolves.toBe("taken");
  });
});
