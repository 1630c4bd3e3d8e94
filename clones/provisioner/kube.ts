/**
 * The few requests that clones need, on the official client, with what it lacks: keys that last over requests, one word
 * for "it isn't there", and answers as the server wrote them.
 */
import {
  ApiException,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  V1DeleteOptions,
} from "@kubernetes/client-node";

/** Where objects of one kind live. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** An object as the server wrote it. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
}

export interface ListQuery {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  /** From the answer before. */
  readonly continue?: string;
}

export interface KubeList<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
}

/** What a deleted object must still be. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** What of the API is in use; a test may play it. */
export class Kube {
  private readonly custom: CustomObjectsApi;
  private readonly core: CoreV1Api;

  constructor(readonly config: KubeConfig) {
    this.custom = config.makeApiClient(CustomObjectsApi);
    this.core = config.makeApiClient(CoreV1Api);
  }

  /** The object, or nothing if there is none. */
  async find<T>(resource: Resource, namespace: string, name: string): Promise<T | undefined> {
    return await ifThere(this.custom.getNamespacedCustomObject({ ...resource, namespace, name }) as Promise<T>);
  }

  async list<T>(resource: Resource, namespace: string, query: ListQuery = {}): Promise<KubeList<T>> {
    const { continue: _continue, ...rest } = query;
    const request = { ...resource, namespace, ...rest };
    try {
      return (await this.custom.listNamespacedCustomObject({ ...request, _continue })) as KubeList<T>;
    } catch (error) {
      // A page came too late for its snapshot; the server hands out where to go on in the present.
      const token = statusOf(error) === 410 ? continueOf(error) : undefined;
      if (token === undefined) throw error;
      return (await this.custom.listNamespacedCustomObject({ ...request, _continue: token })) as KubeList<T>;
    }
  }

  async create<T>(resource: Resource, namespace: string, body: object): Promise<T> {
    const request = { ...resource, namespace, body, fieldValidation: "Strict" };
    return (await this.custom.createNamespacedCustomObject(request)) as T;
  }

  /** JSON merge patch; with `metadata.resourceVersion` in it, only if nobody was faster. */
  async merge<T>(resource: Resource, namespace: string, name: string, body: object): Promise<T> {
    const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    return (await this.custom.patchNamespacedCustomObject({ ...resource, namespace, name, body }, options)) as T;
  }

  /** @returns whether there was one */
  async delete(resource: Resource, namespace: string, name: string, preconditions?: Preconditions): Promise<boolean> {
    const body = Object.assign(new V1DeleteOptions(), { propagationPolicy: "Background", preconditions });
    const request = { ...resource, namespace, name, body };
    return (await ifThere<unknown>(this.custom.deleteNamespacedCustomObject(request))) !== undefined;
  }

  /** A Secret's values, decoded; nothing if there is none. Never to be logged. */
  async secret(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined> {
    const secret = await ifThere(this.core.readNamespacedSecret({ namespace, name }));
    if (secret === undefined) return undefined;
    const decode = (value: string) => Buffer.from(value, "base64").toString("utf8");
    return Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, decode(value)]));
  }

  /** Objects of the core group, dates and all: pods, services, secrets' names. */
  get corev1(): CoreV1Api {
    return this.core;
  }
}

/** The server's HTTP status, or nothing if it was no answer of the server at all. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof ApiException) return error.code;
  return (error as { statusCode?: number } | undefined)?.statusCode;
}

/** The server's own sentence; never its headers, nor what we had sent. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ApiException)) return error instanceof Error ? error.message : String(error);
  const body = bodyOf(error);
  return typeof body?.message === "string" ? body.message : `HTTP ${error.code}`;
}

/** What the answer is, or nothing where the server says that there is no such object. */
export async function ifThere<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function continueOf(error: unknown): string | undefined {
  return (bodyOf(error)?.metadata as { continue?: string } | undefined)?.continue;
}

/** The client gives the body as text or as an object, as it likes. */
function bodyOf(error: unknown): Record<string, unknown> | undefined {
  const { body } = error as { body?: unknown };
  if (typeof body !== "string") return body as Record<string, unknown> | undefined;
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
