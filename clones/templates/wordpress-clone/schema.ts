/** What one says of a clone when asking for it, in KRO's SimpleSchema: `type | marker=value …`. */
import type { ResourceGraphDefinitionSpecSchemaAdditionalPrinterColumns as PrinterColumn } from "../../../constructs/imports/kro.run";

export interface SpecSettings {
  /** Image of a clone that names none. */
  readonly image: string;
  /** Seconds that a clone lives if it says nothing of it. */
  readonly ttlSeconds: number;
  readonly exposeCredentials: boolean;
}

/**
 * The fields of `spec`, by name. None is marked immutable, though most can't change while a clone lives, and customer and life
 * have no bounds: the schema would answer first, without a remedy. The admission policy refuses these (admission-rules.ts).
 * Of an unknown value of an enum, and of an unknown field, the schema's own answer says all there is to say.
 */
export function specFields({ image, ttlSeconds, exposeCredentials }: SpecSettings): Record<string, string> {
  return {
    customerId: field("string", "Whom the clone is for; the first part of its host", { required: true }),
    ttlSeconds: field("integer", "Seconds from the clone's creation to its end; raise it to extend its life", {
      default: ttlSeconds,
    }),
    useDedicatedDatabase: field("boolean", "An RDS instance of the clone's own: the same as database dedicated", {
      default: false,
    }),
    database: field(
      "string",
      "Where its tables are: on the shared server, on its own, beside it in the pod, in a file",
      {
        enum: "sidecar,shared,dedicated,sqlite",
        default: "shared",
      },
    ),
    image: field("string", "Image of its WordPress", { default: image }),
    warmPod: field("string", "Pod of the warm pool that serves instead of a Job's", { default: "" }),
    routing: field("string", "By a host of the customer's own, or by a path on a shared load balancer", {
      enum: "host,path",
      default: "host",
    }),
    albGroup: field("integer", "Which of the shared load balancers, counted from 0; for routing path", {
      default: 0,
      minimum: 0,
    }),
    exposeCredentials: field("boolean", "Whether status carries the credentials, or their Secret alone", {
      default: exposeCredentials,
    }),
  };
}

/** What `kubectl get wordpressclones` shows. */
export const PRINTER_COLUMNS: PrinterColumn[] = [
  { name: "Customer", type: "string", jsonPath: ".spec.customerId" },
  { name: "Database", type: "string", jsonPath: ".status.database" },
  { name: "Ready", type: "boolean", jsonPath: ".status.ready" },
  // No "date": kubectl would print how long ago it was, and this is to come.
  { name: "Expires", type: "string", jsonPath: ".status.expiresAt" },
  { name: "URL", type: "string", jsonPath: ".status.cloneUrl" },
];

type Marker = string | number | boolean;

/** One field. SimpleSchema has no escape for a double quote in a value, and none of ours needs one. */
export function field(
  type: "string" | "integer" | "boolean",
  description: string,
  markers: Record<string, Marker>,
): string {
  const all = Object.entries<Marker>({ ...markers, description });
  return `${type} | ${all.map(([name, value]) => `${name}=${marker(value)}`).join(" ")}`;
}

function marker(value: Marker): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}
