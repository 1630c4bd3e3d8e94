import { POOL, STATUS_LABEL } from "../../../clones/warm-pool/labels";
import { CLONE_LABELS } from "../../../constructs/contract";
import type { KubeObject } from "../../cluster";
import { componentOf, takenOf, usagesOf } from "./usage";

const pod = (namespace: string, name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace, name, labels },
});
const metrics = (of: KubeObject, ...usages: readonly [cpu: string, memory: string][]): KubeObject => ({
  apiVersion: "metrics.k8s.io/v1beta1",
  kind: "PodMetrics",
  metadata: of.metadata,
  containers: usages.map(([cpu, memory]) => ({ name: "one", usage: { cpu, memory } })),
});
const api = (name: string) => pod("clones", name, { "app.kubernetes.io/name": "clone-service" });

describe("What components take", () => {
  it("is the sum of their pods' containers, of those that are there", () => {
    const [one, other, gone] = [api("one"), api("other"), api("gone")];
    const seen = usagesOf(
      [
        metrics(one, ["10000000n", "1024Ki"], ["5000u", "1Mi"]),
        metrics(other, ["1m", "2Mi"]),
        metrics(gone, ["1", "1Gi"]),
      ],
      [one, other],
    );
    expect([...seen]).toEqual([["clones/clone-service", { cores: 0.016, bytes: 4 * 2 ** 20, pods: 2 }]]);
  });

  it("tells clones from pods that wait for one", () => {
    const warm = { [POOL.key]: POOL.value, "app.kubernetes.io/name": "wordpress-clone" };
    const named = (labels: Record<string, string>) => componentOf(pod("wordpress-staging", "x", labels));
    expect(named({ ...warm, [STATUS_LABEL]: "ready" })).toBe("wordpress-staging/free warm pods");
    expect(named({ ...warm, [STATUS_LABEL]: "serving", [CLONE_LABELS.clone]: "x" })).toBe("wordpress-staging/clones");
    expect(named({ [CLONE_LABELS.clone]: "x" })).toBe("wordpress-staging/clones");
    expect(componentOf(pod("shop", "shop", { app: "shop" }))).toBe("shop/shop");
    expect(componentOf(pod("somewhere", "alone"))).toBe("somewhere/alone");
  });

  it("is summed up over all looks: what isn't there takes nothing", () => {
    const look = (cores: number, bytes: number) => new Map([["a", { cores, bytes, pods: 1 }]]);
    const [taken, ...others] = takenOf([look(0.3, 5), new Map(), look(0.6, 3)]);
    expect(others).toEqual([]);
    expect(taken).toMatchObject({ component: "a", pods: 1, mostCores: 0.6, mostBytes: 5 });
    expect(taken!.meanCores).toBeCloseTo(0.3, 9);
    expect(takenOf([])).toEqual([]);
  });
});
