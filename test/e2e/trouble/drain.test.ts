import { ApiError, KubeObject } from "../../cluster";
import type { World } from "../world";
import { drain, schedulable } from "./drain";

const WORDS = "Cannot evict pod as it would violate the pod's disruption budget.";

/** Two pods behind a budget, one that has none, and one that nobody makes anew. */
class PlayedNode {
  readonly pods = [pod("api-1", "api"), pod("api-2", "api"), pod("redis-0", "redis"), pod("warm-1")];
  unschedulable: unknown;

  /** @param allowed by the budget's status @param given by the server */
  constructor(
    private readonly allowed: number,
    private given: number,
    private readonly words = WORDS,
  ) {}

  readonly world = {
    seed: 1,
    settings: { loomworks: { namespace: "all" }, clones: { sharedDatabase: { host: "mysql.databases.svc" } } },
    cluster: {
      client: {
        list: (_: string, kind: string, namespace?: string) => Promise.resolve(this.list(kind, namespace)),
        merge: (_: KubeObject, change: any) => {
          this.unschedulable = change.spec.unschedulable;
          return Promise.resolve();
        },
        request: (_: string, path: string) => this.evict(path),
      },
    },
  } as unknown as World;

  private list(kind: string, namespace?: string): KubeObject[] {
    if (kind === "Node") return [{ apiVersion: "v1", kind, metadata: { name: "node-0" } }];
    if (kind === "PodDisruptionBudget") {
      const spec = { selector: { matchLabels: { app: "api" } } };
      const status = { disruptionsAllowed: this.allowed };
      return [{ apiVersion: "policy/v1", kind, metadata: { name: "api", namespace: "all" }, spec, status }];
    }
    return namespace === "all" ? [...this.pods] : [];
  }

  private evict(path: string): Promise<void> {
    const at = this.pods.findIndex(({ metadata }) => path === `/api/v1/namespaces/all/pods/${metadata.name}/eviction`);
    if (this.pods[at]?.metadata.labels?.app === "api") {
      if (this.given === 0) return Promise.reject(new ApiError("POST", path, 429, { message: this.words }));
      this.given -= 1;
    }
    this.pods.splice(at, 1);
    return Promise.resolve();
  }
}

function pod(name: string, owner?: string): KubeObject {
  const ownerReferences = owner === undefined ? [] : [{ kind: "ReplicaSet", name: owner, controller: true }];
  const labels: Record<string, string> = owner === undefined ? {} : { app: owner };
  const metadata = { name, namespace: "all", uid: name, labels, ownerReferences };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { restartPolicy: "Always" } };
}

describe("a drain", () => {
  it("evicts what budgets give, and what has none; the rest stays, with the server's words or without a controller", async () => {
    const node = new PlayedNode(1, 1);
    const { evicted, refused, left } = await drain(node.world);
    expect(evicted.map(({ metadata }) => metadata.name.replace(/-\d/, ""))).toEqual(["api", "redis"]);
    expect(refused).toEqual([{ pod: expect.stringMatching(/^api-/), reason: WORDS }]);
    expect(left.map(({ metadata }) => metadata.name)).toEqual(["warm-1"]);
    expect(node.unschedulable).toBe(true);
    await schedulable(node.world, true);
    expect(node.unschedulable).toBeNull();
  });

  it("minds a budget that gives less than it said, or more", async () => {
    await expect(drain(new PlayedNode(2, 1).world)).rejects.toThrow(/E2E_DRAIN api: got 1; the budget allowed .* 2/);
    await expect(drain(new PlayedNode(1, 2).world)).rejects.toThrow(/E2E_DRAIN api: got 2; the budget allowed .* 1/);
  });

  it("takes a server that is too busy for no budget's refusal", async () => {
    await expect(drain(new PlayedNode(1, 0, "too many requests").world)).rejects.toThrow("429 too many requests");
  });
});
