import { ApiError, ClusterClient, KubeObject } from "./client";

/** Pods of a namespace. @param labelSelector such as `app=odoo` */
export async function listPods(
  client: ClusterClient,
  namespace: string,
  labelSelector?: string,
): Promise<KubeObject[]> {
  return await client.list("v1", "Pod", namespace, labelSelector);
}

/** Whether its readiness condition holds. */
export function isReady(pod: KubeObject): boolean {
  return pod.status?.conditions?.some(({ type, status }: any) => type === "Ready" && status === "True") ?? false;
}

/** Ready pods that are not ending: those that a Service sends to. */
export async function readyPods(
  client: ClusterClient,
  namespace: string,
  labelSelector?: string,
): Promise<KubeObject[]> {
  const pods = await listPods(client, namespace, labelSelector);
  return pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
}

/**
 * Asks for a pod's eviction, as a drain does.
 *
 * @returns whether it was granted; a PodDisruptionBudget that forbids it makes it `false`
 */
export async function evict(client: ClusterClient, namespace: string, name: string): Promise<boolean> {
  return (await refusedEviction(client, namespace, name)) === undefined;
}

/** Asks for a pod's eviction, too. @returns the server's words if a PodDisruptionBudget forbids it, nothing if it was granted */
export async function refusedEviction(
  client: ClusterClient,
  namespace: string,
  name: string,
): Promise<string | undefined> {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name } };
  try {
    await client.request("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, { body });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 429) throw error;
    const reason = String(error.body?.message ?? "");
    // Anything else is a server that has no time, which is no answer.
    if (!reason.includes("disruption budget")) throw error;
    return reason;
  }
}

/** What happened to objects of a namespace, oldest first: `Warning FailedScheduling Pod/odoo-0: 0/3 nodes are …`. */
export async function events(client: ClusterClient, namespace: string): Promise<string[]> {
  const list = await client.list("v1", "Event", namespace);
  const timeOf = ({ lastTimestamp, eventTime, metadata }: KubeObject): string =>
    lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return list
    .sort((one, other) => timeOf(one).localeCompare(timeOf(other)))
    .map(({ type, reason, involvedObject, message }) => {
      return `${type} ${reason} ${involvedObject.kind}/${involvedObject.name}: ${message}`;
    });
}
