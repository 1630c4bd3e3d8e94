import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { provide, whyNotAvailable } from "../cluster/build/builder";
import type { Program } from "../cluster/programs/program";
import { VERSIONS } from "../cluster/versions";
import { describeWith } from "../support/requires";

const ROOT = join(__dirname, "../..");
const FOLDER = ".github/workflows";
const MODULE = "github.com/rhysd/actionlint";

const actionlint: Program = {
  name: "actionlint",
  version: VERSIONS.actionlint,
  minutes: 1,
  source: { module: MODULE, version: `v${VERSIONS.actionlint}`, package: `${MODULE}/cmd/actionlint` },
};

describeWith(whyNotAvailable([actionlint])?.message, "[PLAT-10] The workflows", () => {
  it("are right to actionlint, and their scripts to shellcheck", async () => {
    const file = (await provide([actionlint])).get(actionlint)!;
    const workflows = readdirSync(join(ROOT, FOLDER)).map((name) => join(FOLDER, name));
    const { status, stdout } = spawnSync(file, ["-shellcheck=shellcheck", ...workflows], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  }, 300_000);
});
