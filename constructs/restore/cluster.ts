import {
  ApiException,
  CoreV1Event,
  KubeConfig,
  KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  V1Job,
  V1Pod,
} from "@kubernetes/client-node";

/** Who applies: fields that another manager changed meanwhile are taken back. */
const FIELD_MANAGER = "loomworks-restore";

/** Enough of an object to find it. */
export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What a restore asks of the API server, on the official client. */
export class RestoreCluster {
  private readonly api: KubernetesObjectApi;

  constructor(config: KubeConfig) {
    this.api = KubernetesObjectApi.makeApiClient(config);
  }

  /** The object, or nothing if there is none. */
  async find<T extends KubernetesObject>(reference: Reference): Promise<T | undefined> {
    try {
      return await this.api.read<T>(reference);
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw error;
    }
  }

  async job(namespace: string, name: string): Promise<V1Job | undefined> {
    return await this.find<V1Job>({ apiVersion: "batch/v1", kind: "Job", metadata: { namespace, name } });
  }

  /** @param labelSelector such as `app.kubernetes.io/name in (odoo,odoo-cron)` */
  async pods(namespace: string, labelSelector: string): Promise<V1Pod[]> {
    const args = [undefined, undefined, undefined, undefined, labelSelector] as const;
    return (await this.api.list<V1Pod>("v1", "Pod", namespace, ...args)).items;
  }

  /** Warnings about an object, and what was made for it. */
  async warnings(namespace: string, name: string): Promise<string[]> {
    const args = [undefined, undefined, undefined, "type=Warning"] as const;
    const { items } = await this.api.list<CoreV1Event>("v1", "Event", namespace, ...args);
    return items.filter((one) => one.involvedObject.name?.startsWith(name)).flatMap(({ message }) => message ?? []);
  }

  /** Makes them, or makes them what they are to be; in their order. */
  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      await this.api.patch(object, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
    }
  }

  /** Number of pods of a Deployment or StatefulSet. */
  async scale(reference: Reference, replicas: number): Promise<void> {
    const change = { ...reference, spec: { replicas } } as KubernetesObject;
    await this.api.patch(change, undefined, undefined, FIELD_MANAGER, undefined, PatchStrategy.MergePatch);
  }
}
