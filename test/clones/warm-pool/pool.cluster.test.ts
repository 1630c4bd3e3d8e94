import { CLONE_LABELS } from "../../../constructs/contract";
import { JOB_LABEL } from "../../../clones/warm-pool/labels";
import { CloneProvisioner } from "../../../clones/provisioner/provisioner";
import { ReturnedWarmPods } from "../../../clones/warm-pool/returned";
import { eventually } from "../../cluster";
import { clone as cloneObject, describeWithClones, STAGING } from "../../support/clone-cluster";
import { finisher, ROOMY, shiftedClock } from "../support";
import { names, neverReady, ownLabels, podNamed, signal, warmPoolOn } from "./support";

describeWithClones("the warm pool on a real API server", ROOMY, (cluster) => {
  const warm = warmPoolOn(cluster);
  const client = () => cluster().client;
  afterEach(() => warm.empty());

  it("[WARM-04] gives two pods to ten claims at once, each to one, and nothing to the other eight", async () => {
    const ready = await warm.prepared(2);
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, index) => warm.pool().claim(`job-${index}`, `c-${index}`)),
    );

    expect(claims.filter((pod) => pod !== undefined).sort()).toEqual(names(ready).sort());
    expect(claims.filter((pod) => pod === undefined)).toHaveLength(8);
    for (const pod of await warm.withStatus("assigned")) {
      const index = claims.indexOf(pod.metadata.name);
      expect(pod.metadata.labels).toMatchObject({ [JOB_LABEL]: `job-${index}`, [CLONE_LABELS.customer]: `c-${index}` });
      expect(pod.metadata.labels).toMatchObject({ [CLONE_LABELS.clone]: "unopened" });
      expect(pod.metadata.annotations).toMatchObject({ "karpenter.sh/do-not-disrupt": "true" });
    }
  });

  it("[WARM-04] gives a job the pod that it has, also to two workers that claim for it at once", async () => {
    await warm.prepared(2);
    const claims = await Promise.all(Array.from({ length: 6 }, () => warm.pool().claim("job-1", "acme")));
    const again = await warm.pool().claim("job-1", "acme");
    expect(new Set([...claims, again]).size).toBe(1);
    expect(names(await warm.withStatus("assigned"))).toEqual([again]);
    // The others found out, and let go of what they had taken.
    expect(await warm.withStatus("ready")).toHaveLength(1);
  });

  it("[WARM-04] takes the oldest pod, and none that isn't ready", async () => {
    const [old] = await warm.prepared(1);
    await client().create(neverReady("wordpress-warm-00000000", "ready"));
    expect(await warm.pool().claim("job-1", "acme")).toBe(old!.metadata.name);
    expect(await warm.pool().claim("job-2", "acme")).toBeUndefined();
  });

  it("[WARM-04] frees a pod that was claimed in vain, and deletes one that was a clone's", async () => {
    await warm.prepared(2);
    const [one, other] = [(await warm.pool().claim("job-1", "a"))!, (await warm.pool().claim("job-2", "b"))!];
    await warm.pool().release(one);
    expect(ownLabels(await client().get(podNamed(one)))).toEqual({
      "pool-type": "warm",
      "pool-status": "ready",
      "app.kubernetes.io/name": "wordpress-clone",
    });
    await warm.pool().handOver(other, "job-2", "clone-20260205-143022");
    await expect(warm.pool().handOver(other, "job-1", "clone-20260205-143022")).rejects.toMatchObject({
      code: "WARM_POD_TAKEN",
    });
    await warm.pool().release(other);
    await eventually(async () => (await client().find(podNamed(other))) === undefined, { what: "the pod's end" });
    await warm.pool().release(other);
  });

  it("[WARM-04] takes back a pod whose job died, after its deadline, unless a clone names it", async () => {
    await warm.prepared(2);
    const [dead, alive] = [(await warm.pool().claim("job-1", "a"))!, (await warm.pool().claim("job-2", "b"))!];
    await client().create(cloneObject("clone-20260205-143022", { database: "sidecar", warmPod: alive }));
    await warm.controllerWith({ min: 0, clock: shiftedClock(890) }).controller.look(signal());
    expect(names(await warm.withStatus("assigned")).sort()).toEqual([dead, alive].sort());
    const { controller, log } = warm.controllerWith({ min: 0, clock: shiftedClock(901) });
    await controller.look(signal());
    expect(log).toEqual([{ event: "pod.deleted", pod: dead, reason: "its job is gone" }]);
    // Whoever still believes to have it finds out.
    await expect(warm.pool().handOver(dead, "job-1", "clone-20260205-143023")).rejects.toMatchObject({
      code: "WARM_POD_TAKEN",
    });
    await new CloneProvisioner(warm.kube(), { namespace: STAGING }).deleteClone("clone-20260205-143022");
  });

  it("[WARM-05] takes back a pod that its reset proves clean, and deletes one of which it doesn't", async () => {
    let isClean = true;
    const reset = {
      reset: (pod: string) =>
        isClean ? Promise.resolve({ checked: [] }) : Promise.reject(new Error(`${pod}: a file`)),
    };
    const { log } = warm.start({ reuse: true, reset });
    await warm.free(1);
    const used = async (job: string) => {
      const pod = (await warm.pool().claim(job, "acme"))!;
      await warm.free(1);
      await warm.pool().handOver(pod, job, "clone-20260205-143022");
      await warm.pool({ reuse: true }).release(pod);
      return pod;
    };
    const clean = await used("job-1");
    expect(names(await warm.free(2))).toContain(clean);
    const returned = await client().get(podNamed(clean));
    expect(Object.keys(ownLabels(returned)).sort()).toEqual(["app.kubernetes.io/name", "pool-status", "pool-type"]);
    expect(returned.metadata.annotations ?? {}).toEqual({});

    isClean = false;
    const dirty = await used("job-2");
    await eventually(async () => (await client().find(podNamed(dirty))) === undefined, { what: "the pod's end" });
    expect(log).toContainEqual(expect.objectContaining({ event: "pod.unproven", pod: dirty, level: "error" }));
    expect(log).toContainEqual({ event: "pod.returned", pod: clean });
  });

  it("[WARM-05] gets a pod from the cleaner while its clone still ends, and once", async () => {
    await warm.prepared(1);
    const name = (await warm.pool().claim("job-1", "acme"))!;
    const returned = new ReturnedWarmPods(warm.kube());
    await client().create(cloneObject("clone-20260205-143022", { database: "sidecar", warmPod: name }));
    await returned.release(STAGING, name);
    const labels = { "pool-type": "warm", "pool-status": "resetting", "app.kubernetes.io/name": "wordpress-clone" };
    expect(ownLabels(await client().get(podNamed(name)))).toEqual(labels);
    // Another clone may have it by then, or nobody may.
    await returned.release(STAGING, name);
    await returned.release(STAGING, "wordpress-warm-none");
    await new CloneProvisioner(warm.kube(), { namespace: STAGING, finish: finisher(warm.kube()) }).deleteClone(
      "clone-20260205-143022",
    );
  });

  it("[WARM-05] deletes a pod whose reset was cut off by its controller's end", async () => {
    const { end } = warm.start();
    const [pod] = await warm.free(1);
    const name = (await warm.pool().claim("job-1", "acme"))!;
    expect(name).toBe(pod!.metadata.name);
    await end();
    await warm.pool().handOver(name, "job-1", "clone-20260205-143022");
    await warm.pool({ reuse: true }).release(name);
    // It never ends: as a process that is killed leaves it.
    const reset = { reset: () => new Promise<never>(() => undefined) };
    await warm.controllerWith({ min: 0, reuse: true, reset, identity: "killed" }).controller.look(signal());
    const { labels, annotations } = (await client().get(podNamed(name))).metadata;
    expect(labels).toMatchObject({ "pool-status": "resetting" });
    expect(labels).not.toHaveProperty([CLONE_LABELS.clone]);
    expect(annotations).toMatchObject({ "clones.betaweb.ai/reset-by": "killed" });

    const { controller, log } = warm.controllerWith({ min: 0, reuse: true, reset, identity: "next" });
    await controller.look(signal());
    expect(log).toContainEqual({ event: "pod.deleted", pod: name, reason: "its reset was cut off" });
  });
});
