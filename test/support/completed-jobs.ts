/** The Jobs of dist, where nodes are fake. */
import { setTimeout as sleep } from "node:timers/promises";
import { CLONE_SERVICE_NAMESPACE } from "../../constructs/contract";
import { Cluster, POD_ANNOTATIONS } from "../cluster";

/** Jobs that `pulumi up` waits for, as it should. */
const JOBS = [
  [CLONE_SERVICE_NAMESPACE, "clone-schema"],
  ["loomworks", "odoo-migrate"],
] as const;

/** Has the pods of those Jobs succeed until `signal`: fake nodes' do nothing, and so never end. */
export async function completeJobs({ client }: Cluster, signal: AbortSignal): Promise<void> {
  const podsOf = async ([namespace, name]: (typeof JOBS)[number]) =>
    await client.list("v1", "Pod", namespace, `app.kubernetes.io/name=${name}`).catch(() => []);
  while (!signal.aborted) {
    const pods = await Promise.all(JOBS.map(podsOf));
    for (const pod of pods.flat()) {
      await client
        .merge(pod, { metadata: { annotations: { [POD_ANNOTATIONS.completesAfter]: "1s" } } })
        .catch(() => undefined);
    }
    await sleep(500);
  }
}
