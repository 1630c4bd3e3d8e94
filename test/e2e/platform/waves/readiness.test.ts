import type { KubeObject } from "../../../cluster";
import { readinessOf } from "./readiness";

const object = (apiVersion: string, kind: string, spec: object, status: object, annotations = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: "odoo", namespace: "loomworks", generation: 2, annotations },
  spec,
  status,
});

/** A cluster with these objects, of whatever kind is asked for. */
const holding = (...objects: KubeObject[]) => ({
  get: () => Promise.reject(new Error("nobody asks")),
  list: () => Promise.resolve(objects),
});

const judge = async (live: KubeObject, ...others: KubeObject[]) => (await readinessOf(live, holding(...others))).is;

const DEPLOYMENT = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, observedGeneration: 2 };
const deployment = (status: object) => object("apps/v1", "Deployment", { replicas: 2 }, { ...DEPLOYMENT, ...status });

describe("Readiness, as Pulumi has it", () => {
  it.each([
    ["all of its pods are new and available", {}, "ready"],
    ["its controller has not seen the change", { observedGeneration: 1 }, "waiting"],
    ["one is not available", { availableReplicas: 1 }, "waiting"],
    ["an old one is still there", { replicas: 3 }, "waiting"],
    [
      "it makes no progress",
      { conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }] },
      "failed",
    ],
  ])("of a Deployment: %s", async (_, status, expected) => {
    expect(await judge(deployment(status))).toBe(expected);
  });

  it("of a StatefulSet: every pod is ready, by the newest template", async () => {
    const status = { observedGeneration: 2, readyReplicas: 1, currentRevision: "b", updateRevision: "b" };
    const set = (change: object) => object("apps/v1", "StatefulSet", { replicas: 1 }, { ...status, ...change });
    expect(await judge(set({}))).toBe("ready");
    expect(await judge(set({ currentRevision: "a" }))).toBe("waiting");
    expect(await judge(set({ readyReplicas: 0 }))).toBe("waiting");
  });

  it("of a Job: it is complete; one that gave up never will be", async () => {
    const job = (type: string) => object("batch/v1", "Job", {}, { conditions: [{ type, status: "True" }] });
    expect(await judge(job("Complete"))).toBe("ready");
    expect(await judge(job("Failed"))).toBe("failed");
    expect(await judge(job("Suspended"))).toBe("waiting");
  });

  it("of a claim: it is bound, or its class waits for a pod", async () => {
    const claim = (phase: string) => object("v1", "PersistentVolumeClaim", { storageClassName: "gp3" }, { phase });
    const named = (volumeBindingMode: string): KubeObject => ({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "gp3" },
      volumeBindingMode,
    });
    expect(await judge(claim("Bound"))).toBe("ready");
    expect(await judge(claim("Pending"), named("Immediate"))).toBe("waiting");
    expect(await judge(claim("Pending"), named("WaitForFirstConsumer"))).toBe("ready");
  });

  it("of a Service: a ready pod is behind it, where it selects any", async () => {
    const service = object("v1", "Service", { selector: { app: "odoo" } }, {});
    const slice = (ready: boolean): KubeObject => ({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "odoo-x" },
      endpoints: [{ conditions: { ready } }],
    });
    expect(await judge(service)).toBe("waiting");
    expect(await judge(service, slice(false))).toBe("waiting");
    expect(await judge(service, slice(true))).toBe("ready");
    expect(await judge(object("v1", "Service", { type: "ExternalName" }, {}))).toBe("ready");
  });

  it("is not waited for where the program says so, nor of other kinds", async () => {
    const skipped = object("apps/v1", "Deployment", { replicas: 1 }, {}, { "pulumi.com/skipAwait": "true" });
    expect(await judge(skipped)).toBe("ready");
    expect(await judge(object("v1", "ConfigMap", {}, {}))).toBe("ready");
  });
});
