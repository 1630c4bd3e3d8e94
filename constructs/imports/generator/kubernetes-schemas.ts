import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assertNoProblems, Problem } from "../../shared/problems";
import { Enum, kubernetesEnumsOf } from "./kubernetes-enums";

/** A schema, or any part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** What is committed of a Kubernetes release. */
export interface KubernetesSchemas {
  readonly version: string;
  /** By `<apiVersion>/<kind>`. */
  readonly kinds: Readonly<Record<string, { readonly definition: string; readonly namespaced: boolean }>>;
  /** Schemas by name; they refer to one another as `#/components/schemas/<name>`. */
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** What an API server publishes of one group and version, as far as it is read here. */
interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly post?: Schema }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const KIND = "x-kubernetes-group-version-kind";

/** Of no use to a check of manifests, and most of the size. */
const DROPPED = new Set(["description", KIND, "x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy"]);

/**
 * What a real API server says about kinds: whether each is namespaced, and its schema with all that this refers to, less
 * descriptions and less `status`, which no manifest may set.
 *
 * @param folder of the Kubernetes module
 * @param kinds as `<apiVersion>/<kind>`
 * @throws {InvalidInputError} IMPORTS_NO_KIND
 */
export function kubernetesSchemasOf(folder: string, version: string, kinds: readonly string[]): KubernetesSchemas {
  const documents = [...new Set(kinds.map(apiVersionOf))].flatMap((apiVersion) => readOpenApi(folder, apiVersion));
  const schemas = Object.assign({}, ...documents.map(({ components }) => components.schemas)) as Record<string, Schema>;
  const paths = Object.assign({}, ...documents.map((document) => document.paths)) as OpenApi["paths"];

  const located = kinds.flatMap((kind): Located[] => {
    const definition = Object.keys(schemas).find((name) => isOfKind(schemas[name], kind));
    const path = Object.keys(paths).find((name) => isOfKind(paths[name]?.post, kind));
    if (definition === undefined || path === undefined) return [];
    return [{ kind, definition, namespaced: path.includes("{namespace}") }];
  });
  assertNoProblems(
    kinds.filter((kind) => located.every((it) => it.kind !== kind)).map((kind) => noKind(kind, version)),
  );
  const roots = located.map(({ definition }) => definition);
  return {
    version,
    kinds: Object.fromEntries(located.map(({ kind, ...rest }) => [kind, rest])),
    definitions: withEnums(closure(schemas, roots), readEnums(folder)),
  };
}

/** A line a definition: small, and a raised version still shows in review as what it changes. */
export function renderSchemas({ version, kinds, definitions }: KubernetesSchemas): string {
  const lines = (entries: object) =>
    Object.entries(entries)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(",\n");
  const header = `"$comment":"From Kubernetes ${version}. Written by npm run imports; never edited."`;
  return `{${header},\n"version":"${version}",\n"kinds":{\n${lines(kinds)}},\n"definitions":{\n${lines(definitions)}}}\n`;
}

interface Located {
  readonly kind: string;
  readonly definition: string;
  readonly namespaced: boolean;
}

function apiVersionOf(kind: string): string {
  return kind.slice(0, kind.lastIndexOf("/"));
}

function readOpenApi(folder: string, apiVersion: string): OpenApi[] {
  const name = apiVersion.includes("/") ? `apis__${apiVersion.replace("/", "__")}` : `api__${apiVersion}`;
  const path = join(folder, "api", "openapi-spec", "v3", `${name}_openapi.json`);
  return existsSync(path) ? [JSON.parse(readFileSync(path, "utf8")) as OpenApi] : [];
}

function readEnums(folder: string): Enum[] {
  return kubernetesEnumsOf(
    readFileSync(join(folder, "pkg", "generated", "openapi", "zz_generated.openapi.go"), "utf8"),
  );
}

/** Whether a schema, or what an endpoint creates, is of a kind. */
function isOfKind(node: Schema | undefined, kind: string): boolean {
  const declared = [node?.[KIND] ?? []].flat() as Record<"group" | "version" | "kind", string>[];
  return declared.some((it) => [it.group, it.version, it.kind].filter((part) => part !== "").join("/") === kind);
}

/** The named schemas and all that they refer to, by name, in the order of names. */
function closure(schemas: Readonly<Record<string, Schema>>, roots: readonly string[]): Record<string, Schema> {
  const reached = new Map<string, Schema>();
  const reach = (name: string): void => {
    if (reached.has(name)) return;
    const text = JSON.stringify(schemas[name], (key, value: unknown) => {
      // A property may be called "description"; a description is a text.
      return DROPPED.has(key) && (typeof value === "string" || key === KIND) ? undefined : value;
    });
    const schema = JSON.parse(text) as Schema;
    if (roots.includes(name)) delete (schema.properties as Record<string, unknown>).status;
    reached.set(name, schema);
    for (const [, next = ""] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) reach(next);
  };
  roots.forEach(reach);
  return Object.fromEntries([...reached].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withEnums(definitions: Record<string, Schema>, enums: readonly Enum[]): Record<string, Schema> {
  for (const { definition, property, items, values } of enums) {
    const properties = definitions[definition]?.properties as Record<string, { items?: object }> | undefined;
    const schema = items ? properties?.[property]?.items : properties?.[property];
    if (schema !== undefined) Object.assign(schema, { enum: values });
  }
  return definitions;
}

function noKind(kind: string, version: string): Problem {
  return {
    code: "IMPORTS_NO_KIND",
    path: "constructs/imports/generator/kinds.ts",
    value: kind,
    reason: `Kubernetes ${version} has no such kind`,
    remedy: "Correct it (<apiVersion>/<kind>), or move its users to the kind that came in its place",
  };
}
