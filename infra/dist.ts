/** The reviewed manifests of a stack, and the proof that they are whole and belong to its settings. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { manifestSettings, ManifestSettings, Stack } from "../constructs/settings";
import { assertNoProblems, Problem } from "../constructs/shared/problems";

/** One Kubernetes object, as it stands in dist. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

const MANIFESTS = ".k8s.yaml";
const SYNTH = "Run npm run synth, review what changed, and commit it";

/** Where synth writes the settings that it made the manifests from, defaults filled in. */
const SETTINGS_FILE = "settings.yaml";

/** Kinds that live in no namespace, though cdk8s may write one: it must not become part of who they are. */
const CLUSTER_WIDE = /^(Namespace|CustomResourceDefinition|PriorityClass|StorageClass|Cluster[A-Z]\w*)$/;

/** An object's identity in its cluster, for people: `loomworks/odoo`, or `loomworks` for what lives in no namespace. */
export function pathOf({ kind, metadata: { name, namespace } }: Manifest): string {
  return namespace === undefined || CLUSTER_WIDE.test(kind) ? name : `${namespace}/${name}`;
}

/**
 * Every object of `dist/<stack>/`.
 *
 * @param root folder with `dist/`
 * @throws {InvalidInputError} if dist is missing, was made from other settings, or holds what must not be in it
 */
export function readDist(stack: Stack, settings: ManifestSettings, root: string): Manifest[] {
  const folder = join("dist", stack);
  const made = join(folder, SETTINGS_FILE);
  assertNoProblems([folder, made].filter((path) => !existsSync(join(root, path))).map(missing));
  assertNoProblems(differences(manifestSettings(settings), parse(readFileSync(join(root, made), "utf8")), stack));

  const problems: Problem[] = [];
  const manifests: Manifest[] = [];
  for (const file of readdirSync(join(root, folder)).filter((name) => name.endsWith(MANIFESTS))) {
    const path = join(folder, file);
    for (const document of parseAllDocuments(readFileSync(join(root, path), "utf8"))) {
      const content: unknown = document.errors.length === 0 ? document.toJS() : undefined;
      if (content === null) continue;
      if (isManifest(content)) manifests.push(content);
      else problems.push(noManifest(path, document.errors[0]?.message.split("\n")[0]));
    }
  }
  if (manifests.length === 0 && problems.length === 0) problems.push(missing(join(folder, `*${MANIFESTS}`)));
  assertNoProblems([...problems, ...secretsIn(manifests, folder), ...twins(manifests, folder)]);
  return manifests;
}

function isManifest(content: unknown): content is Manifest {
  const { apiVersion, kind, metadata } = (content ?? {}) as Partial<Manifest>;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata?.name === "string";
}

function missing(path: string): Problem {
  return { code: "DIST_MISSING", path, value: null, reason: "there is nothing to apply", remedy: SYNTH };
}

function noManifest(path: string, reason = "a document has no apiVersion, kind or name"): Problem {
  return { code: "DIST_UNREADABLE", path, value: null, reason, remedy: SYNTH };
}

/** One problem for each setting that is not what the manifests were made from. */
function differences(now: unknown, then: unknown, stack: Stack, path: readonly string[] = []): Problem[] {
  if (isMapping(now) && isMapping(then)) {
    const keys = [...new Set([...Object.keys(now), ...Object.keys(then)])];
    return keys.flatMap((key) => differences(now[key], then[key], stack, [...path, key]));
  }
  if (JSON.stringify(now) === JSON.stringify(then)) return [];
  const reason = `dist/${stack} was made with ${JSON.stringify(then ?? null)}`;
  return [{ code: "DIST_STALE", path: path.join("."), value: now ?? null, reason, remedy: SYNTH }];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function secretsIn(manifests: readonly Manifest[], folder: string): Problem[] {
  return manifests
    .filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Secret")
    .map((manifest) => ({
      code: "DIST_SECRET",
      path: `${folder} Secret ${pathOf(manifest)}`,
      value: null,
      reason: "whoever reads the repository would know its values",
      remedy: "Add it to constructs/contract.ts: the stack makes it",
    }));
}

function twins(manifests: readonly Manifest[], folder: string): Problem[] {
  const seen = new Set<string>();
  return manifests.flatMap((manifest) => {
    const key = `${manifest.apiVersion} ${manifest.kind} ${pathOf(manifest)}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const remedy = "Remove one of them, or name it differently";
    return [{ code: "DIST_TWICE", path: `${folder} ${key}`, value: null, reason: "it is there twice", remedy }];
  });
}
