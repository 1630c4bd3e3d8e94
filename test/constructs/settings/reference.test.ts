import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderReference } from "../../../constructs/settings/reference";

describe("docs/settings.md", () => {
  it("says what the schema says: run `npm run docs` after a change", () => {
    expect(readFileSync(join(__dirname, "../../../docs/settings.md"), "utf8")).toBe(renderReference());
  });

  it("explains every setting", () => {
    const rows = renderReference()
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((row) => /\|\s+\|$/.test(row))).toEqual([]);
  });
});
