import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { differences, replaceFolder } from "../../../constructs/synth/output";

describe("[PLAT-11] the folder of manifests", () => {
  let root: string;
  let dist: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "loomworks-"));
    dist = join(root, "dist");
  });
  afterEach(() => {
    chmodSync(root, 0o700);
    rmSync(root, { recursive: true });
  });

  it("is written whole, and what is no longer synthesized goes", () => {
    replaceFolder(dist, { "staging/old.yaml": "1", "staging/kept.yaml": "2" });
    replaceFolder(dist, { "staging/kept.yaml": "3", "production/new.yaml": "4" });
    expect(readdirSync(dist, { recursive: true }).sort()).toEqual([
      "production",
      "production/new.yaml",
      "staging",
      "staging/kept.yaml",
    ]);
    expect(readFileSync(join(dist, "staging/kept.yaml"), "utf8")).toBe("3");
    expect(readdirSync(root)).toEqual(["dist"]);
  });

  it("isn't touched where nothing changes", () => {
    replaceFolder(dist, { "a.yaml": "1" });
    const before = statSync(dist).ino;
    replaceFolder(dist, { "a.yaml": "1" });
    expect(statSync(dist).ino).toBe(before);
  });

  it("stays as it was when writing fails in the middle", () => {
    replaceFolder(dist, { "a.yaml": "1" });
    // The second file would have to lie in a folder that is a file.
    expect(() => replaceFolder(dist, { "a.yaml": "2", "a.yaml/b.yaml": "3" })).toThrow();
    expect(readFileSync(join(dist, "a.yaml"), "utf8")).toBe("1");
    expect(readdirSync(root)).toEqual(["dist"]);
  });

  it("shows its differences as a unified diff, by file", () => {
    replaceFolder(dist, { "a.yaml": "one\ntwo\n", "gone.yaml": "x\n" });
    const diff = differences(dist, { "a.yaml": "one\n2\n", "new.yaml": "y\n" });
    expect(diff).toContain("--- dist/a.yaml\treviewed\n+++ dist/a.yaml\tsynthesized");
    expect(diff).toContain("-two\n+2\n");
    expect(diff).toContain("-x\n");
    expect(diff).toContain("+y\n");
  });

  it("has no differences where it is what was synthesized", () => {
    replaceFolder(dist, { "a.yaml": "one\n" });
    expect(differences(dist, { "a.yaml": "one\n" })).toBe("");
    expect(existsSync(dist)).toBe(true);
    writeFileSync(join(dist, "stray.yaml"), "");
    expect(differences(dist, { "a.yaml": "one\n" })).toContain("stray.yaml");
  });
});
