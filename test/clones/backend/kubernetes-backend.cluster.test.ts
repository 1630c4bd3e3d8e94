import { CLONE_LABELS } from "../../../constructs/contract";
import { KubernetesBackend } from "../../../clones/backend/kubernetes-backend";
import { systemClock } from "../../../clones/provisioner/clock";
import { HostClaims } from "../../../clones/provisioner/host-claims";
import { CloneProvisioner } from "../../../clones/provisioner/provisioner";
import { UNOPENED } from "../../../clones/warm-pool/labels";
import { BackendRequest } from "../../../clones/workers/backend";
import { eventually, KubeObject } from "../../cluster";
import { describeWithClones, STAGING } from "../../support/clone-cluster";
import { finisher, remains, ROOMY } from "../support";
import { names, podNamed, signal, warmPoolOn } from "../warm-pool/support";

describeWithClones("clones of the service on a real KRO", ROOMY, (cluster) => {
  const warm = warmPoolOn(cluster);
  const client = () => cluster().client;

  /** A worker's backend; what it does to pods is recorded, as no pod of this cluster runs anything. */
  function worker({ deadline = 60, failing = false } = {}) {
    const adopted: string[] = [];
    const adopt = (pod: string, { username }: { username: string }) => {
      adopted.push(`${pod} ${username}`);
      return failing ? Promise.reject(new Error("exit code 1")) : Promise.resolve();
    };
    const provisioner = new CloneProvisioner(warm.kube(), {
      namespace: STAGING,
      finish: finisher(warm.kube()),
      deadlineSeconds: { dedicated: deadline, others: deadline },
    });
    const pool = warm.pool();
    const options = { namespace: STAGING, warm: { pool, adoption: { adopt } } };
    return { backend: new KubernetesBackend(warm.kube(), provisioner, options), pool, adopted };
  }

  let count = 0;
  const request = (more: Partial<BackendRequest> = {}): BackendRequest => {
    count += 1;
    const base = { jobId: `job-${count}`, tenantId: "mine", customerId: `customer-${count}`, ttlSeconds: 600 };
    return { ...base, database: more.warmPod === undefined ? "sidecar" : undefined, ...more };
  };
  const clonesOf = async (jobId: string) =>
    names(
      await client().list("clones.betaweb.ai/v1alpha1", "WordPressClone", STAGING, `clones.betaweb.ai/job=${jobId}`),
    );
  const service = (name: string): KubeObject => ({ ...podNamed(name), kind: "Service" });

  afterEach(async () => {
    const { backend } = worker();
    const left = await client().list("clones.betaweb.ai/v1alpha1", "WordPressClone", STAGING);
    await Promise.all(names(left).map((name) => backend.remove(name, signal())));
    await warm.empty();
  });

  it("[CLONE-14] makes one clone for a job, however often and by however many workers it is asked for", async () => {
    const asked = request();
    const all = await Promise.all([1, 2, 3].map(() => worker().backend.create(asked, signal())));
    const again = await worker().backend.create(asked, signal());

    expect(new Set([...all, again].map(({ id }) => id)).size).toBe(1);
    expect(await clonesOf(asked.jobId)).toEqual([again.id]);
    expect(again).toMatchObject({ jobId: asked.jobId, tenantId: "mine", customerId: asked.customerId, ready: true });
    expect(again.url).toBe(`https://${asked.customerId}.clones.betaweb.ai`);
    expect(await worker().backend.findByJob(asked.jobId)).toMatchObject({ id: again.id });
    expect(await worker().backend.findByJob("job-none")).toBeUndefined();
    const { site, username, password } = await worker().backend.access(again);
    expect(site).toMatchObject({ url: `http://${again.id}.${STAGING}.svc`, username, password });
    expect(site.apiKey).toMatch(/^[0-9a-f]{40}$/);
  });

  it("[CLONE-14] goes on with a claim on the host whose worker died before the clone was there, and nobody else does", async () => {
    const asked = request();
    const labels = { "clones.betaweb.ai/job": asked.jobId, "clones.betaweb.ai/tenant": asked.tenantId };
    const claims = new HostClaims(warm.kube(), STAGING, systemClock);
    await claims.claim(asked.customerId, "clone-20260205-143022", undefined, labels);
    const another = worker().backend.create(request({ customerId: asked.customerId }), signal());
    await expect(another).rejects.toMatchObject({ code: "CLONE_HOST_TAKEN" });
    expect(await worker().backend.create(asked, signal())).toMatchObject({ jobId: asked.jobId, ready: true });
  });

  it("[CLONE-14] goes on with a clone whose worker died while it waited", async () => {
    const asked = request();
    // As if it were killed: nothing of what it does afterwards happens.
    const dying = new CloneProvisioner(warm.kube(), { namespace: STAGING });
    const labels = { "clones.betaweb.ai/job": asked.jobId, "clones.betaweb.ai/tenant": asked.tenantId };
    const made = await dying.beginClone({ customerId: asked.customerId, database: "sidecar" }, labels);
    expect((await worker().backend.create(asked, signal())).id).toBe(made.metadata.name);
  });

  it("[CLONE-03] lists a tenant's clones alone, page by page, extends and removes them", async () => {
    const { backend } = worker();
    const mine = await Promise.all([1, 2, 3].map(() => backend.create(request(), signal())));
    await backend.create(request({ tenantId: "theirs" }), signal());
    const first = await backend.list({ tenantId: "mine", limit: 2 });
    const rest = await backend.list({ tenantId: "mine", limit: 2, cursor: first.cursor! });
    expect(first.clones).toHaveLength(2);
    expect(rest.cursor).toBeUndefined();
    const ids = [...first.clones, ...rest.clones].map(({ id }) => id);
    expect(ids.sort()).toEqual(mine.map(({ id }) => id).sort());
    const one = mine[0]!;
    const found = await backend.list({ tenantId: "mine", customerId: one.customerId, limit: 9 });
    expect(found.clones.map(({ id }) => id)).toEqual([one.id]);
    await expect(backend.list({ tenantId: "mine", limit: 2, cursor: "nonsense" })).rejects.toMatchObject({
      code: "CLONE_CURSOR",
    });

    const longer = await backend.extend(one.id, 1200);
    expect(longer.expiresAt.getTime() - one.expiresAt.getTime()).toBe(600_000);
    await expect(backend.extend(one.id, 60)).rejects.toMatchObject({ code: "CLONE_TTL", status: 422 });
    expect(await backend.remove(one.id, signal())).toBe(true);
    expect(await remains(client(), one.id, one.customerId)).toEqual([]);
    expect(await backend.remove(one.id, signal())).toBe(false);
    expect(await backend.find(one.id)).toBeUndefined();
    await expect(backend.extend(one.id, 1300)).rejects.toMatchObject({ code: "CLONE_NOT_FOUND", status: 404 });
    await backend.check();
  });

  it("[WARM-07] keeps a warm clone out of the world's reach until it is opened, and takes its pod along at its end", async () => {
    await warm.prepared(1);
    const { backend, pool, adopted } = worker();
    const asked = request();
    const pod = (await pool.claim(asked.jobId, asked.customerId))!;
    const clone = await backend.create({ ...asked, database: undefined, warmPod: pod }, signal());

    const { site, username } = await backend.access(clone);
    const { status } = await client().get(podNamed(pod));
    expect(site.url).toBe(`http://${status.podIP}:8080`);
    expect(adopted).toEqual([`${pod} ${username}`]);
    // KRO had the time to make them, had there been a pod to send to.
    expect((await backend.find(clone.id))?.ready).toBe(false);
    expect(await client().find(service(clone.id))).toBeUndefined();
    expect((await client().get(podNamed(pod))).metadata.labels).toMatchObject({ [CLONE_LABELS.clone]: UNOPENED });

    await pool.opened(pod);
    expect(await backend.find(clone.id)).toMatchObject({
      ready: true,
      url: `https://${asked.customerId}.clones.betaweb.ai`,
    });
    expect((await client().get(service(clone.id))).spec.selector).toEqual({ [CLONE_LABELS.clone]: clone.id });
    expect((await client().get(podNamed(pod))).metadata.labels).toMatchObject({
      [CLONE_LABELS.clone]: clone.id,
      "pool-status": "serving",
    });
    expect((await backend.access(clone)).site.url).toBe(`http://${clone.id}.${STAGING}.svc`);
    await pool.opened(pod);
    await pool.release(pod);
    expect(await client().find(podNamed(pod))).toBeDefined();

    expect(await backend.remove(clone.id, signal())).toBe(true);
    await eventually(async () => (await client().find(podNamed(pod))) === undefined, { what: "the pod's end" });
  });

  it("[WARM-06] gives two of ten the warm pods and the others cold ones, and the callers see clones", async () => {
    await warm.prepared(2);
    const clones = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { backend, pool } = worker({ deadline: 120 });
        const asked = request();
        const pod = await pool.claim(asked.jobId, asked.customerId);
        const clone = await backend.create(
          pod === undefined ? asked : { ...asked, database: undefined, warmPod: pod },
          signal(),
        );
        if (pod !== undefined) await pool.opened(pod);
        return { pod, clone: await backend.find(clone.id) };
      }),
    );
    expect(clones.filter(({ pod }) => pod !== undefined)).toHaveLength(2);
    expect(clones.every(({ clone }) => clone?.ready === true)).toBe(true);
    expect(await client().list("batch/v1", "Job", STAGING)).toHaveLength(8);
  });

  it("[CLONE-14] goes on with a warm clone whose worker died before or after it was handed over", async () => {
    await warm.prepared(1);
    const [first, second] = [worker(), worker()];
    const asked = request();
    const pod = (await first.pool.claim(asked.jobId, asked.customerId))!;
    const warmly = { ...asked, database: undefined, warmPod: pod };
    const clone = await first.backend.create(warmly, signal());
    expect(await second.pool.claim(asked.jobId, asked.customerId)).toBe(pod);
    expect((await second.backend.create(warmly, signal())).id).toBe(clone.id);
    await second.pool.opened(pod);
    expect((await worker().backend.create(warmly, signal())).id).toBe(clone.id);
    expect(await clonesOf(asked.jobId)).toEqual([clone.id]);
  });

  it("[KRO-12] leaves nothing of a warm clone that can't be given its administrator, its pod neither", async () => {
    await warm.prepared(1);
    const { backend, pool } = worker({ failing: true });
    const asked = request();
    const pod = (await pool.claim(asked.jobId, asked.customerId))!;
    const creating = backend.create({ ...asked, database: undefined, warmPod: pod }, signal());
    await expect(creating).rejects.toMatchObject({ code: "CLONE_FAILED" });
    expect(await clonesOf(asked.jobId)).toEqual([]);
    await pool.release(pod);
    await eventually(async () => (await client().find(podNamed(pod))) === undefined, { what: "the pod's end" });
    expect(await remains(client(), "", asked.customerId)).toEqual([]);
  });

  it("[WARM-04] makes no clone of a pod that the pool took back, and says so", async () => {
    await warm.prepared(1);
    const { backend, pool } = worker();
    const asked = request();
    const pod = (await pool.claim(asked.jobId, asked.customerId))!;
    await client().delete(podNamed(pod));
    const creating = backend.create({ ...asked, database: undefined, warmPod: pod }, signal());
    await expect(creating).rejects.toMatchObject({ code: "WARM_POD_TAKEN" });
    expect(await clonesOf(asked.jobId)).toEqual([]);
  });

  it("[CLONE-09] doesn't tell one tenant of another's clone that has the host, and gives the warm pod back", async () => {
    await warm.prepared(1);
    const { backend, pool } = worker();
    const theirs = await backend.create(request({ tenantId: "theirs", customerId: "wanted" }), signal());
    const asked = request({ customerId: "wanted" });
    const pod = (await pool.claim(asked.jobId, "wanted"))!;
    const error = await backend
      .create({ ...asked, database: undefined, warmPod: pod }, signal())
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "CLONE_HOST_TAKEN" });
    expect(String(error)).not.toContain(theirs.id);
    await pool.release(pod);
    expect(names(await warm.withStatus("ready"))).toEqual([pod]);
  });
});
