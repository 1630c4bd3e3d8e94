/**
 * Writes what follows from the modules pinned in `constructs/versions.ts`. Only raising a version needs it, and Go with it.
 *
 *   npm run imports              write what changed, whole or not at all
 *   npm run imports -- --check   write nothing; show how the committed files differ, and fail if they do
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, UsageError } from "../shared/cli";
import { assertNoProblems, Problem } from "../shared/problems";
import { CRDS, CrdSource, KUBERNETES } from "../versions";
import { crdFilesOf } from "./generator/crd-files";
import { Drift, driftOf, GeneratedFiles, GeneratedFolder, writeWhole } from "./generator/generated-files";
import { moduleFolder } from "./generator/go-module";
import { KINDS } from "./generator/kinds";
import { kubernetesSchemasOf, renderSchemas } from "./generator/kubernetes-schemas";
import { podSecurityModule, podSecuritySamplesOf } from "./generator/pod-security";
import { typedApiOf } from "./generator/typed-api";

/** Repository root: every path of a generated file starts here. */
export const ROOT = join(__dirname, "..", "..");

/** Where generated files are, and nothing else of their ending. */
export const GENERATED: readonly GeneratedFolder[] = [
  { path: "constructs/imports", ending: ".ts", except: ["generate.ts"] },
  { path: "constructs/imports/crds", ending: ".yaml" },
  { path: "constructs/imports/kubernetes", ending: ".json" },
];

/**
 * Everything that follows from the modules pinned in `constructs/versions.ts`: the typed API of the CRDs in use, and, so
 * that no test needs Go, copies of these CRDs, schemas of the Kubernetes kinds in use, and samples of Pod Security.
 *
 * @throws {InvalidInputError} IMPORTS_…
 */
export function generate(): GeneratedFiles {
  const crds = new Map(Object.values(CRDS).flatMap((source) => [...crdFilesOf(source, moduleFolder(source))]));
  const { schemas: release } = KUBERNETES;
  const schemas = kubernetesSchemasOf(moduleFolder(release), release.version, KINDS);
  const samples = podSecuritySamplesOf(moduleFolder(podSecurityModule(release.version)), release.version);
  return new Map([
    ...[...crds].map(([name, text]) => [`constructs/imports/crds/${name}.yaml`, text] as const),
    ...[...typedApiOf(typedOf(crds))].map(([name, text]) => [`constructs/imports/${name}`, text] as const),
    ["constructs/imports/kubernetes/schemas.json", renderSchemas(schemas)],
    ["constructs/imports/kubernetes/pod-security.json", samples],
  ]);
}

/** Those of `crds`, by name, that constructs make objects of. */
export function typedOf(crds: ReadonlyMap<string, string>): Map<string, string> {
  const sources: readonly CrdSource[] = Object.values(CRDS);
  const untyped = sources.filter(({ typed = true }) => !typed).flatMap((source) => source.crds);
  return new Map([...crds].filter(([name]) => !untyped.includes(name)));
}

function main(): number {
  const { check } = readArguments();
  const files = generate();
  const drifts = driftOf(ROOT, files, GENERATED);
  if (!check) {
    writeWhole(ROOT, files, GENERATED);
    console.log(`imports: ${files.size} files, ${drifts.length} changed`);
    return 0;
  }
  for (const { patch } of drifts) process.stdout.write(patch);
  assertNoProblems(drifts.map(drifted));
  return 0;
}

function readArguments(): { check: boolean } {
  try {
    return parseArgs({ options: { check: { type: "boolean", default: false } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: npm run imports [-- --check]`);
  }
}

function drifted({ path, change }: Drift): Problem {
  return {
    code: "IMPORTS_DRIFT",
    path,
    value: change,
    reason: "it isn't what the modules pinned in constructs/versions.ts give",
    remedy: "Run npm run imports, and review the change",
  };
}

if (require.main === module) runCommand(main);
