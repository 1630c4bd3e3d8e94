import type { KubeObject } from "./client";
import {
  describeWithCluster,
  eventually,
  events,
  evict,
  listPods,
  POD_ANNOTATIONS,
  readyPods,
  VERSIONS,
} from "./index";

/** A Deployment whose pods carry `annotations`. */
function deployment(name: string, replicas: number, annotations: Record<string, string> = {}): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: "default", name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers: [{ name: "main", image: "example/web:1" }] } },
    },
  };
}

describeWithCluster("a test cluster's workloads", { own: true, nodes: 3 }, (cluster) => {
  const pods = (name: string) => listPods(cluster().client, "default", `app=${name}`);
  const ready = async (name: string) => (await readyPods(cluster().client, "default", `app=${name}`)).length;

  it("run on Kubernetes of the pinned version", async () => {
    const { gitVersion } = await cluster().client.request("GET", "/version");
    expect(gitVersion).toBe(`v${VERSIONS.kubernetes}`);
  });

  it("have a ready node in each of three zones", async () => {
    const nodes = await cluster().client.list("v1", "Node");
    expect(nodes.map(({ metadata }) => metadata.labels?.["topology.kubernetes.io/zone"]).sort()).toEqual([
      "test-1a",
      "test-1b",
      "test-1c",
    ]);
  });

  it("get ready, and end when they are deleted", async () => {
    await cluster().apply([deployment("web", 3)]);
    await eventually(async () => (await ready("web")) === 3, { what: "3 ready pods" });
    await cluster().client.delete(deployment("web", 3));
    await eventually(async () => (await pods("web")).length === 0, { what: "no pod left" });
  });

  it("stay unready when they are marked, by annotation or image, until the mark is gone", async () => {
    const sick = deployment("sick", 2, { [POD_ANNOTATIONS.neverReady]: "true" });
    const byImage = deployment("by-image", 1);
    byImage.spec.template.spec.containers[0].image = "example/web:never-ready";
    await cluster().apply([sick, byImage]);
    const run = async (name: string) => (await pods(name)).filter(({ status }) => status.phase === "Running").length;
    await eventually(async () => (await run("sick")) === 2 && (await run("by-image")) === 1, {
      what: "3 running pods",
    });
    expect([await ready("sick"), await ready("by-image")]).toEqual([0, 0]);

    const [first] = await pods("sick");
    const annotate = async (value: string | null) => {
      await cluster().client.merge(first!, { metadata: { annotations: { [POD_ANNOTATIONS.neverReady]: value } } });
    };
    await annotate(null);
    await eventually(async () => (await ready("sick")) === 1, { what: "a pod that recovered" });
    await annotate("true");
    await eventually(async () => (await ready("sick")) === 0, { what: "a pod that sickened" });
  });

  it("take their time to get ready and to end, when they are told to", async () => {
    const slow = { [POD_ANNOTATIONS.readyAfter]: "3s", [POD_ANNOTATIONS.terminatesAfter]: "3s" };
    await cluster().apply([deployment("slow", 1, slow)]);
    await eventually(async () => (await pods("slow")).length === 1, { what: "a pod" });
    const created = Date.now();
    await eventually(async () => (await ready("slow")) === 1, { what: "a ready pod" });
    expect(Date.now() - created).toBeGreaterThan(2_000);

    const deleted = Date.now();
    await cluster().client.delete(deployment("slow", 1));
    await eventually(async () => (await pods("slow")).length === 0, { what: "no pod left" });
    expect(Date.now() - deleted).toBeGreaterThan(2_000);
  });

  it("complete or fail only when they are told to", async () => {
    const job = (name: string, annotations: Record<string, string>): KubeObject => ({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { namespace: "default", name },
      spec: {
        backoffLimit: 0,
        template: {
          metadata: { annotations },
          spec: { restartPolicy: "Never", containers: [{ name: "main", image: "example/job:1" }] },
        },
      },
    });
    const jobs = [
      job("completes", { [POD_ANNOTATIONS.completesAfter]: "1s" }),
      job("fails", { [POD_ANNOTATIONS.failsAfter]: "1s" }),
      job("runs", {}),
    ];
    await cluster().apply(jobs);
    const status = async (one: KubeObject) => (await cluster().client.get(one)).status;
    await eventually(async () => (await status(jobs[0]!)).succeeded === 1, { what: "a completed Job" });
    await eventually(async () => (await status(jobs[1]!)).failed === 1, { what: "a failed Job" });
    expect(await status(jobs[2]!)).toMatchObject({ active: 1, ready: 1 });
  });

  it("are protected from eviction by a budget", async () => {
    const budget = {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { namespace: "default", name: "guarded" },
      spec: { minAvailable: 2, selector: { matchLabels: { app: "guarded" } } },
    };
    await cluster().apply([budget, deployment("guarded", 3)]);
    const allowed = async (count: number) =>
      await eventually(async () => (await cluster().client.get(budget)).status?.disruptionsAllowed === count, {
        what: `a budget of ${count}`,
      });
    await allowed(1);
    await cluster().apply([deployment("guarded", 2)]);
    await allowed(0);
    const [guarded] = await readyPods(cluster().client, "default", "app=guarded");
    expect(await evict(cluster().client, "default", guarded!.metadata.name)).toBe(false);
    await cluster().client.delete(budget);
    expect(await evict(cluster().client, "default", guarded!.metadata.name)).toBe(true);
  });

  it("say why a pod finds no node", async () => {
    const huge = deployment("huge", 1);
    huge.spec.template.spec.containers[0].resources = { requests: { cpu: "1000" } };
    await cluster().apply([huge]);
    await eventually(
      async () =>
        (await events(cluster().client, "default")).some((line) => /FailedScheduling.*Insufficient cpu/.test(line)),
      { what: "an event of the scheduler" },
    );
  });
});
