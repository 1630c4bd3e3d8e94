import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { driftOf, GeneratedFolder, writeWhole } from "../../../constructs/imports/generator/generated-files";
import { folderOf } from "./support";

const FOLDERS: GeneratedFolder[] = [{ path: "imports", ending: ".ts", except: ["generate.ts"] }];

describe("generated files", () => {
  it("differ where one is missing, different or left over, and show how", () => {
    const root = folderOf({ "imports/same.ts": "1\n", "imports/old.ts": "2\n", "imports/gone.ts": "3\n" });
    const drifts = driftOf(
      root,
      new Map([
        ["imports/same.ts", "1\n"],
        ["imports/old.ts", "4\n"],
        ["imports/new.ts", "5\n"],
      ]),
      FOLDERS,
    );
    expect(drifts.map(({ path, change }) => [path, change])).toEqual([
      ["imports/old.ts", "different"],
      ["imports/new.ts", "missing"],
      ["imports/gone.ts", "left over"],
    ]);
    expect(drifts[0]?.patch).toMatch(/-2\n\+4/);
  });

  it("don't differ once written, and what is left over is gone", () => {
    const root = folderOf({ "imports/old.ts": "1\n", "imports/generate.ts": "by hand\n", "imports/notes.md": "too\n" });
    const files = new Map([["imports/deep/new.ts", "2\n"]]);
    writeWhole(root, files, FOLDERS);
    expect(driftOf(root, files, FOLDERS)).toEqual([]);
    expect(readdirSync(join(root, "imports")).sort()).toEqual(["deep", "generate.ts", "notes.md"]);
  });

  it("stay whole when one can't be written", () => {
    const root = folderOf({ "imports/a.ts": "old\n", "imports/gone.ts": "old\n" });
    mkdirSync(join(root, "imports", "b.ts.next"));
    const files = new Map([
      ["imports/a.ts", "new\n"],
      ["imports/b.ts", "new\n"],
    ]);
    expect(() => writeWhole(root, files, FOLDERS)).toThrow(/EISDIR/);
    expect(readFileSync(join(root, "imports/a.ts"), "utf8")).toBe("old\n");
    expect([existsSync(join(root, "imports/gone.ts")), existsSync(join(root, "imports/a.ts.next"))]).toEqual([
      true,
      false,
    ]);
  });
});
