import Ajv, { ErrorObject, ValidateFunction } from "ajv";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import kubernetes from "../../../constructs/imports/kubernetes/schemas.json";
import { Check, Manifest, nameOf } from "./manifest";
import { Dialect, REPLACED, strict } from "./strict-schema";

const CRD_FOLDER = join(__dirname, "..", "..", "..", "constructs", "imports", "crds");
const OBJECT_META = "kubernetes#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const DEFINITIONS = kubernetes.definitions as Record<string, any>;

/** A kind that the cluster knows. */
interface Kind {
  readonly namespaced: boolean;
  readonly validate: ValidateFunction;
}

/** CRDs are written with Go's expressions, which set "case doesn't matter" inside. */
const goRegExp = Object.assign(
  (pattern: string) => new RegExp(pattern.replace("(?i)", ""), pattern.includes("(?i)") ? "i" : ""),
  { code: "goRegExp" },
);

const ajv = createAjv();
const KINDS = new Map<string, () => Kind>([...kubernetesKinds(), ...customKinds()]);
const known = new Map<string, Kind>();

/** The kind of a document; nothing if the cluster knows none such. */
function kindOf({ apiVersion, kind }: Manifest): Kind | undefined {
  const key = `${apiVersion}/${kind}`;
  const found = known.get(key) ?? KINDS.get(key)?.();
  if (found !== undefined) known.set(key, found);
  return found;
}

/** Whether objects of this kind live in a namespace; nothing if the cluster doesn't know it. */
export function isNamespaced(doc: Manifest): boolean | undefined {
  return kindOf(doc)?.namespaced;
}

/** Each document is what a real API server of the pinned version, or the pinned CRD, declares its kind to be. */
export const checkSchemas: Check = (docs) =>
  docs.flatMap((doc) => {
    const kind = kindOf(doc);
    if (kind === undefined) {
      return [`${nameOf(doc)}: no schema of ${doc.apiVersion}/${doc.kind}; add it to generator/kinds.ts or CRDS`];
    }
    if (kind.validate(doc)) return [];
    return (kind.validate.errors ?? []).map((error) => `${nameOf(doc)} ${sentence(error)}`);
  });

function sentence({ instancePath, keyword, message = "", params }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll("/", ".");
  if (keyword === "additionalProperties") return `${path}: has no field ${params.additionalProperty}`;
  return `${path}: ${message}${keyword === "enum" ? ` ${params.allowedValues.join(", ")}` : ""}`;
}

function createAjv(): Ajv {
  // Strict: a keyword or format that the API server knows and this doesn't must be noticed, not passed over.
  const validator = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false, code: { regExp: goRegExp } });
  const within = (bits: bigint) => (value: number) =>
    Number.isInteger(value) && BigInt(value) < 2n ** bits && BigInt(value) >= -(2n ** bits);
  validator.addFormat("int32", { type: "number", validate: within(31n) });
  validator.addFormat("int64", { type: "number", validate: within(63n) });
  validator.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
  validator.addFormat("byte", /^[A-Za-z0-9+/]*={0,2}$/);
  for (const format of ["double", "float"]) validator.addFormat(format, { type: "number", validate: () => true });
  validator.addKeyword({
    keyword: "uniqueKeys",
    type: "array",
    validate: haveUniqueKeys,
    error: { message: "two items have the same keys" },
  });
  validator.addKeyword({ keyword: "components" });
  validator.addSchema({ $id: "kubernetes", components: { schemas: kubernetesSchemas() } });
  return validator;
}

function haveUniqueKeys(defaults: Record<string, unknown>, items: any[]): boolean {
  const keys = items.map((item) =>
    JSON.stringify(Object.entries(defaults).map(([key, value]) => item?.[key] ?? value)),
  );
  return new Set(keys).size === keys.length;
}

function kubernetesSchemas(): Record<string, object> {
  const dialect: Dialect = {
    bareObjectsAreOpen: true,
    defaultsFillIn: false,
    resolve: (ref: string) => DEFINITIONS[ref.slice(ref.lastIndexOf("/") + 1)],
  };
  return Object.fromEntries(
    Object.entries(DEFINITIONS).map(([name, schema]) => [name, REPLACED[name] ?? strict(schema, dialect)]),
  );
}

function kubernetesKinds(): [string, () => Kind][] {
  return Object.entries(kubernetes.kinds).map(([kind, { definition, namespaced }]) => [
    kind,
    () => ({ namespaced, validate: ajv.compile({ $ref: `kubernetes#/components/schemas/${definition}` }) }),
  ]);
}

function customKinds(): [string, () => Kind][] {
  return readdirSync(CRD_FOLDER).flatMap((file) => {
    const { spec } = parse(readFileSync(join(CRD_FOLDER, file), "utf8"));
    return spec.versions.map((version: any) => [
      `${spec.group}/${version.name}/${spec.names.kind}`,
      () => ({
        namespaced: spec.scope === "Namespaced",
        validate: ajv.compile(customSchema(version.schema.openAPIV3Schema)),
      }),
    ]);
  });
}

function customSchema(schema: any): object {
  const closed = strict(schema, { bareObjectsAreOpen: false, defaultsFillIn: true, resolve: () => undefined });
  // Every object has the same metadata, and no manifest may set the status.
  closed.properties.metadata = { $ref: OBJECT_META };
  delete closed.properties.status;
  return closed;
}
