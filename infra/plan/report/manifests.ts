/** dist, read back: what was reviewed, and nothing else, is what the report shows. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { assertNoProblems, Problem } from "../../../constructs/shared/problems";
import type { KubernetesObject } from "./kubernetes";

/** One file of dist: one chart. */
export interface ManifestFile {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
}

const ENDING = ".k8s.yaml";
const HIDDEN = "[secret]";

/**
 * The files of one stack, by name.
 *
 * @param folder `dist/<stack>`
 * @throws {InvalidInputError} naming every file that can't be shown
 */
export function readManifests(folder: string): ManifestFile[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(ENDING)) : [];
  assertNoProblems(names.length > 0 ? [] : [noManifests(folder)]);
  const read = names.sort().map((name) => readFile(join(folder, name), name));
  assertNoProblems(read.flatMap(({ problems }) => problems));
  return read.map(({ file }) => file);
}

function readFile(path: string, name: string): { file: ManifestFile; problems: Problem[] } {
  const documents = parseAllDocuments(readFileSync(path, "utf8"));
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0) return { file: { name, objects: [] }, problems: errors.map((error) => notYaml(path, error)) };
  const objects = documents.map((document) => document.toJS() as unknown).filter((object) => object !== null);
  return {
    file: { name, objects: objects.filter(isObject).map(withoutSecrets) },
    problems: objects.filter((object) => !isObject(object)).map((object) => notObject(path, object)),
  };
}

function isObject(value: unknown): value is KubernetesObject {
  const { apiVersion, kind, metadata } = Object(value) as Partial<KubernetesObject>;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata?.name === "string";
}

/** dist holds no Secret; should one slip in, its values still stay out of a file that is sent around. */
function withoutSecrets(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Secret") return object;
  const fields = ["data", "stringData"].filter((field) => field in object);
  const hidden = fields.map((field) => {
    const keys = Object.keys(Object(object[field]) as object);
    return [field, Object.fromEntries(keys.map((key) => [key, HIDDEN]))];
  });
  return { ...object, ...(Object.fromEntries(hidden) as object) };
}

function noManifests(path: string): Problem {
  const reason = `no file there ends with ${ENDING}`;
  return { code: "REPORT_NO_MANIFESTS", path, value: null, reason, remedy: 'Run "npm run synth"' };
}

function notYaml(path: string, error: Error): Problem {
  const [reason = ""] = error.message.split("\n");
  const remedy = 'Run "npm run synth": dist is generated, not edited';
  return { code: "REPORT_MANIFEST_YAML", path, value: null, reason: `it is no YAML (${reason})`, remedy };
}

function notObject(path: string, object: unknown): Problem {
  const reason = "a manifest has apiVersion, kind and metadata.name";
  const remedy = 'Run "npm run synth": dist is generated, not edited';
  // Not the document itself: it could be a Secret whose kind is misspelt.
  return { code: "REPORT_MANIFEST_OBJECT", path, value: Object.keys(Object(object) as object), reason, remedy };
}
