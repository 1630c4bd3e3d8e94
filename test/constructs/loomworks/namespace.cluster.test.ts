import { describeWithCluster, eventually, KubeObject, listPods, readyPods } from "../../cluster";
import { installStack } from "../../support/dist";
import { inNamespace, NAMESPACE, ODOO, selectorText, strangerPod } from "../../support/loomworks-cluster";

const POD = (name: string) => inNamespace("v1", "Pod", name);

jest.setTimeout(120_000);

describeWithCluster("Loomworks on real controllers", { own: true, nodes: 3 }, (cluster) => {
  const client = () => cluster().client;

  beforeAll(async () => {
    await installStack(cluster(), "staging");
    const twoReady = async () => (await readyPods(client(), NAMESPACE, ODOO)).length === 2;
    await eventually(twoReady, { what: "two ready Odoo pods", timeoutMs: 60_000 });
  });

  describe("[LOOM-01] PostgreSQL", () => {
    const volumes = async () => {
      const claims = await client().list("v1", "PersistentVolumeClaim", NAMESPACE);
      const mine = claims.filter(({ metadata }) => ["postgres-data", "postgres-wal-archive"].includes(metadata.name));
      return mine.map(({ status, spec }) => ({ phase: status.phase, volume: spec.volumeName }));
    };

    it("comes up as postgres-0, with both volumes, and comes back with the same ones", async () => {
      const isReady = async () =>
        (await readyPods(client(), NAMESPACE, "app.kubernetes.io/name=postgres")).length === 1;
      await eventually(isReady, { what: "postgres-0 is ready", timeoutMs: 60_000 });
      const before = { pod: await client().get(POD("postgres-0")), volumes: await volumes() };
      expect(before.volumes.map(({ phase }) => phase)).toEqual(["Bound", "Bound"]);

      await client().delete(POD("postgres-0"));
      const isAnother = async () => {
        const pod = await client().find(POD("postgres-0"));
        return pod !== undefined && pod.metadata.uid !== before.pod.metadata.uid && (await isReady());
      };
      await eventually(isAnother, { what: "another postgres-0 is ready", timeoutMs: 60_000 });
      expect(await volumes()).toEqual(before.volumes);
    });
  });

  describe("[LOOM-05] every claim", () => {
    it("is bound, the shared ones for reading and writing by many", async () => {
      const claims = await client().list("v1", "PersistentVolumeClaim", NAMESPACE);
      expect(
        Object.fromEntries(
          claims.map(({ metadata, status }) => [metadata.name, [status.phase, ...status.accessModes]]),
        ),
      ).toEqual({
        "odoo-filestore": ["Bound", "ReadWriteMany"],
        "postgres-backups": ["Bound", "ReadWriteMany"],
        "postgres-data": ["Bound", "ReadWriteOnce"],
        "postgres-wal-archive": ["Bound", "ReadWriteMany"],
      });
    });
  });

  describe("[LOOM-12] the policy of PostgreSQL", () => {
    it("means Odoo, its migration and the backup, and nobody without their labels", async () => {
      await client().create(strangerPod("stranger", {}, { "app.kubernetes.io/part-of": "loomworks" }));
      const policy = await client().get({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { namespace: NAMESPACE, name: "allow-to-postgres-5432" },
      });
      const admitted = await Promise.all(
        policy.spec.ingress[0].from.map((peer: any) =>
          listPods(client(), NAMESPACE, selectorText(peer.podSelector.matchLabels)),
        ),
      );
      const names = admitted.flat().map(({ metadata }: KubeObject) => metadata.name);
      expect(names.filter((name) => /^odoo-(cron-|migrate-)?\w+-\w+$/.test(name))).toHaveLength(4);
      expect(names.filter((name) => !/^(odoo|postgres-backup)-/.test(name))).toEqual([]);
      const protectedPods = await listPods(client(), NAMESPACE, selectorText(policy.spec.podSelector.matchLabels));
      expect(protectedPods.map(({ metadata }) => metadata.name)).toEqual(["postgres-0"]);
    });
  });

  describe("[LOOM-14] the backup's CronJob", () => {
    it("makes a Job whose pod runs, when somebody asks for it now", async () => {
      const cronJob = await client().get({
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { namespace: NAMESPACE, name: "postgres-backup" },
      });
      await client().create({
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { namespace: NAMESPACE, name: "postgres-backup-now" },
        spec: cronJob.spec.jobTemplate.spec,
      });
      await eventually(
        async () => (await readyPods(client(), NAMESPACE, "job-name=postgres-backup-now")).length === 1,
        { what: "the backup's pod", timeoutMs: 30_000 },
      );
    });
  });

  describe("[LOOM-15] the drill's CronJob", () => {
    it("gets a throw-away volume, which goes with its pod", async () => {
      const cronJob = await client().get({
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { namespace: NAMESPACE, name: "postgres-drill" },
      });
      const job = {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { namespace: NAMESPACE, name: "postgres-drill-now" },
      };
      await client().create({ ...job, spec: cronJob.spec.jobTemplate.spec });
      const scratch = async () =>
        (await client().list("v1", "PersistentVolumeClaim", NAMESPACE)).filter(({ metadata }) =>
          metadata.name.endsWith("-scratch"),
        );
      await eventually(async () => (await scratch())[0]?.status.phase === "Bound", {
        what: "the scratch volume",
        timeoutMs: 30_000,
      });
      await client().delete(job);
      await eventually(async () => (await scratch()).length === 0, {
        what: "the end of the scratch volume",
        timeoutMs: 30_000,
      });
    });
  });

  describe("[LOOM-16] [PLAT-09] the namespace", () => {
    it("refuses a pod beyond its quota", async () => {
      const requests = { cpu: "100", memory: "1Gi" };
      await expect(
        client().create(strangerPod("large", { resources: { requests, limits: requests } })),
      ).rejects.toThrow(/exceeded quota: namespace-quota/);
    });

    it("gives the defaults to a container that asks for nothing", async () => {
      const pod = await client().create(strangerPod("modest"));
      expect(pod.spec.containers[0].resources).toEqual({
        requests: { cpu: "50m", memory: "64Mi" },
        limits: { cpu: "500m", memory: "512Mi" },
      });
    });

    it("refuses a pod below the Pod Security level restricted", async () => {
      await expect(client().create(strangerPod("root", { securityContext: { privileged: true } }))).rejects.toThrow(
        /violates PodSecurity "restricted:latest"/,
      );
    });
  });
});
