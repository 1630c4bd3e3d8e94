import * as https from "node:https";
import * as http from "node:http";
import type { KubeConfig } from "@kubernetes/client-node";
import { resourcePath, ResourceIndex } from "./resources";

/** An object of the API, as untyped as the server sees it. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: any;
  };
  [field: string]: any;
}

/** Enough of an object to find it. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** @default "application/json" */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API server said no. */
export class ApiError extends Error {
  constructor(
    readonly method: string,
    readonly path: string,
    readonly status: number,
    /** The server's Status object, or whatever else it sent. */
    readonly body: any,
  ) {
    super(`${method} ${path}: ${status} ${typeof body === "string" ? body : (body?.message ?? JSON.stringify(body))}`);
    this.name = "ApiError";
  }

  /** Such as `NotFound`, `Invalid`, `Conflict`, `Forbidden`. */
  get reason(): string {
    return this.body?.reason ?? "";
  }
}

const REQUEST_TIMEOUT_MILLISECONDS = 60_000;

/**
 * Speaks to an API server about any kind, by apiVersion and kind. Use `config.makeApiClient(CoreV1Api)` of
 * \@kubernetes/client-node where types help; this is for what it lacks: strict apply, any kind, the server's own words.
 */
export class ClusterClient {
  /** What {@link create} and strict applies made that wasn't there before, oldest first. */
  readonly created: ObjectReference[] = [];
  private readonly agent: http.Agent;
  private readonly index = new ResourceIndex((path) => this.request("GET", path));

  /** @param impersonate a user whose rights are tried: `system:serviceaccount:<namespace>:<name>` or any name */
  constructor(
    readonly config: KubeConfig,
    private readonly impersonate?: string,
  ) {
    this.agent = this.isPlain ? new http.Agent({ keepAlive: true }) : new https.Agent({ keepAlive: true });
  }

  /** The same cluster as another user. Close it too. */
  as(user: string): ClusterClient {
    return new ClusterClient(this.config, user);
  }

  /** @throws {ApiError} if the answer isn't of the 200s */
  async request<T = any>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const { status, body } = await this.exchange(method, path, options);
    if (status < 200 || status > 299) throw new ApiError(method, path, status, body);
    return body as T;
  }

  async get(reference: ObjectReference): Promise<KubeObject> {
    return await this.request("GET", await this.pathOf(reference));
  }

  /** The object, or nothing if there is none. */
  async find(reference: ObjectReference): Promise<KubeObject | undefined> {
    try {
      return await this.get(reference);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** @param labelSelector such as `app=odoo,tier!=cache` */
  async list(apiVersion: string, kind: string, namespace?: string, labelSelector?: string): Promise<KubeObject[]> {
    const resource = await this.index.resourceOf(apiVersion, kind);
    const path = resourcePath(apiVersion, resource, namespace);
    const { items } = await this.request("GET", path, { query: { labelSelector } });
    return items.map((item: KubeObject) => ({ ...item, apiVersion, kind }));
  }

  async create(object: KubeObject): Promise<KubeObject> {
    const resource = await this.index.resourceOf(object.apiVersion, object.kind);
    const path = resourcePath(object.apiVersion, resource, this.namespaceOf(object));
    const created = await this.request<KubeObject>("POST", path, {
      body: object,
      query: { fieldValidation: "Strict" },
    });
    this.created.push(created);
    return created;
  }

  /** Changes what `change` names and leaves the rest: JSON merge patch. */
  async merge(reference: ObjectReference, change: object, subresource?: string): Promise<KubeObject> {
    const path = await this.pathOf(reference, subresource);
    return await this.request("PATCH", path, { body: change, contentType: "application/merge-patch+json" });
  }

  /** Asks for an object's end; one that isn't there is fine. */
  async delete(reference: ObjectReference, propagationPolicy = "Background"): Promise<void> {
    try {
      await this.request("DELETE", await this.pathOf(reference), { query: { propagationPolicy } });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** Where the server keeps this object. */
  async pathOf(reference: ObjectReference, subresource?: string): Promise<string> {
    const resource = await this.index.resourceOf(reference.apiVersion, reference.kind);
    const path = resourcePath(reference.apiVersion, resource, this.namespaceOf(reference));
    const item = `${path}/${encodeURIComponent(reference.metadata.name)}`;
    return subresource === undefined ? item : `${item}/${subresource}`;
  }

  /** Lets go of the connections. */
  close(): void {
    this.agent.destroy();
  }

  private async exchange(
    method: string,
    path: string,
    options: RequestOptions,
  ): Promise<{ status: number; body: any }> {
    const authentication: https.RequestOptions = { headers: {} };
    await this.config.applyToHTTPSOptions(authentication);
    const url = new URL(`${this.config.getCurrentCluster()?.server ?? ""}${path}`);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      ...(authentication.headers as Record<string, string>),
      ...(body === undefined ? {} : { "Content-Type": options.contentType ?? "application/json" }),
      ...(this.impersonate === undefined ? {} : { "Impersonate-User": this.impersonate }),
      ...options.headers,
    };
    const { request } = this.isPlain ? http : https;
    const settings = { ...authentication, agent: this.agent, method, headers, timeout: REQUEST_TIMEOUT_MILLISECONDS };
    return await new Promise((resolve, reject) => {
      const sent = request(url, settings, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString("utf8")) }),
        );
      });
      sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in time`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }

  private get isPlain(): boolean {
    return this.config.getCurrentCluster()?.server.startsWith("http:") ?? false;
  }

  private namespaceOf({ metadata }: ObjectReference): string {
    return metadata.namespace ?? "default";
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
