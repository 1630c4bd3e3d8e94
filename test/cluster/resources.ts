/** What the API calls a kind in its paths. */
export interface ApiResource {
  /** Plural, lower case: `deployments`. */
  readonly name: string;
  readonly namespaced: boolean;
}

/**
 * Discovery: from apiVersion and kind to the resource. A kind that isn't there may come a moment later with its CRD, so
 * only what was found is remembered.
 */
export class ResourceIndex {
  private readonly found = new Map<string, ApiResource>();

  constructor(private readonly get: (path: string) => Promise<any>) {}

  /** @throws {Error} if the server doesn't know the kind */
  async resourceOf(apiVersion: string, kind: string): Promise<ApiResource> {
    const key = `${apiVersion}/${kind}`;
    const known = this.found.get(key);
    if (known) return known;
    const { resources } = await this.get(groupPath(apiVersion));
    for (const resource of resources) {
      // Subresources are listed too, as `deployments/scale`, some with the kind of their owner.
      if (!resource.name.includes("/")) this.found.set(`${apiVersion}/${resource.kind}`, resource);
    }
    const resource = this.found.get(key);
    if (resource) return resource;
    throw new Error(`The server has ${apiVersion}, but no kind ${kind} in it`);
  }
}

/** Path of a resource's collection; a cluster-wide one ignores the namespace. */
export function resourcePath(apiVersion: string, { name, namespaced }: ApiResource, namespace?: string): string {
  const within = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${groupPath(apiVersion)}${within}/${name}`;
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
