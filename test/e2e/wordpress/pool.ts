/** The warm pool as an operator sees it: its pods by their labels, and its controller, which can be sent away for a while. */
import { ACCOUNTS } from "../../../clones/templates/accounts";
import { POOL, STATUS_LABEL } from "../../../clones/warm-pool/labels";
import { CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { eventually, isReady, KubeObject, listPods } from "../../cluster";
import type { World } from "../world";

/** Until a new pod has MySQL and WordPress installed, while others do the same. */
const READY_MILLISECONDS = 180_000;

/** Its grace, and a moment of the kubelet's. */
const END_MILLISECONDS = 60_000;

const CONTROLLER = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: ACCOUNTS.warmPool, namespace: CLONE_SERVICE_NAMESPACE },
};

/** A pod that is free, as soon as there is one. */
export async function freePod({ cluster: { client } }: World): Promise<KubeObject> {
  return await eventually(
    async () => (await listPods(client, CLONE_NAMESPACES.staging, withStatus("ready"))).find(isReady),
    { what: "a free pod of the warm pool", timeoutMs: READY_MILLISECONDS, intervalMs: 500 },
  );
}

/** A pod that comes back from its clone, once it is proven clean. @throws {Error} if the controller gave it up */
export async function returnedPod({ cluster: { client } }: World, name: string): Promise<KubeObject> {
  const found = await eventually(
    async () => {
      const pod = await client.find({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: CLONE_NAMESPACES.staging },
      });
      if (pod === undefined) return "gone";
      return pod.metadata.labels?.[STATUS_LABEL] === "ready" && isReady(pod) ? pod : undefined;
    },
    { what: `the return of ${name} to the pool`, timeoutMs: READY_MILLISECONDS, intervalMs: 500 },
  );
  if (found === "gone")
    throw new Error(`${name} was deleted instead of being used again: the controller's log says why`);
  return found;
}

/** Does `work` while there is no free pod, and nobody who makes one. */
export async function withoutPool<T>({ cluster: { client } }: World, work: () => Promise<T>): Promise<T> {
  const { spec } = await client.get(CONTROLLER);
  await client.merge(CONTROLLER, { spec: { replicas: 0 } });
  try {
    const gone = async (namespace: string, selector: string) =>
      await eventually(async () => (await listPods(client, namespace, selector)).length === 0, {
        what: `the end of ${selector}`,
        timeoutMs: END_MILLISECONDS,
        intervalMs: 250,
      });
    await gone(CLONE_SERVICE_NAMESPACE, `app.kubernetes.io/name=${ACCOUNTS.warmPool}`);
    const free = withStatus("creating", "ready");
    for (const { metadata } of await listPods(client, CLONE_NAMESPACES.staging, free)) {
      await client.delete({ apiVersion: "v1", kind: "Pod", metadata });
    }
    await gone(CLONE_NAMESPACES.staging, free);
    return await work();
  } finally {
    await client.merge(CONTROLLER, { spec: { replicas: spec.replicas } });
  }
}

function withStatus(...statuses: readonly string[]): string {
  return `${POOL.key}=${POOL.value},${STATUS_LABEL} in (${statuses.join(",")})`;
}
