/**
 * What the API server does beyond the JSON schema that it publishes, put into that schema: unknown fields are refused, as
 * with strict field validation; quantities are parsed; lists that are maps have each key once.
 *
 * CEL rules (x-kubernetes-validations) can't run here: the API server runs them in the cluster suite.
 */

/** A schema, or any part of one. */
type Schema = Record<string, any>;

export interface Dialect {
  /**
   * Whether an object of no declared fields takes any: so in Kubernetes' own schemas, where it stands for raw data; in a
   * CRD it takes none unless it says so.
   */
  readonly bareObjectsAreOpen: boolean;
  /** Schema that a reference means. */
  readonly resolve: (ref: string) => Schema | undefined;
  /** Whether defaults are filled in before the server looks, so that what is required may be left out: so in a CRD. */
  readonly defaultsFillIn: boolean;
  /** Whether unknown fields are let pass. @default false */
  readonly open?: boolean;
}

/** As the API server parses it: 500m, 1.5Gi, 1e3. */
const QUANTITY = {
  type: ["string", "number"],
  pattern: "^[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\\d+)?$",
};
const INT_OR_STRING = [{ type: "integer" }, { type: "string" }];

/** Kubernetes' own schemas whose meaning is in the server's code. */
export const REPLACED: Record<string, Schema> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": QUANTITY,
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { anyOf: INT_OR_STRING },
};

/** Keywords that mean the same here as there; descriptions, defaults and the server's own are left out. */
const SHARED = new Set([
  ...["$ref", "type", "format", "enum", "pattern", "required", "multipleOf", "uniqueItems"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"],
  ...["minItems", "maxItems", "minProperties", "maxProperties"],
]);

export function strict(schema: Schema, dialect: Dialect): Schema {
  const out = Object.fromEntries(Object.entries(schema).filter(([key]) => SHARED.has(key)));
  // Branches say more about fields that are declared outside of them, so that they can't be closed.
  const branch = (part: Schema) => strict(part, { ...dialect, open: true });
  for (const key of ["allOf", "anyOf", "oneOf"]) if (schema[key]) out[key] = schema[key].map(branch);
  if (schema.not) out.not = branch(schema.not);

  const inner = (part: Schema) => strict(part, dialect);
  if (schema.items) out.items = inner(schema.items);
  if (schema.properties) out.properties = mapValues(schema.properties, inner);
  if (typeof schema.additionalProperties === "object") out.additionalProperties = inner(schema.additionalProperties);
  else if (isClosed(schema, dialect)) out.additionalProperties = false;
  return quirks(schema, out, dialect);
}

function isClosed(schema: Schema, { open, bareObjectsAreOpen }: Dialect): boolean {
  if (open === true || schema.additionalProperties === true) return false;
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) return false;
  return schema.properties !== undefined || (schema.type === "object" && !bareObjectsAreOpen);
}

function quirks(schema: Schema, out: Schema, dialect: Dialect): Schema {
  if (schema["x-kubernetes-int-or-string"] === true) {
    delete out.type;
    out.anyOf ??= INT_OR_STRING;
  }
  if (schema["x-kubernetes-embedded-resource"] === true) {
    out.properties = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: {}, ...out.properties };
  }
  if (dialect.defaultsFillIn && out.required) {
    out.required = out.required.filter((key: string) => schema.properties?.[key]?.default === undefined);
  }
  if (schema["x-kubernetes-list-type"] === "set") out.uniqueItems = true;
  if (schema["x-kubernetes-list-type"] === "map") out.uniqueKeys = uniqueKeys(schema, dialect);
  if (schema.nullable === true) return { anyOf: [out, { type: "null" }] };
  return out;
}

/** Keys of a list's items with their defaults: two ports of one number differ by protocol, which is TCP unless it's said. */
function uniqueKeys(schema: Schema, { resolve }: Dialect): Record<string, unknown> {
  const ref = schema.items.$ref ?? schema.items.allOf?.[0]?.$ref;
  const { properties = {} } = (ref === undefined ? schema.items : resolve(ref)) ?? {};
  const keys: string[] = schema["x-kubernetes-list-map-keys"];
  return Object.fromEntries(keys.map((key) => [key, properties[key]?.default ?? null]));
}

function mapValues(record: Record<string, Schema>, change: (value: Schema) => Schema): Record<string, Schema> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
