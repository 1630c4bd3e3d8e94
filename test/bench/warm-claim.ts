/** How long somebody who asks for a clone waits for a pod of the warm pool, on the test control plane with a real KRO. */
import { setTimeout as sleep } from "node:timers/promises";
import { Watch } from "@kubernetes/client-node";
import { JOB_LABEL, POOL, STATUS_LABEL } from "../../clones/warm-pool/labels";
import { warmPoolOn } from "../clones/warm-pool/support";
import { Cluster, eventually, KubeObject, startCluster } from "../cluster";
import { toStandardError } from "../cluster/build/builder";
import { installClones, STAGING } from "../support/clone-cluster";
import { Recorder } from "../support/recorder";
import { ServiceUnderTest } from "../support/service";
import { quantileOf } from "./load";
import type { Row } from "./main";

const PODS = 20;
const NODES = { nodes: 6, nodeCapacity: { cpu: "64", memory: "256Gi", pods: "110" } };
const READY_MILLISECONDS = 180_000;
const CLAIM_MILLISECONDS = 60_000;
/** Between two requests: the clones asked for before are made meanwhile. */
const PAUSE_MILLISECONDS = 500;

/** As many requests as there are pods, one after the other, to one worker that has room for all of them. */
export async function measureWarmClaim(): Promise<Row[]> {
  const cluster = await startCluster({ ...NODES, controllers: ["kro"], volumes: false });
  const source = await Recorder.start();
  let service: ServiceUnderTest | undefined;
  const stop = new AbortController();
  try {
    await installClones(cluster);
    await preparePods(cluster);
    service = await ServiceUnderTest.start(cluster.kubeconfig);
    await service.startWorker(PODS);
    const claimedAt = await watchClaims(cluster, stop.signal);
    const milliseconds: number[] = [];
    for (let index = 0; index < PODS; index += 1) {
      const begun = performance.now();
      const body = { source_url: source.url, customer_id: `bench-${index}` };
      const { body: answer } = await service.call("POST", "/api/v2/clone", body);
      const at = await eventually(() => claimedAt.get(answer.job_id), {
        what: `a pod for ${answer.job_id}`,
        timeoutMs: CLAIM_MILLISECONDS,
      });
      milliseconds.push(at - begun);
      toStandardError(`claimed after ${(at - begun).toFixed(0)} ms`);
      await sleep(PAUSE_MILLISECONDS);
    }
    milliseconds.sort((one, other) => one - other);
    const [p50, p95] = [0.5, 0.95].map((quantile) => `${quantileOf(milliseconds, quantile).toFixed(0)} ms`);
    return [[`from POST /api/v2/clone to the claim of a warm pod, ${PODS} of them`, `p50 ${p50}, p95 ${p95}`]];
  } finally {
    stop.abort();
    await service?.stop();
    await source.stop();
    await cluster.stop();
  }
}

/** Its controller doesn't go on: what is claimed isn't replaced meanwhile. */
async function preparePods(cluster: Cluster): Promise<void> {
  const warm = warmPoolOn(() => cluster);
  const { end } = warm.start({ min: PODS, max: PODS });
  await warm.free(PODS, READY_MILLISECONDS);
  await end();
}

/** By job, the instant at which its pod was first seen as assigned. */
async function watchClaims({ config }: Cluster, signal: AbortSignal): Promise<Map<string, number>> {
  const claimedAt = new Map<string, number>();
  const seen = (_type: string, { metadata: { labels = {} } }: KubeObject) => {
    const job = labels[JOB_LABEL];
    if (labels[STATUS_LABEL] !== "assigned" || job === undefined || claimedAt.has(job)) return;
    claimedAt.set(job, performance.now());
  };
  const path = `/api/v1/namespaces/${STAGING}/pods`;
  const ended = (error: unknown) => {
    if (!signal.aborted) toStandardError(`the watch ended: ${String(error)}`);
  };
  const watch = await new Watch(config).watch(path, { labelSelector: `${POOL.key}=${POOL.value}` }, seen, ended);
  signal.addEventListener("abort", () => watch.abort());
  return claimedAt;
}
