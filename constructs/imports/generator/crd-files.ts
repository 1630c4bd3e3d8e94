import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { assertNoProblems, Problem } from "../../shared/problems";
import type { CrdSource } from "../../versions";

/** A CustomResourceDefinition, as far as it is read here. */
interface Crd {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: unknown };
  readonly spec: unknown;
}

/**
 * The CRDs in use of one project, each as the text of the file that is committed, by name (`<plural>.<group>`).
 *
 * @param folder of the project's module
 * @throws {InvalidInputError} IMPORTS_NO_FILE, IMPORTS_CRD_COUNT
 */
export function crdFilesOf(source: CrdSource, folder: string): Map<string, string> {
  assertNoProblems(source.files.flatMap((glob) => (filesOf(folder, glob).length > 0 ? [] : [noFile(source, glob)])));
  const crds = source.files.flatMap((glob) => filesOf(folder, glob)).flatMap(readCrds);
  const named = (name: string) => crds.filter(({ metadata }) => metadata.name === name);
  assertNoProblems(
    source.crds.flatMap((name) => (named(name).length === 1 ? [] : [wrongCount(source, name, named(name).length)])),
  );
  return new Map(source.crds.flatMap((name) => named(name).map((crd) => [name, render(crd, source)] as const)));
}

function filesOf(folder: string, glob: string): string[] {
  const within = join(folder, dirname(glob));
  if (!existsSync(within)) return [];
  const escaped = basename(glob).replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${escaped.replaceAll("*", ".*")}$`);
  return readdirSync(within)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(within, name));
}

function readCrds(path: string): Crd[] {
  return parseAllDocuments(readFileSync(path, "utf8"))
    .map((document) => document.toJS() as Crd | null)
    .filter((document): document is Crd => document?.kind === "CustomResourceDefinition");
}

/** One form for every project's file, so that a raised version shows in review as what it changes and nothing else. */
function render({ apiVersion, kind, metadata, spec }: Crd, { module, version }: CrdSource): string {
  const { name, annotations } = metadata;
  const crd = { apiVersion, kind, metadata: { name, annotations }, spec };
  // Kubernetes reads YAML 1.1, where a bare `on` is true: 1.1 quotes it, and 1.2 reads it alike.
  const body = stringify(crd, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
  return `# ${name} of ${module} ${version}. Written by "npm run imports"; never edited.\n${body}`;
}

function noFile(source: CrdSource, glob: string): Problem {
  return {
    code: "IMPORTS_NO_FILE",
    path: "constructs/versions.ts",
    value: glob,
    reason: `no file of ${source.module} ${source.version} has such a name`,
    remedy: "Look where that release keeps its CRDs, and correct the entry's files",
  };
}

function wrongCount(source: CrdSource, name: string, count: number): Problem {
  return {
    code: "IMPORTS_CRD_COUNT",
    path: "constructs/versions.ts",
    value: name,
    reason: `the entry's files of ${source.module} ${source.version} define it ${count} times, not once`,
    remedy: "Correct the entry's crds (<plural>.<group>), or narrow its files",
  };
}
