import { CLONE_PEPPER, CLONE_PLATFORM } from "../../../../constructs/contract";
import { eventually, KubeObject } from "../../../cluster";
import {
  childOf,
  childrenOf,
  dbInstanceOf,
  ingressOf,
  jobOf,
  podOf,
  variableOf,
} from "../../../support/clone-children";
import {
  answerAsAck,
  available,
  clone,
  cloneOnce,
  conditionOf,
  describeWithClones,
  graphManifests,
  installGraph,
  PRODUCTION,
  readyClone,
  SHARED_HOST,
} from "../../../support/clone-cluster";

/** The graph, with something done to one node's template. */
function graphWith(id: string, change: (template: any) => void): KubeObject[] {
  const manifests = structuredClone(graphManifests());
  change(manifests[0]!.spec.resources.find((node: any) => node.id === id).template);
  return manifests;
}

describeWithClones("clones while KRO or its graph changes", {}, (cluster) => {
  it("[KRO-12] go on where they were when KRO comes back", async () => {
    const waiting = clone("clone-20260209-080000", { useDedicatedDatabase: true }, PRODUCTION);
    const many = Array.from({ length: 10 }, (_, index) =>
      clone(`clone-20260209-08010${index}`, { customerId: `many-${index}` }),
    );
    await cluster().client.create(waiting);
    await eventually(() => cluster().client.find(dbInstanceOf(waiting)), { what: "the DBInstance" });
    await Promise.all(many.map((one) => cluster().client.create(one)));
    await cluster().kill("kro");

    // All that happens while nobody looks: an address, a new clone.
    await answerAsAck(cluster().client, waiting, available("late.rds.example.com"));
    const unseen = clone("clone-20260209-080200", { customerId: "unseen" });
    await cluster().client.create(unseen);
    await cluster().resume("kro");

    for (const one of [waiting, unseen, ...many]) {
      await cloneOnce(cluster().client, one, "ready", ({ status }) => status?.ready === true, 60_000);
      expect((await childrenOf(cluster().client, one)).filter(({ kind }) => kind === "Pod")).toHaveLength(1);
    }
    const { status } = await cluster().client.get(waiting);
    expect(conditionOf({ ...waiting, status }, "Database").message).toBe("RDS ready");
  });

  it("[KRO-03] end completely when KRO dies in the middle of it", async () => {
    const asked = clone("clone-20260209-081000", { customerId: "ends" });
    await readyClone(cluster().client, asked);
    await cluster().client.delete(asked);
    await eventually(async () => (await cluster().client.find(ingressOf(asked))) === undefined, { what: "no Ingress" });
    await cluster().kill("kro");
    expect(await cluster().client.find(asked)).toBeDefined();
    await cluster().resume("kro");
    await eventually(async () => (await cluster().client.find(asked)) === undefined, {
      what: "the end of the clone",
      timeoutMs: 60_000,
    });
    expect(await childrenOf(cluster().client, asked)).toEqual([]);
  });

  it("[KRO-01] take a change of the graph over, and serve on", async () => {
    const asked = clone("clone-20260209-082000", { customerId: "lives" });
    const before = await readyClone(cluster().client, asked);
    const job = await cluster().client.get(jobOf(asked));
    await installGraph(
      cluster(),
      graphWith("service", ({ metadata }) => (metadata.annotations.note = "changed")),
    );
    await eventually(
      async () => {
        const service = { apiVersion: "v1", kind: "Service", metadata: asked.metadata };
        return (await cluster().client.get(service)).metadata.annotations?.note === "changed";
      },
      { what: "the change in a clone that lives" },
    );
    const after = await cluster().client.get(asked);
    expect(after.status).toMatchObject({ ready: true, wordpressPassword: before.status.wordpressPassword });
    expect((await cluster().client.get(jobOf(asked))).metadata.uid).toBe(job.metadata.uid);
  });

  it("[KRO-01] serve on where a change can't reach them, say so, and can be extended and ended", async () => {
    const asked = clone("clone-20260209-083000", { customerId: "stays" });
    await installGraph(cluster(), graphManifests());
    await readyClone(cluster().client, asked);
    const pod = await podOf(cluster().client, asked);
    await installGraph(
      cluster(),
      graphWith("job", ({ spec }) => (spec.template.spec.terminationGracePeriodSeconds = 11)),
    );
    const told = await cloneOnce(cluster().client, asked, "told", (one) => {
      return conditionOf(one, "Reconciled").message.includes("field is immutable");
    });
    expect(told.status.ready).toBe(true);
    expect((await podOf(cluster().client, asked)).metadata.uid).toBe(pod.metadata.uid);

    const newer = clone("clone-20260209-083001", { customerId: "newer" });
    await readyClone(cluster().client, newer);
    expect((await podOf(cluster().client, newer)).spec.terminationGracePeriodSeconds).toBe(11);

    await cluster().client.merge(asked, { spec: { ttlSeconds: 7200 } });
    await cloneOnce(cluster().client, asked, "extended", ({ metadata, status }) => {
      return Date.parse(status.expiresAt) - Date.parse(metadata.creationTimestamp) === 7200 * 1000;
    });
    await cluster().client.delete(asked);
    await eventually(async () => (await cluster().client.find(asked)) === undefined, { what: "the end of the clone" });
    expect(await childrenOf(cluster().client, asked)).toEqual([]);
  });

  it("[KRO-07] keep their pods when the shared server moves, which find it when they start again", async () => {
    const asked = clone("clone-20260209-084000", { customerId: "moves" });
    await installGraph(cluster(), graphManifests());
    await readyClone(cluster().client, asked);
    const pod = await podOf(cluster().client, asked);
    const platform = childOf(
      { ...asked, metadata: { ...asked.metadata, name: CLONE_PLATFORM.name } },
      "v1",
      "ConfigMap",
    );
    const moveTo = (host: string) =>
      cluster().client.merge(platform, { data: { [CLONE_PLATFORM.keys.databaseHost]: host } });

    await moveTo("mysql.moved.example.com");
    await cloneOnce(cluster().client, asked, "moved", ({ status }) => {
      return status.databaseHost === "mysql.moved.example.com" && status.ready === true;
    });
    expect((await podOf(cluster().client, asked)).metadata.uid).toBe(pod.metadata.uid);
    await eventually(
      async () => (await variableOf(cluster().client, pod, "WORDPRESS_DB_HOST")) === "mysql.moved.example.com",
      { what: "the host that the pod will read" },
    );
    await cloneOnce(cluster().client, asked, "reconciled", (one) => conditionOf(one, "Reconciled").status === "True");
    await moveTo(SHARED_HOST);
  });

  it("[KRO-05] keep their credentials when the pepper changes, and say that KRO can't follow", async () => {
    const asked = clone("clone-20260209-085000", { customerId: "pepper" });
    const before = await readyClone(cluster().client, asked);
    const pepper = childOf({ ...asked, metadata: { ...asked.metadata, name: CLONE_PEPPER.name } }, "v1", "Secret");
    await cluster().client.merge(pepper, { stringData: { pepper: "another-pepper-of-the-tests" } });
    const after = await cloneOnce(cluster().client, asked, "told", (one) => {
      return conditionOf(one, "Reconciled").message.includes("immutable");
    });
    const { wordpressPassword, apiKey } = before.status;
    expect(after.status).toMatchObject({ ready: true, wordpressPassword, apiKey });
    await cluster().client.delete(asked);
    await eventually(async () => (await cluster().client.find(asked)) === undefined, { what: "the end of the clone" });
  });
});
