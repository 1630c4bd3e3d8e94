import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStat, Process, Programs, treeOf } from "./processes";

const STAT =
  "4711 (a name) (x)) S 42 4711 4711 0 -1 4194560 1 2 3 4 250 150 0 0 20 0 7 0 100 999 512 18446744073709551615 1 1 0";

const process_ = (pid: number, parent: number): Process => ({ pid, parent, name: "x", seconds: 1, bytes: 1 });

describe("What programs take that run in no pod", () => {
  it("is read of what the kernel tells, whatever the program is called", () => {
    expect(parseStat(STAT)).toEqual({ pid: 4711, name: "a name) (x)", parent: 42, seconds: 4, bytes: 512 * 4096 });
    expect(() => parseStat("")).toThrow(RangeError);
  });

  it("is that of the process and of all that come from it", () => {
    const all = [process_(1, 0), process_(2, 1), process_(3, 2), process_(4, 1), process_(5, 4)];
    expect(treeOf(2, all).map(({ pid }) => pid)).toEqual([2, 3]);
    expect(treeOf(1, all)).toHaveLength(5);
    expect(treeOf(9, all)).toEqual([]);
  });

  it("is told by the cluster's own list of them, from the second look on", () => {
    const folder = mkdtempSync(join(tmpdir(), "loomworks-programs-"));
    try {
      mkdirSync(join(folder, "run"));
      writeFileSync(join(folder, "run", "etcd"), `${process.pid}\n`);
      writeFileSync(join(folder, "run", "gone"), "999999999\n");
      const programs = new Programs(folder);
      expect(programs.look().size).toBe(0);
      const begun = performance.now();
      while (performance.now() - begun < 100);
      const seen = programs.look();
      expect([...seen.keys()]).toEqual(["(etcd)", "(gone)"]);
      expect(seen.get("(etcd)")!.bytes).toBeGreaterThan(10 * 2 ** 20);
      expect(seen.get("(etcd)")!.cores).toBeGreaterThan(0);
      expect(seen.get("(gone)")).toEqual({ cores: 0, bytes: 0, pods: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
