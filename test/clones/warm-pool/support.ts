/** A warm pool on the cluster of a suite: its controllers, and its pods as they are. */
import { PoolLogEntry, ControllerOptions, WarmPoolController } from "../../../clones/warm-pool/controller";
import { WarmPodPool, WarmPoolOptions } from "../../../clones/warm-pool/pool";
import { watchPool } from "../../../clones/warm-pool/watch";
import { warmPodTemplateData } from "../../../clones/templates/warm-pod";
import { systemClock } from "../../../clones/provisioner/clock";
import { Kube } from "../../../clones/provisioner/kube";
import { Cluster, eventually, KubeObject } from "../../cluster";
import { STAGING } from "../../support/clone-cluster";

const template = warmPodTemplateData({ image: "registry.example.com/loomworks/wordpress-clone:0.1.0" })["pod.json"]!;

export const statusOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.["pool-status"];
export const names = (some: readonly KubeObject[]) => some.map(({ metadata }) => metadata.name);
export const podNamed = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: STAGING },
});

/** Labels without those that the scheduler's node gave. */
export const ownLabels = ({ metadata }: KubeObject) =>
  Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([key]) => !key.startsWith("topology.")));

/** A signal that nobody aborts. */
export const signal = () => new AbortController().signal;

/** A pod with the pool's labels that runs and never gets ready. */
export function neverReady(name: string, status: string): KubeObject {
  const labels = { "pool-type": "warm", "pool-status": status };
  const annotations = { "test.loomworks/never-ready": "true" };
  const spec = { containers: [{ name: "wordpress", image: "example/warm:1" }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: STAGING, labels, annotations }, spec };
}

/** @param cluster known only once the suite runs */
export function warmPoolOn(cluster: () => Cluster) {
  const kube = () => new Kube(cluster().config);
  const ends: (() => Promise<void>)[] = [];
  const all = () => cluster().client.list("v1", "Pod", STAGING, "pool-type=warm");
  const living = async () => (await all()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const withStatus = async (status: string) => (await living()).filter((pod) => statusOf(pod) === status);

  /** Free pods, once there are so many. */
  const free = (count: number, timeoutMs = 20_000) =>
    eventually(
      async () => {
        const found = await withStatus("ready");
        if (found.length === count) return found;
        throw new Error((await living()).map((pod) => `${pod.metadata.name} ${statusOf(pod)}`).join());
      },
      { what: `${count} free pods`, timeoutMs },
    );

  function controllerWith(more: Partial<ControllerOptions> = {}) {
    const entries: PoolLogEntry[] = [];
    const log = (entry: PoolLogEntry) => void entries.push(entry);
    const options = { namespace: STAGING, identity: "me", template, log, ...more };
    return { controller: new WarmPoolController(kube(), options), log: entries };
  }

  /** A controller with its watch, until `end` or the test's end. */
  function start(more: Partial<ControllerOptions> = {}) {
    const stop = new AbortController();
    const { controller, log } = controllerWith(more);
    const watching = watchPool(cluster().config, STAGING, systemClock, () => controller.wake(), stop.signal);
    const running = controller.run(stop.signal);
    const end = async () => {
      stop.abort();
      await Promise.all([running, watching]);
    };
    ends.push(end);
    return { log, end };
  }

  /** Free pods that nobody sees to any more. */
  async function prepared(count: number): Promise<KubeObject[]> {
    const { end } = start({ min: count, max: count });
    const found = await free(count);
    await end();
    return found;
  }

  const pool = (more: Partial<WarmPoolOptions> = {}) => new WarmPodPool(kube(), { namespace: STAGING, ...more });

  async function empty(): Promise<void> {
    await Promise.all(ends.splice(0).map((end) => end()));
    await Promise.all((await all()).map((pod) => cluster().client.delete(pod)));
    await eventually(async () => (await all()).length === 0, { what: "an empty pool" });
  }

  return { kube, living, withStatus, free, controllerWith, start, prepared, pool, empty, ends };
}
