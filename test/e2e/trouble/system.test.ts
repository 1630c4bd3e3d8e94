import type { KubeObject } from "../../cluster";
import { containersOf, isControlled, shuffled, workloadOf } from "./system";

const OWNED: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "api-1",
    namespace: "clones",
    uid: "u1",
    ownerReferences: [
      { kind: "Clone", name: "acme" },
      { kind: "ReplicaSet", name: "api", controller: true },
    ],
  },
  spec: {},
  status: {
    containerStatuses: [
      { name: "api", containerID: "containerd://1", restartCount: 2, ready: true },
      { name: "metrics", restartCount: 0, ready: false },
    ],
  },
};
const BARE: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "warm-1", namespace: "wordpress" },
  spec: {},
};

describe("the platform's containers", () => {
  it("are told with their pod, who makes that anew, and how often they started", () => {
    const of = { namespace: "clones", pod: "api-1", uid: "u1", workload: "clones/ReplicaSet/api" };
    expect(containersOf([OWNED, BARE])).toEqual([
      { ...of, name: "api", id: "containerd://1", restarts: 2, ready: true },
      { ...of, name: "metrics", id: "", restarts: 0, ready: false },
    ]);
  });

  it("are a workload of their own in a pod that nobody makes anew", () => {
    expect([OWNED, BARE].map(isControlled)).toEqual([true, false]);
    expect(workloadOf(BARE)).toBe("wordpress/Pod/warm-1");
  });
});

describe("an order by chance", () => {
  const items = Array.from({ length: 20 }, (_, index) => index);

  it("has each once, the same for the same seed, another for another", () => {
    const order = shuffled(items, 1);
    expect([...order].sort((one, other) => one - other)).toEqual(items);
    expect(shuffled(items, 1)).toEqual(order);
    expect(shuffled(items, 2)).not.toEqual(order);
    expect(order).not.toEqual(items);
  });
});
