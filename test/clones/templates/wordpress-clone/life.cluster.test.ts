import { setTimeout as sleep } from "node:timers/promises";
import { Testing } from "cdk8s";
import { Admission } from "../../../../clones/templates/admission";
import { parseSettings } from "../../../../constructs/settings";
import { eventually, KubeObject, listPods } from "../../../cluster";
import {
  childrenOf,
  dbInstanceOf,
  ingressOf,
  jobOf,
  podOf,
  secretOf,
  serviceOf,
} from "../../../support/clone-children";
import {
  answerAsAck,
  available,
  clone,
  cloneOnce,
  conditionOf,
  describeWithClones,
  PRODUCTION,
  readyClone,
  STAGING,
} from "../../../support/clone-cluster";

/** The shortest life that the schema admits, in seconds. */
const SHORTEST = 60;

/** The rules of the stack, for the registry of the tests. */
function admissionManifests(): KubeObject[] {
  const chart = Testing.chart();
  const { clones } = parseSettings({ clones: { images: { registry: "registry.example.com/loomworks" } } });
  new Admission(chart, "Admission", clones);
  return Testing.synth(chart) as KubeObject[];
}

const uidOf = ({ metadata }: KubeObject): string => metadata.uid;

describeWithClones("the life and the end of a clone", {}, (cluster) => {
  const gone = (asked: KubeObject) =>
    eventually(async () => (await cluster().client.find(asked)) === undefined, {
      what: `the end of ${asked.metadata.name}`,
      timeoutMs: 60_000,
    });
  const nothingLeft = async (asked: KubeObject) => {
    const left = await childrenOf(cluster().client, asked);
    expect(left.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([]);
  };

  describe("[KRO-04] an extension", () => {
    const asked = clone("clone-20260208-080000", { ttlSeconds: 3600 });

    it("moves the end, and the Job's own deadline with it", async () => {
      const before = await readyClone(cluster().client, asked);
      const pod = await podOf(cluster().client, asked);
      const job = await cluster().client.get(jobOf(asked));
      expect(job.spec).toMatchObject({ activeDeadlineSeconds: 3600, ttlSecondsAfterFinished: 3600 });

      await cluster().client.merge(asked, { spec: { ttlSeconds: 7200 } });
      const after = await cloneOnce(
        cluster().client,
        asked,
        "extended",
        ({ status }) => status.expiresAt !== before.status.expiresAt,
      );
      expect(Date.parse(after.status.expiresAt) - Date.parse(before.status.expiresAt)).toBe(3600 * 1000);
      await eventually(
        async () => {
          const { spec } = await cluster().client.get(jobOf(asked));
          return spec.activeDeadlineSeconds === 7200 && spec.ttlSecondsAfterFinished === 7200;
        },
        { what: "the Job's new deadline" },
      );
      expect(uidOf(await cluster().client.get(jobOf(asked)))).toBe(uidOf(job));
      expect(uidOf(await podOf(cluster().client, asked))).toBe(uidOf(pod));
      const found = await cloneOnce(cluster().client, asked, "ready", (one) => {
        return conditionOf(one, "Ready").observedGeneration === one.metadata.generation;
      });
      expect(found.status).toMatchObject({ ready: true, wordpressPassword: before.status.wordpressPassword });
    });
  });

  it("[KRO-03] a Job that somebody deleted comes back, and nothing else of the clone changes", async () => {
    const asked = clone("clone-20260208-080100", { customerId: "beta" });
    const before = await readyClone(cluster().client, asked);
    const others = [secretOf(asked), serviceOf(asked), ingressOf(asked)];
    const uids = async () => (await Promise.all(others.map((one) => cluster().client.get(one)))).map(uidOf);
    const [job, kept] = [await cluster().client.get(jobOf(asked)), await uids()];

    await cluster().client.delete(job);
    await eventually(
      async () => {
        const found = await cluster().client.find(job);
        return found && uidOf(found) !== uidOf(job);
      },
      { what: "another Job" },
    );
    const after = await cloneOnce(cluster().client, asked, "ready again", ({ status }) => status.ready === true);
    expect(await uids()).toEqual(kept);
    expect(after.status).toMatchObject({
      cloneUrl: before.status.cloneUrl,
      wordpressPassword: before.status.wordpressPassword,
      expiresAt: before.status.expiresAt,
    });
  });

  it("[KRO-12] says that its files are lost when its pod is, though the Job makes another one", async () => {
    const asked = clone("clone-20260208-080150", { customerId: "kappa" });
    await readyClone(cluster().client, asked);
    const pod = await podOf(cluster().client, asked);
    await cluster().client.delete(pod);
    const lost = await cloneOnce(cluster().client, asked, "lost", (one) => {
      return conditionOf(one, "Failed") !== undefined && conditionOf(one, "Ready").reason === "PodLost";
    });
    expect(lost.status.ready).toBe(false);
    expect(conditionOf(lost, "Failed")).toMatchObject({
      status: "True",
      reason: "PodLost",
      message: "Its pod was lost, and with it its files",
    });
    expect((await podOf(cluster().client, asked)).metadata.uid).not.toBe(pod.metadata.uid);
  });

  it("[KRO-03] takes with it everything it had, its RDS instance and its pod included", async () => {
    const asked = clone("clone-20260208-080200", { customerId: "gamma", useDedicatedDatabase: true }, PRODUCTION);
    await cluster().client.create(asked);
    await answerAsAck(cluster().client, asked, available("gamma.rds.example.com"));
    await cloneOnce(cluster().client, asked, "ready", ({ status }) => status?.ready === true);
    expect(await cluster().client.find(dbInstanceOf(asked))).toBeDefined();

    await cluster().client.delete(asked);
    await gone(asked);
    await nothingLeft(asked);
  });

  it("[KRO-03] leaves nothing when it ends before its database has an address", async () => {
    const asked = clone("clone-20260208-080300", { customerId: "delta", useDedicatedDatabase: true }, PRODUCTION);
    await cluster().client.create(asked);
    await eventually(() => cluster().client.find(dbInstanceOf(asked)), { what: "the DBInstance" });
    await cluster().client.delete(asked);
    await gone(asked);
    await nothingLeft(asked);
  });

  it("[KRO-03] leaves nothing when it ends in the moment in which it was asked for", async () => {
    // KRO 0.9.4 may write its finalizer onto a clone that is gone by then, and so make an empty one: admission refuses that.
    const manifests = admissionManifests();
    await cluster().apply(manifests);
    await eventually(
      () =>
        cluster()
          .apply([clone("no-clones-name")], { dryRun: true })
          .then(
            () => false,
            (error: unknown) => String(error).includes("metadata.name"),
          ),
      { what: "admission at work" },
    );
    const many = Array.from({ length: 10 }, (_, index) =>
      clone(`clone-20260208-08040${index}`, { customerId: `epsilon-${index}` }),
    );
    for (const [index, one] of many.entries()) {
      await cluster().client.create(one);
      await sleep(index * 5);
      await cluster().client.delete(one);
    }
    await Promise.all(many.map(gone));
    // What a controller was about to make, it would make now.
    await sleep(3000);
    for (const one of many) {
      expect(await cluster().client.find(one)).toBeUndefined();
      await nothingLeft(one);
    }
    for (const manifest of manifests) await cluster().client.delete(manifest);
  });

  it("[KRO-03] keeps database and credentials until its pod is gone", async () => {
    const asked = clone("clone-20260208-080500", { customerId: "zeta" });
    await readyClone(cluster().client, asked);
    const pod = await podOf(cluster().client, asked);
    await cluster().client.merge(pod, { metadata: { annotations: { "test.loomworks/terminates-after": "8s" } } });
    await cluster().client.delete(asked);
    await eventually(async () => (await cluster().client.find(ingressOf(asked))) === undefined, { what: "no Ingress" });
    await sleep(4000);
    expect(await cluster().client.find(pod)).toBeDefined();
    expect(await cluster().client.find(secretOf(asked))).toBeDefined();
    await gone(asked);
    await nothingLeft(asked);
  });

  it("[KRO-12] is not ready with a container that never gets ready, and says what the kubelet says", async () => {
    const image = "registry.example.com/loomworks/wordpress-clone:never-ready";
    const asked = clone("clone-20260208-080600", { customerId: "eta", image });
    await cluster().client.create(asked);
    const started = await cloneOnce(cluster().client, asked, "starting", (one) => {
      return conditionOf(one, "Ready")?.reason === "PodStarting";
    });
    expect(started.status.ready).toBe(false);

    const pod = await podOf(cluster().client, asked);
    const [container] = pod.status.containerStatuses;
    const state = { waiting: { reason: "ImagePullBackOff", message: "no such image" } };
    await cluster().client.merge(pod, { status: { containerStatuses: [{ ...container, state }] } }, "status");
    const told = await cloneOnce(cluster().client, asked, "told", (one) => {
      return conditionOf(one, "Ready").message.includes("ImagePullBackOff");
    });
    expect(conditionOf(told, "Ready").message).toBe("WordPress starts: ImagePullBackOff");
    expect(told.status.ready).toBe(false);
  });

  it("[KRO-03] [KRO-04] is ended by its Job's deadline if nobody else does, and not if it was extended", async () => {
    const short = clone("clone-20260208-080700", { customerId: "theta", ttlSeconds: SHORTEST });
    const extended = clone("clone-20260208-080701", { customerId: "iota", ttlSeconds: SHORTEST });
    await Promise.all([short, extended].map((one) => readyClone(cluster().client, one)));
    await cluster().client.merge(extended, { spec: { ttlSeconds: 3600 } });

    const found = await cloneOnce(
      cluster().client,
      short,
      "failed",
      (one) => conditionOf(one, "Failed")?.status === "True",
      (SHORTEST + 30) * 1000,
    );
    expect(conditionOf(found, "Failed").reason).toBe("DeadlineExceeded");
    expect(conditionOf(found, "Failed").message).toContain("The Job failed: ");
    await cloneOnce(cluster().client, short, "not ready", ({ status }) => status.ready === false);
    expect(await listPods(cluster().client, STAGING, `clones.betaweb.ai/clone=${short.metadata.name}`)).toEqual([]);

    expect((await cluster().client.get(extended)).status.ready).toBe(true);
    await cluster().client.delete(short);
    await gone(short);
    await nothingLeft(short);
  });
});
