import { parseAllDocuments } from "yaml";
import { ApiError, ClusterClient, KubeObject } from "./client";
import { ClusterError } from "./errors";
import type { Problem } from "../../constructs/shared/problems";

export interface ApplyOptions {
  /** Who the fields belong to from now on. @default "loomworks-test" */
  readonly fieldManager?: string;
  /** The server checks, admits and answers, and keeps nothing. @default false */
  readonly dryRun?: boolean;
  /** Takes fields over from other managers instead of reporting a conflict. @default false */
  readonly force?: boolean;
}

/** What an apply did to one object. */
export interface Applied {
  readonly outcome: "created" | "changed" | "unchanged";
  /** `apps/v1 Deployment loomworks/odoo`. */
  readonly name: string;
  /** As the server answered: with defaults, and whatever admission added. */
  readonly object: KubeObject;
}

/** Multi-document YAML, or objects. */
export type Manifests = string | readonly KubeObject[];

const DEFAULTS = { fieldManager: "loomworks-test", dryRun: false, force: false } as const;

/** What other objects need to be there first. */
const FIRST = ["Namespace", "CustomResourceDefinition", "PriorityClass", "StorageClass", "ServiceAccount"];

/**
 * Server-side apply with strict field validation: a field that the server doesn't know, or a key given twice, is an
 * error and not a warning. Namespaces come first; the rest keeps its order.
 *
 * @throws {ClusterError} naming every object that was refused, after all others were applied
 */
export async function applyStrict(
  client: ClusterClient,
  manifests: Manifests,
  options: ApplyOptions = {},
): Promise<Applied[]> {
  const applied: Applied[] = [];
  const problems: Problem[] = [];
  for (const object of inOrder(objectsOf(manifests))) {
    try {
      applied.push(await applyOne(client, object, { ...DEFAULTS, ...options }));
    } catch (error) {
      problems.push(refusal(object, error));
    }
  }
  if (problems.length > 0) throw new ClusterError(...problems);
  return applied;
}

/** The objects of a multi-document YAML text; empty documents are none, and a List is its items. */
export function objectsOf(manifests: Manifests): KubeObject[] {
  if (typeof manifests !== "string") return [...manifests];
  return parseAllDocuments(manifests).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const object = document.toJS() as KubeObject | null;
    if (object === null) return [];
    return object.kind === "List" ? (object.items as KubeObject[]) : [object];
  });
}

/** What must exist first comes first; `sort` is stable, so everything else stays where it was. */
export function inOrder(objects: readonly KubeObject[]): KubeObject[] {
  const rank = ({ kind }: KubeObject) => (FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length);
  return [...objects].sort((one, other) => rank(one) - rank(other));
}

/** How an object is called in messages: `apps/v1 Deployment loomworks/odoo`. */
export function nameOf({ apiVersion, kind, metadata }: KubeObject): string {
  const { namespace, name } = metadata;
  return `${apiVersion} ${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

async function applyOne(
  client: ClusterClient,
  object: KubeObject,
  { fieldManager, dryRun, force }: Required<ApplyOptions>,
): Promise<Applied> {
  const before = await client.find(object);
  const after = await client.request<KubeObject>("PATCH", await client.pathOf(object), {
    // JSON is YAML; duplicates can't be in an object any more, unknown fields can.
    contentType: "application/apply-patch+yaml",
    query: {
      fieldManager,
      fieldValidation: "Strict",
      force: force ? "true" : undefined,
      dryRun: dryRun ? "All" : undefined,
    },
    body: object,
  });
  if (before === undefined && !dryRun) client.created.push(after);
  const same = contentOf(before) === contentOf(after);
  return {
    outcome: before === undefined ? "created" : same ? "unchanged" : "changed",
    name: nameOf(object),
    object: after,
  };
}

/**
 * What a manifest can decide. A new resourceVersion alone says little: controllers write status all the time, the server
 * writes down who manages what, and a dry run never gets one.
 */
function contentOf(object: KubeObject | undefined): string {
  const metadata = { ...object?.metadata, resourceVersion: undefined, managedFields: undefined };
  return JSON.stringify({ ...object, metadata, status: undefined });
}

function refusal(object: KubeObject, error: unknown): Problem {
  const { reason, message } =
    error instanceof ApiError
      ? { reason: error.reason, message: String(error.body?.message ?? error.body) }
      : { reason: "failed", message: String(error) };
  return {
    code: "CLUSTER_APPLY",
    path: nameOf(object),
    value: reason,
    reason: `the server says: ${message}`,
    remedy: "Correct the manifest, or what makes it",
  };
}
