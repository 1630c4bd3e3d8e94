import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf } from "./key";

describe("An image's key", () => {
  let folder: string;
  const key = (words: readonly string[] = ["X=1"]) => keyOf({ paths: { context: folder }, words });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "image-key-"));
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "inner/program"), "one");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each<[string, () => void]>([
    ["a file's content", () => writeFileSync(join(folder, "inner/program"), "two")],
    ["a new file", () => writeFileSync(join(folder, "inner/other"), "")],
    ["whether a file can be run", () => chmodSync(join(folder, "inner/program"), 0o755)],
  ])("changes with %s", (_, change) => {
    const before = key();
    change();
    expect(key()).not.toBe(before);
  });

  it("changes with arguments, versions and bases", () => {
    expect(key(["X=2"])).not.toBe(key());
  });

  it("stays with what a clone of the repository, or a run, changes by itself", () => {
    const before = key();
    utimesSync(join(folder, "inner/program"), 0, 0);
    mkdirSync(join(folder, "inner/__pycache__"));
    writeFileSync(join(folder, "inner/__pycache__/x.pyc"), "");
    expect(key()).toBe(before);
  });
});
