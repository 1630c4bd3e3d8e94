import { CREDENTIALS_HASH_ANNOTATION } from "../../../constructs/contract";
import {
  Cluster,
  describeWithCluster,
  eventually,
  events,
  evict,
  KubeObject,
  listPods,
  NEVER_READY_IMAGE,
  POD_ANNOTATIONS,
  readyPods,
} from "../../cluster";
import { installStack } from "../../support/dist";
import { inNamespace, NAMESPACE, ODOO } from "../../support/loomworks-cluster";

const DEPLOYMENT = inNamespace("apps/v1", "Deployment", "odoo");

jest.setTimeout(120_000);

describeWithCluster("Odoo's rollouts on real controllers", { own: true, nodes: 3 }, (cluster) => {
  const client = () => cluster().client;
  const odooPods = () => readyPods(client(), NAMESPACE, ODOO);
  const twoReady = () =>
    eventually(async () => (await odooPods()).length === 2, { what: "two ready Odoo pods", timeoutMs: 60_000 });
  const changeTemplate = (template: object) => client().merge(DEPLOYMENT, { spec: { template } });

  beforeAll(async () => {
    await installStack(cluster(), "staging");
    await twoReady();
  });

  describe("[LOOM-03] Odoo", () => {
    it("runs twice, on two nodes, and would rather wait than share one", async () => {
      const [one, other] = (await odooPods()) as [KubeObject, KubeObject];
      expect(one.spec.nodeName).not.toBe(other.spec.nodeName);

      const others = (await client().list("v1", "Node")).filter(({ metadata }) => metadata.name !== one.spec.nodeName);
      const cordon = async (unschedulable: boolean) => {
        for (const node of others) await client().merge(node, { spec: { unschedulable } });
      };
      await cordon(true);
      await client().delete(other);
      const waits = async () =>
        (await events(client(), NAMESPACE)).some((line) => /FailedScheduling Pod\/odoo-.*topology spread/.test(line));
      await eventually(waits, { what: "a pod that can't be scheduled", timeoutMs: 30_000 });
      expect(await odooPods()).toHaveLength(1);
      await cordon(false);
      await twoReady();
    });

    it("has two ready pods at every moment of a rollout", async () => {
      const before = new Set((await odooPods()).map(({ metadata }) => metadata.name));
      await changeTemplate({ metadata: { annotations: { [POD_ANNOTATIONS.readyAfter]: "2s", round: "two" } } });
      const seen: number[] = [];
      const rolled = async () => {
        const ready = await odooPods();
        seen.push(ready.length);
        return ready.length === 2 && ready.every(({ metadata }) => !before.has(metadata.name));
      };
      await eventually(rolled, { what: "two new pods", timeoutMs: 90_000, intervalMs: 50 });
      expect(Math.min(...seen)).toBe(2);
      expect(Math.max(...seen)).toBeLessThanOrEqual(3);
    });
  });

  describe("[LOOM-04] a rollout that never gets ready", () => {
    it("stops at its deadline, says so in its condition, and leaves the old pods alone", async () => {
      const before = (await odooPods()).map(({ metadata }) => metadata.name).sort();
      const deployment = await client().get(DEPLOYMENT);
      const containers = deployment.spec.template.spec.containers.map(({ name, image }: any) => ({
        name,
        image: name === "odoo" ? `example/${NEVER_READY_IMAGE}:1` : image,
      }));
      // The documents' ten minutes, shortened.
      await client().request("PATCH", await client().pathOf(DEPLOYMENT), {
        contentType: "application/strategic-merge-patch+json",
        body: { spec: { progressDeadlineSeconds: 10, template: { spec: { containers } } } },
      });
      const progressing = async () => {
        const { status } = await client().get(DEPLOYMENT);
        return status.conditions.find(({ type }: any) => type === "Progressing");
      };
      await eventually(async () => (await progressing()).status === "False", {
        what: "the deadline of the rollout",
        timeoutMs: 60_000,
      });
      expect((await progressing()).reason).toBe("ProgressDeadlineExceeded");
      expect((await odooPods()).map(({ metadata }) => metadata.name).sort()).toEqual(before);

      // The correction replaces what is stuck.
      await client().request("PATCH", await client().pathOf(DEPLOYMENT), {
        contentType: "application/strategic-merge-patch+json",
        body: {
          spec: {
            progressDeadlineSeconds: 600,
            template: {
              spec: {
                containers: deployment.spec.template.spec.containers.map(({ name, image }: any) => ({ name, image })),
              },
            },
          },
        },
      });
      await eventually(async () => (await listPods(client(), NAMESPACE, ODOO)).length === 2, {
        what: "the stuck pod goes",
        timeoutMs: 60_000,
      });
    });
  });

  describe("[LOOM-11] a drain", () => {
    it("takes one pod, is refused the other, and gets it once the replacement is ready", async () => {
      await changeTemplate({ metadata: { annotations: { [POD_ANNOTATIONS.readyAfter]: "4s", round: "drain" } } });
      const settled = async () => {
        const { status, metadata } = await client().get(DEPLOYMENT);
        return (
          status.observedGeneration === metadata.generation &&
          status.updatedReplicas === 2 &&
          status.availableReplicas === 2 &&
          status.replicas === 2
        );
      };
      await eventually(settled, { what: "the slow pods", timeoutMs: 90_000 });
      const [first, second] = (await odooPods()).map(({ metadata }) => metadata.name) as [string, string];
      await eventually(async () => await evict(client(), NAMESPACE, first), {
        what: "the first eviction",
        timeoutMs: 30_000,
      });
      expect(await evict(client(), NAMESPACE, second)).toBe(false);
      await twoReady();
      await eventually(async () => await evict(client(), NAMESPACE, second), {
        what: "the second eviction",
        timeoutMs: 30_000,
      });
      await twoReady();
    });
  });

  describe("[LOOM-07] a rotated Secret", () => {
    it("rolls the pods that read it, two of them ready at every moment, and leaves its trace", async () => {
      await rotate(cluster(), "1111");
      await eventually(async () => (await hashes(cluster())).includes("1111"), {
        what: "the first hash in the history",
        timeoutMs: 60_000,
      });
      await twoReady();
      const before = new Set((await odooPods()).map(({ metadata }) => metadata.name));

      await rotate(cluster(), "2222");
      const seen: number[] = [];
      const rolled = async () => {
        const ready = await odooPods();
        seen.push(ready.length);
        return ready.length === 2 && ready.every(({ metadata }) => !before.has(metadata.name));
      };
      await eventually(rolled, { what: "two pods with the new password", timeoutMs: 90_000, intervalMs: 50 });
      expect(Math.min(...seen)).toBe(2);

      // The trace: the history of the Deployment names each rotation, and events tell when its pods were replaced.
      expect((await hashes(cluster())).slice(-2)).toEqual(["1111", "2222"]);
      expect(
        (await events(client(), NAMESPACE)).filter((line) =>
          line.startsWith("Normal ScalingReplicaSet Deployment/odoo:"),
        ).length,
      ).toBeGreaterThan(2);
    });
  });
});

/** What the program does when a password was rotated: the Secret, then its hash on the pods that read it. */
async function rotate(cluster: Cluster, hash: string): Promise<void> {
  const secret = inNamespace("v1", "Secret", "postgres-credentials");
  await cluster.client.merge(secret, { stringData: { password: hash } });
  await cluster.client.merge(DEPLOYMENT, {
    spec: { template: { metadata: { annotations: { [CREDENTIALS_HASH_ANNOTATION]: hash } } } },
  });
}

/** The hashes in the Deployment's history, oldest first. */
async function hashes(cluster: Cluster): Promise<string[]> {
  const sets = await cluster.client.list("apps/v1", "ReplicaSet", NAMESPACE, ODOO);
  const revision = ({ metadata }: KubeObject) => Number(metadata.annotations?.["deployment.kubernetes.io/revision"]);
  const sorted = sets.sort((one, other) => revision(one) - revision(other));
  return sorted.flatMap(({ spec }) => spec.template.metadata.annotations?.[CREDENTIALS_HASH_ANNOTATION] ?? []);
}
