import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describeWith } from "../../support/requires";

const IMAGE = resolve(__dirname, "../../../clones/image");

function run(program: string, ...args: string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return { status, text: `${stdout}${stderr}` };
}

function missing(): string | undefined {
  const programs = { phpcs: "php-codesniffer", phpmd: "phpmd" };
  const absent = Object.entries(programs).find(([program]) => run(program, "--version").status !== 0);
  return absent === undefined ? undefined : `${absent[0]} is missing: apt-get install ${absent[1]}`;
}

/** WordPress' own standard where somebody has installed it, else what phpcs itself has of it. */
const ruleset = () => (/\bWordPress\b/.test(run("phpcs", "-i").text) ? "phpcs.xml" : "phpcs-builtin.xml");

const standard = (folder: string) =>
  run("phpcs", "-q", "--report=emacs", `--standard=${join(IMAGE, ruleset())}`, folder);
const analysis = (folder: string) => run("phpmd", folder, "text", join(IMAGE, "phpmd.xml"));

describeWith(missing(), "the PHP of plugin and image", () => {
  it("[CLONE-06] [WARM-01] follows the coding standard", () => {
    expect(standard(IMAGE)).toEqual({ status: 0, text: "" });
  }, 120_000);

  it("[CLONE-06] [WARM-01] has nothing that is never read, undefined, or left from debugging", () => {
    expect(analysis(IMAGE)).toMatchObject({ status: 0 });
  }, 120_000);

  it("[CLONE-06] would be refused for breaking either", () => {
    const folder = mkdtempSync(join(tmpdir(), "loomworks-php-"));
    try {
      cpSync(join(IMAGE, "custom-migrator/includes/class-lock.php"), join(folder, "class-lock.php"));
      writeFileSync(
        join(folder, "bad.php"),
        "<?php\nfunction bad() {\n    $unused = [1];\n    return $undefined;\n}\n",
      );
      expect(standard(folder).text).toContain("bad.php");
      expect(analysis(folder).text).toMatch(/undefined.*\n|unused/i);
      rmSync(join(folder, "bad.php"));
      expect(standard(folder)).toEqual({ status: 0, text: "" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});
