import { eventually, KubeObject } from "../../../cluster";
import { childrenOf, ingressOf, jobOf, kindsOf, serviceOf } from "../../../support/clone-children";
import { clone, cloneOnce, conditionOf, describeWithClones, readyClone, STAGING } from "../../../support/clone-cluster";

/** A pod as the warm pool keeps it, with what its claim writes onto it. */
function warmPod(name: string, labels: Record<string, string>): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: STAGING, name, labels: { "pool-type": "warm", ...labels } },
    spec: { containers: [{ name: "wordpress", image: "registry.example.com/loomworks/wordpress-clone:0.1.0" }] },
  };
}

const GROUP = "alb.ingress.kubernetes.io/group.name";

describeWithClones("how a clone is reached", {}, (cluster) => {
  const answerAsAlb = (asked: KubeObject, hostname: string) =>
    cluster().client.merge(ingressOf(asked), { status: { loadBalancer: { ingress: [{ hostname }] } } }, "status");

  /** Endpoints behind its Service. */
  const addresses = async (asked: KubeObject) => {
    const label = `kubernetes.io/service-name=${asked.metadata.name}`;
    const slices = await cluster().client.list("discovery.k8s.io/v1", "EndpointSlice", STAGING, label);
    return slices.flatMap(({ endpoints }) => endpoints ?? []).map(({ targetRef }: any) => targetRef.name);
  };

  it("[CLONE-09] [KRO-10] has a host of its customer's through Traefik", async () => {
    const asked = clone("clone-20260207-080000", { customerId: "acme" });
    await readyClone(cluster().client, asked);
    const { spec, metadata } = await cluster().client.get(ingressOf(asked));
    expect(spec.ingressClassName).toBe("traefik");
    expect(spec.rules).toHaveLength(1);
    expect(spec.rules[0].host).toBe("acme.clones.betaweb.ai");
    expect(spec.rules[0].http.paths[0]).toMatchObject({
      path: "/",
      pathType: "Prefix",
      backend: { service: { name: asked.metadata.name, port: { name: "http" } } },
    });
    expect(Object.keys(metadata.annotations ?? {}).filter((name) => name.startsWith("alb."))).toEqual([]);
    await eventually(async () => (await addresses(asked)).length === 1, { what: "the pod behind the Service" });
  });

  it.each([
    [0, "wordpress-clones"],
    [1, "wordpress-clones-1"],
    [7, "wordpress-clones-7"],
  ])("[KRO-10] has a path on the shared ALB %i, the group %s", async (albGroup, group) => {
    const asked = clone(`clone-20260207-08010${albGroup}`, { routing: "path", albGroup });
    await cluster().client.create(asked);
    const waiting = await cloneOnce(cluster().client, asked, "route pending", (found) => {
      return conditionOf(found, "Ready")?.reason === "RoutePending";
    });
    expect(waiting.status.cloneUrl).toBeUndefined();
    expect(waiting.status.ready).toBe(false);

    const { metadata, spec } = await cluster().client.get(ingressOf(asked));
    expect(metadata.annotations).toMatchObject({ [GROUP]: group, "alb.ingress.kubernetes.io/target-type": "ip" });
    expect(spec.ingressClassName).toBe("alb");
    expect(spec.rules[0].host).toBeUndefined();
    expect(spec.rules[0].http.paths).toMatchObject([{ path: `/${asked.metadata.name}/`, pathType: "Prefix" }]);

    await answerAsAlb(asked, "clones-123.eu-central-1.elb.amazonaws.com");
    const found = await cloneOnce(cluster().client, asked, "ready", ({ status }) => status.ready === true);
    expect(found.status.cloneUrl).toBe(`http://clones-123.eu-central-1.elb.amazonaws.com/${asked.metadata.name}/`);
  });

  it("[WARM-07] sends to the warm pod that was claimed for it, and makes no Job", async () => {
    const asked = clone("clone-20260207-090000", { customerId: "warm", database: "sidecar", warmPod: "warm-1" });
    await cluster().client.create(warmPod("warm-1", {}));
    await cluster().client.create(asked);
    const waiting = await cloneOnce(cluster().client, asked, "pod pending", (found) => {
      return conditionOf(found, "Ready")?.reason === "PodPending";
    });
    expect(waiting.status.ready).toBe(false);
    await eventually(async () => (await kindsOf(cluster().client, asked)).join() === "ConfigMap,Secret", {
      what: "credentials and host, and nothing else",
    });

    const pod = { apiVersion: "v1", kind: "Pod", metadata: { namespace: STAGING, name: "warm-1" } };
    await cluster().client.merge(pod, { metadata: { labels: { "clones.betaweb.ai/clone": asked.metadata.name } } });
    const found = await cloneOnce(cluster().client, asked, "ready", ({ status }) => status.ready === true);
    expect(found.status.cloneUrl).toBe("https://warm.clones.betaweb.ai");
    expect(conditionOf(found, "Database")).toMatchObject({ status: "True", reason: "Sidecar" });
    expect(await cluster().client.find(jobOf(asked))).toBeUndefined();
    await eventually(async () => (await addresses(asked)).join() === "warm-1", {
      what: "the warm pod behind the Service",
    });
  });

  it("[WARM-07] leaves the warm pod alone when the clone ends: the pool takes it back", async () => {
    const asked = clone("clone-20260207-090001", { customerId: "back", database: "sidecar", warmPod: "warm-2" });
    await cluster().client.create(warmPod("warm-2", { "clones.betaweb.ai/clone": asked.metadata.name }));
    await readyClone(cluster().client, asked);
    await cluster().client.delete(asked);
    await eventually(async () => (await cluster().client.find(asked)) === undefined, { what: "the end of the clone" });
    const left = await childrenOf(cluster().client, asked);
    expect(left.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(["Pod/warm-2"]);
  });

  it("[WARM-07] says that the warm pod is gone, and that it ended", async () => {
    const asked = clone("clone-20260207-090002", { customerId: "ends", database: "sidecar", warmPod: "warm-3" });
    const pod = warmPod("warm-3", { "clones.betaweb.ai/clone": asked.metadata.name });
    await cluster().client.create(pod);
    await readyClone(cluster().client, asked);
    await cluster().client.merge(pod, { metadata: { annotations: { "test.loomworks/fails-after": "0s" } } });
    const found = await cloneOnce(cluster().client, asked, "failed", (one) => {
      return conditionOf(one, "Failed")?.status === "True";
    });
    expect(conditionOf(found, "Failed")).toMatchObject({ reason: "PodEnded", message: "The warm pod ended" });
    expect(found.status.ready).toBe(false);

    await cluster().client.delete(pod);
    await cloneOnce(
      cluster().client,
      asked,
      "without a pod",
      (one) => conditionOf(one, "Ready").reason === "PodPending",
    );
  });

  it("[KRO-10] has a Service on port 80 that leads to the port of WordPress", async () => {
    const { spec } = await cluster().client.get(serviceOf(clone("clone-20260207-080000")));
    expect(spec.ports).toMatchObject([{ name: "http", port: 80, targetPort: "http" }]);
    expect(spec.selector).toEqual({ "clones.betaweb.ai/clone": "clone-20260207-080000" });
  });
});
