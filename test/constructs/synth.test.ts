import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { synthesize } from "../../constructs/synth";

const ROOT = resolve(__dirname, "../..");

/** `npm run synth` as its user runs it, with its output elsewhere. */
function runSynth(args: readonly string[], output: string) {
  const env = { ...process.env, CDK8S_OUTDIR: output, TZ: "Pacific/Chatham", LANG: "tr_TR.UTF-8" };
  return spawnSync(process.execPath, ["--import", "tsx", join(ROOT, "constructs/synth.ts"), ...args], {
    encoding: "utf8",
    env,
    cwd: ROOT,
  });
}

function readTree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length + 1),
      readFileSync(join(parentPath, name), "utf8"),
    ]),
  );
}

describe("[PLAT-11] synth", () => {
  let scratch: string;
  beforeEach(() => (scratch = mkdtempSync(join(tmpdir(), "loomworks-"))));
  afterEach(() => rmSync(scratch, { recursive: true }));

  it("gives what is committed: run `npm run synth`, and review the change", () => {
    expect(synthesize(ROOT)).toEqual(readTree(join(ROOT, "dist")));
  });

  it("gives the same bytes in another process, time zone and language", () => {
    const output = join(scratch, "dist");
    expect(runSynth([], output)).toMatchObject({ status: 0, stderr: "" });
    expect(readTree(output)).toEqual(readTree(join(ROOT, "dist")));
  });

  it("--check is quiet where nothing differs, and fails with the diff where something does", () => {
    const output = join(scratch, "dist");
    cpSync(join(ROOT, "dist"), output, { recursive: true });
    expect(runSynth(["--check"], output)).toMatchObject({ status: 0, stdout: "", stderr: "" });

    const file = join(output, "staging/loomworks.backup.k8s.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("0 2 * * *", "0 3 * * *"));
    const changed = runSynth(["--check"], output);
    expect(changed).toMatchObject({ status: 1, stderr: expect.stringContaining("DIST_DRIFT") });
    expect(changed.stdout).toContain("-  schedule: 0 3 * * *\n+  schedule: 0 2 * * *\n");
    expect(readFileSync(file, "utf8")).toContain("0 3 * * *");
  });

  it("refuses an option that it doesn't know", () => {
    expect(runSynth(["--chekc"], join(scratch, "dist"))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Usage: npm run synth"),
    });
  });

  it("names the problems of all stacks before anything is written", () => {
    writeFileSync(join(scratch, "Pulumi.staging.yaml"), "config:\n  loomworks-platform:target: azure\n");
    writeFileSync(join(scratch, "Pulumi.production.yaml"), "config:\n  loomworks-platform:loomworks: { domain: no }\n");
    expect(() => synthesize(scratch)).toThrow(
      /^SETTING_CHOICE staging: target: .*\nSETTING_DOMAIN production: loomworks\.domain: /,
    );
  });

  it("[LOOM-01] refuses a volume smaller than the reviewed one", () => {
    mkdirSync(join(scratch, "dist"));
    cpSync(join(ROOT, "dist"), join(scratch, "dist"), { recursive: true });
    cpSync(join(ROOT, "Pulumi.staging.yaml"), join(scratch, "Pulumi.staging.yaml"));
    const production = readFileSync(join(ROOT, "Pulumi.production.yaml"), "utf8").replace(
      "dataVolume: 200Gi",
      "dataVolume: 100Gi",
    );
    writeFileSync(join(scratch, "Pulumi.production.yaml"), production);
    expect(() => synthesize(scratch)).toThrow(
      /VOLUME_SHRINKS production: loomworks\.postgres\.dataVolume: got "100Gi"; the volume has 200Gi already/,
    );
  });
});
