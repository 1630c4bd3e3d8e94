import { join } from "node:path";
import { InvalidInputError, Problem } from "../shared/problems";
import { CRDS, KUBERNETES } from "../versions";
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
  { path: "test/contract/schemas", ending: ".json" },
];

/**
 * Everything that follows from the modules pinned in `constructs/versions.ts`: the typed API of the CRDs in
 * use, and, so that no test needs Go, copies of these CRDs, schemas of the Kubernetes kinds in use, and samples of Pod
 * Security.
 *
 * @throws {InvalidInputError} IMPORTS_…
 */
export function generate(): GeneratedFiles {
  const crds = new Map(Object.values(CRDS).flatMap((source) => [...crdFilesOf(source, moduleFolder(source))]));
  const { minor, schemas: release } = KUBERNETES;
  const schemas = kubernetesSchemasOf(moduleFolder(release), release.version, KINDS);
  const samples = podSecuritySamplesOf(moduleFolder(podSecurityModule(release.version)), minor);
  return new Map([
    ...[...crds].map(([name, text]) => [`constructs/imports/crds/${name}.yaml`, text] as const),
    ...[...typedApiOf(crds)].map(([name, text]) => [`constructs/imports/${name}`, text] as const),
    ["test/contract/schemas/kubernetes.json", renderSchemas(schemas)],
    ["test/contract/schemas/pod-security.json", samples],
  ]);
}

function main(args: readonly string[]): void {
  const check = args.includes("--check");
  const unknown = args.filter((argument) => argument !== "--check");
  if (unknown.length > 0) throw new InvalidInputError(unknown.map(unknownArgument));
  const files = generate();
  const drifts = driftOf(ROOT, files, GENERATED);
  if (!check) writeWhole(ROOT, files, GENERATED);
  else if (drifts.length > 0) {
    for (const { patch } of drifts) console.log(patch);
    throw new InvalidInputError(drifts.map(drifted));
  }
  console.log(`imports: ${files.size} files, ${drifts.length} ${check ? "differ" : "changed"}`);
}

function unknownArgument(value: string): Problem {
  const reason = "there is no such argument";
  return { code: "IMPORTS_ARGUMENT", path: "npm run imports --", value, reason, remedy: "Give --check, or nothing" };
}

function drifted({ path, change }: Drift): Problem {
  return {
    code: "IMPORTS_DRIFT",
    path,
    value: change,
    reason: "it isn't what the modules pinned in constructs/versions.ts give",
    remedy: 'Run "npm run imports" and review what it changes',
  };
}

if (require.main === module) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
