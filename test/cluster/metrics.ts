import { readFileSync } from "node:fs";
import { createServer, Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { serveAggregatedApi } from "./aggregated-api";
import type { ClusterClient, KubeObject } from "./client";
import type { Cluster } from "./cluster";

/** What a container is said to use. */
export interface Usage {
  /** A quantity, such as `350m`. */
  readonly cpu: string;
  /** A quantity, such as `512Mi`. */
  readonly memory: string;
}

interface Rule {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly usage: Usage;
}

const GROUP = "metrics.k8s.io";
const GROUP_VERSION = `${GROUP}/v1beta1`;
const SERVICE = "test-metrics";

/** Short, so that the autoscaler believes a sample of a pod that became ready a moment ago. */
const WINDOW = "1s";

const RESOURCES = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: GROUP_VERSION,
  resources: [
    { name: "nodes", singularName: "", namespaced: false, kind: "NodeMetrics", verbs: ["get", "list"] },
    { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] },
  ],
};

/**
 * A metrics server that says what a test wants: the real API server aggregates it, and the real autoscaler believes it.
 * Needs a cluster on this machine.
 */
export class MetricsSource {
  private readonly rules: Rule[] = [];
  private readonly nodes = new Map<string, Usage>();

  private constructor(
    private readonly client: ClusterClient,
    private readonly server: Server,
  ) {}

  /** Registers the API and returns when the API server finds it available. Call {@link stop} before the cluster's. */
  static async serve({ client, folder }: Cluster): Promise<MetricsSource> {
    if (folder === undefined) throw new Error("Metrics of a test need a cluster that this test started");
    const key = readFileSync(join(folder, "pki/serving.key"));
    const cert = readFileSync(join(folder, "pki/serving.crt"));
    const source: MetricsSource = new MetricsSource(
      client,
      createServer({ key, cert }, (request, response) => {
        void source.answer(request.url ?? "/").then(({ status, body }) => {
          response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
        });
      }),
    );
    await new Promise<void>((resolve) => source.server.listen(0, "127.0.0.1", resolve));
    source.server.unref();
    await serveAggregatedApi(client, { groupVersion: GROUP_VERSION, service: SERVICE, port: source.port });
    return source;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Says that each container of each running pod with these labels uses this much, from now on. */
  setPods(namespace: string, labels: Readonly<Record<string, string>>, usage: Usage): void {
    this.rules.unshift({ namespace, labels, usage });
  }

  setNode(name: string, usage: Usage): void {
    this.nodes.set(name, usage);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(target: string): Promise<{ status: number; body: unknown }> {
    try {
      const url = new URL(target, "https://localhost");
      const path = url.pathname.replace(`/apis/${GROUP_VERSION}`, "");
      if (path === "") return { status: 200, body: RESOURCES };
      const [, namespace, pod] = /^(?:\/namespaces\/([^/]+))?\/pods(?:\/([^/]+))?$/.exec(path) ?? [];
      if (path.includes("/pods")) {
        return listOrOne("PodMetrics", await this.podMetrics(namespace, url.searchParams.get("labelSelector")), pod);
      }
      return listOrOne("NodeMetrics", this.nodeMetrics(), /^\/nodes\/(.+)$/.exec(path)?.[1]);
    } catch (error) {
      return { status: 500, body: { kind: "Status", apiVersion: "v1", status: "Failure", message: String(error) } };
    }
  }

  private async podMetrics(namespace: string | undefined, selector: string | null): Promise<object[]> {
    const pods = await this.client.list("v1", "Pod", namespace, selector ?? undefined);
    return pods.flatMap((pod) => {
      const usage = this.rules.find((rule) => matches(rule, pod))?.usage;
      if (usage === undefined || pod.status.phase !== "Running") return [];
      const containers = pod.spec.containers.map(({ name }: { name: string }) => ({ name, usage }));
      return [{ ...sample("PodMetrics", pod.metadata), containers }];
    });
  }

  private nodeMetrics(): object[] {
    return [...this.nodes].map(([name, usage]) => ({ ...sample("NodeMetrics", { name }), usage }));
  }
}

function matches({ namespace, labels }: Rule, { metadata }: KubeObject): boolean {
  return (
    metadata.namespace === namespace &&
    Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value)
  );
}

function sample(kind: string, { name, namespace, labels }: Partial<KubeObject["metadata"]>): object {
  const timestamp = new Date().toISOString();
  return { kind, apiVersion: GROUP_VERSION, metadata: { name, namespace, labels }, timestamp, window: WINDOW };
}

function listOrOne(kind: string, items: object[], name: string | undefined): { status: number; body: unknown } {
  if (name === undefined)
    return { status: 200, body: { kind: `${kind}List`, apiVersion: GROUP_VERSION, metadata: {}, items } };
  const item = items.find((one: any) => one.metadata.name === name);
  if (item) return { status: 200, body: item };
  const message = `${kind} ${name} not found`;
  return {
    status: 404,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404, message },
  };
}
