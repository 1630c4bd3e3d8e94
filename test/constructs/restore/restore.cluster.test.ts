import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Testing } from "cdk8s";
import { parseAllDocuments } from "yaml";
import { runRestore } from "../../../constructs/restore/main";
import { RestoredCopy, SharedVolumes } from "../../../constructs/loomworks/restore";
import { RestoreCluster } from "../../../constructs/restore/cluster";
import { podSecurityLabels } from "../../../constructs/shared/security";
import { describeWithCluster, eventually, KubeObject, listPods, POD_ANNOTATIONS } from "../../cluster";
import { installStack } from "../../support/dist";
import { loomworksSettings } from "../../support/loomworks";
import { inNamespace, NAMESPACE } from "../../support/loomworks-cluster";

const ROOT = resolve(__dirname, "../../..");
const NOW = new Date();

jest.setTimeout(180_000);

describeWithCluster("[LOOM-15] npm run restore, on a real API server", { own: true, nodes: 3 }, (cluster) => {
  const client = () => cluster().client;
  const run = async (...args: string[]) => {
    const printed: string[] = [];
    const code = await runRestore({
      args: ["--stack", "staging", ...args],
      root: ROOT,
      config: () => cluster().config,
      print: (text) => printed.push(text),
      ask: () => Promise.resolve("no"),
      now: NOW,
      patience: { intervalMs: 200, timeoutMs: 30_000 },
    });
    return { code, text: printed.join("\n") };
  };
  /** Has a Job's pods end, once they are there, as its container would. */
  const endPods = async (job: string, how: "completesAfter" | "failsAfter") => {
    const pods = () => listPods(client(), NAMESPACE, `job-name=${job}`);
    await eventually(async () => (await pods()).length > 0, { what: `a pod of ${job}`, timeoutMs: 60_000 });
    for (const { metadata } of await pods()) {
      const annotations = { [POD_ANNOTATIONS[how]]: "1ms" };
      await client().merge(inNamespace("v1", "Pod", metadata.name), { metadata: { annotations } });
    }
  };
  const replicas = async (kind: string, name: string) =>
    (await client().get(inNamespace("apps/v1", kind, name))).spec.replicas;

  beforeAll(async () => {
    await installStack(cluster(), "staging");
    await eventually(
      async () => (await listPods(client(), NAMESPACE, "app.kubernetes.io/name=postgres")).length === 1,
      {
        what: "postgres-0",
        timeoutMs: 60_000,
      },
    );
  });

  it("prints objects that the server admits as they are, and applies nothing", async () => {
    const { text } = await run("--latest", "--name", "shown", "--print");
    const objects = parseAllDocuments(text).map((one) => one.toJS() as KubeObject);
    expect(objects.map(({ kind }) => kind).sort()).toEqual(
      [
        "ConfigMap",
        "ConfigMap",
        "Deployment",
        "Job",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "ServiceAccount",
      ].sort(),
    );
    expect(await client().find(inNamespace("batch/v1", "Job", "postgres-restore-shown"))).toBeUndefined();
    const path = "/apis/batch/v1/namespaces/loomworks/jobs";
    const query = { dryRun: "All", fieldValidation: "Strict" };
    await client().request("POST", path, { body: objects.find(({ kind }) => kind === "Job"), query });
  });

  it("follows the Job to its end, then starts the server beside", async () => {
    const name = "postgres-restore-friday";
    const [{ text }] = await Promise.all([run("--latest", "--name", "friday"), endPods(name, "completesAfter")]);
    expect(text).toContain("Restoring postgres-restore-friday in loomworks");
    expect(text).toContain(`kubectl -n loomworks exec deploy/${name} -- pg_dump`);
    const running = async () => (await client().get(inNamespace("apps/v1", "Deployment", name))).status.readyReplicas;
    await eventually(async () => (await running()) === 1, { what: "the restored server", timeoutMs: 60_000 });
    expect(await replicas("StatefulSet", "postgres")).toBe(1);
    // The same name again goes on with the same restore, and is none for another.
    expect((await run("--latest", "--name", "friday")).text).toContain("Going on with");
    await expect(run("--time", "2026-01-01T00:00:00Z", "--name", "friday")).rejects.toThrow("POSTGRES_RESTORE_NAME");
  });

  it("tells of a Job that fails, and starts no server", async () => {
    const name = "postgres-restore-broken";
    const stop = { done: false };
    const failing = (async () => {
      while (!stop.done) {
        await endPods(name, "failsAfter");
        await sleep(200);
      }
    })();
    const restore = expect(run("--latest", "--name", "broken")).rejects.toThrow(
      /POSTGRES_RESTORE_FAILED postgres-restore-broken[^]*delete the Job postgres-restore-broken/,
    );
    await restore;
    stop.done = true;
    await failing;
    expect(await client().find(inNamespace("apps/v1", "Deployment", name))).toBeUndefined();
  });

  it("refuses to borrow volumes that no other namespace can mount", async () => {
    // Those of this cluster are folders of a node.
    await expect(run("--latest", "--into", "elsewhere")).rejects.toThrow("POSTGRES_RESTORE_VOLUME");
  });

  it("is admitted in another namespace under Pod Security restricted, with claims on volumes of their own", async () => {
    const [namespace, name] = ["recovery", "postgres-restore-x"];
    const csi = { driver: "efs.csi.aws.com", volumeHandle: "fs-1::fsap-2" };
    const sources = { backups: `${name}-backups`, wal: `${name}-wal` };
    const shared = Object.values(sources).map((claim) => ({
      name: claim,
      namespace,
      capacity: "50Gi",
      source: { csi },
    }));
    const copy = { name, namespace, settings: loomworksSettings(), options: ["--latest"], sources };
    const metadata = { name: namespace, labels: podSecurityLabels("restricted") };
    await client().create({ apiVersion: "v1", kind: "Namespace", metadata });
    await new RestoreCluster(cluster().config).apply([
      ...Testing.synth(new SharedVolumes(Testing.app(), "volumes", shared)),
      ...Testing.synth(new RestoredCopy(Testing.app(), "copy", copy)),
    ]);
    const bound = async () => {
      const claims = await client().list("v1", "PersistentVolumeClaim", namespace);
      return claims.filter(({ status }) => status.phase === "Bound").map(({ spec }) => spec.volumeName as string);
    };
    const both = Object.values(sources).map((claim) => `${namespace}-${claim}`);
    await eventually(async () => (await bound()).filter((one) => both.includes(one)).length === 2, {
      what: "both claims bound",
      timeoutMs: 60_000,
    });
    const isThere = async () => (await listPods(client(), namespace, `job-name=${name}`)).length === 1;
    await eventually(isThere, { what: "the Job's pod", timeoutMs: 60_000 });
  });

  describe("in place", () => {
    it("touches nothing before its namespace is typed", async () => {
      await expect(run("--latest", "--in-place")).rejects.toThrow("POSTGRES_RESTORE_CONFIRM");
      expect(await replicas("StatefulSet", "postgres")).toBe(1);
    });

    it("stops Odoo and PostgreSQL, restores, starts PostgreSQL, and leaves Odoo to a person", async () => {
      const name = "postgres-restore-monday";
      const watch = (async () => {
        await endPods(name, "completesAfter");
        return await listPods(client(), NAMESPACE, "app.kubernetes.io/name in (odoo,odoo-cron,postgres)");
      })();
      const [{ text }, besides] = await Promise.all([
        run("--latest", "--in-place", "--confirm", NAMESPACE, "--name", "monday"),
        watch,
      ]);
      expect(besides).toEqual([]);
      expect(text).toContain("PostgreSQL is up, and Odoo is not");
      expect([await replicas("StatefulSet", "postgres"), await replicas("Deployment", "odoo")]).toEqual([1, 0]);
    });
  });
});
