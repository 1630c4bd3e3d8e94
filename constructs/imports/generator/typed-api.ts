import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InvalidInputError } from "../../shared/problems";

/**
 * The typed API of CRDs, one TypeScript file a group, by the file's name (`<group>.ts`). Made by cdk8s-cli, which needs
 * neither Go nor network for it.
 *
 * @param crds text of each CRD, by name
 * @throws {InvalidInputError} IMPORTS_NO_TYPES
 */
export function typedApiOf(crds: ReadonlyMap<string, string>): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "loomworks-imports-"));
  try {
    const texts = [...crds].sort(byName).map(([, text]) => text);
    writeFileSync(join(folder, "crds.yaml"), texts.join("---\n"));
    runCdk8s(folder);
    const names = readdirSync(join(folder, "out")).sort();
    return new Map(names.map((name) => [name, withHeader(name, readFileSync(join(folder, "out", name), "utf8"))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function runCdk8s(folder: string): void {
  const cli = join(dirname(require.resolve("cdk8s-cli/package.json")), "bin", "cdk8s");
  // Run where no cdk8s.yaml is: the tool would note the import in it.
  const options = ["--language", "typescript", "--output", "out", "--no-save", "--no-check-upgrade"];
  const run = spawnSync(process.execPath, [cli, "import", "crds.yaml", ...options], { cwd: folder, encoding: "utf8" });
  if (run.status === 0) return;
  throw new InvalidInputError([
    {
      code: "IMPORTS_NO_TYPES",
      path: "constructs/imports/crds",
      value: run.status ?? run.signal,
      reason: `cdk8s import refused the CRDs (${(run.stderr || run.stdout).trim()})`,
      remedy: "Read its message: most often a CRD's schema holds something that this version of cdk8s-cli can't read",
    },
  ]);
}

function withHeader(name: string, text: string): string {
  return `// The typed API of crds/*.${name.replace(/\.ts$/, "")}.yaml. Written by "npm run imports"; never edited.\n${text}`;
}
