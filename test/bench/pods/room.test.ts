import type { KubeObject } from "../../cluster";
import { allocatableRoom, askedFor, fitting, takenRoom } from "./room";

const container = (cpu?: string, memory?: string) => ({
  resources: { requests: { ...(cpu && { cpu }), ...(memory && { memory }) } },
});
const pod = (spec: object, phase = "Running"): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "one" },
  spec: { nodeName: "node-0", ...spec },
  status: { phase },
});

describe("The room of a node", () => {
  it("is what it says that pods can have", () => {
    const status = { allocatable: { cpu: "2", memory: "1048576Ki", pods: "110" } };
    expect(allocatableRoom({ ...pod({}), status })).toEqual({ cpu: 2000, memory: 1024, pods: 110 });
  });

  it("is taken by what containers ask for together, or by one before them that asks for more", () => {
    const containers = [container("50m", "64Mi"), container("20m"), {}];
    expect(askedFor(pod({ containers }))).toEqual({ cpu: 70, memory: 64 });
    expect(askedFor(pod({ containers, initContainers: [container("1", "16Mi")] }))).toEqual({ cpu: 1000, memory: 64 });
    const beside = { ...container("5m", "1Gi"), restartPolicy: "Always" };
    expect(askedFor(pod({ containers, initContainers: [beside] }))).toEqual({ cpu: 75, memory: 1088 });
  });

  it("isn't taken by pods that are over, or elsewhere", () => {
    const containers = [container("50m", "64Mi")];
    const pods = [
      pod({ containers }),
      pod({ containers }, "Pending"),
      pod({ containers }, "Succeeded"),
      pod({ containers }, "Failed"),
      pod({ containers, nodeName: "node-1" }),
      pod({ containers, nodeName: undefined }),
    ];
    expect(takenRoom(pods, "node-0")).toEqual({ cpu: 100, memory: 128, pods: 2 });
  });

  it("holds as many clones as whatever runs out first lets it", () => {
    const all = { cpu: 2000, memory: 4096, pods: 10 };
    const none = { cpu: 0, memory: 0, pods: 0 };
    expect(fitting(all, none, { cpu: 500, memory: 512 })).toEqual({ count: 4, by: "cpu" });
    expect(fitting(all, none, { cpu: 50, memory: 2048 })).toEqual({ count: 2, by: "memory" });
    expect(fitting(all, { ...none, pods: 9 }, { cpu: 50, memory: 64 })).toEqual({ count: 1, by: "pods" });
    expect(fitting(all, { cpu: 2100, memory: 0, pods: 0 }, { cpu: 50, memory: 64 }).count).toBe(0);
  });
});
