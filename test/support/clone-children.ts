/** What a clone consists of, as the cluster has it: its children, what is left of it, and when each came to be. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE_LABELS } from "../../constructs/contract";
import type { Cluster, ClusterClient, KubeObject } from "../cluster";

/** Every kind that a clone leads to, whoever makes the object. */
const KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Secret"],
  ["v1", "ConfigMap"],
  ["v1", "Pod"],
  ["v1", "Service"],
  ["discovery.k8s.io/v1", "EndpointSlice"],
  ["batch/v1", "Job"],
  ["networking.k8s.io/v1", "Ingress"],
  ["rds.services.k8s.aws/v1alpha1", "DBInstance"],
];

/** An object of the clone's own name, or with an ending of it. */
export function childOf(clone: KubeObject, apiVersion: string, kind: string, ending = ""): KubeObject {
  const { namespace, name } = clone.metadata;
  return { apiVersion, kind, metadata: { namespace: namespace ?? "default", name: `${name}${ending}` } };
}

export const jobOf = (clone: KubeObject) => childOf(clone, "batch/v1", "Job");
export const serviceOf = (clone: KubeObject) => childOf(clone, "v1", "Service");
export const ingressOf = (clone: KubeObject) => childOf(clone, "networking.k8s.io/v1", "Ingress");
export const secretOf = (clone: KubeObject) => childOf(clone, "v1", "Secret", "-credentials");
export const dbInstanceOf = (clone: KubeObject) => childOf(clone, "rds.services.k8s.aws/v1alpha1", "DBInstance");

/** What belongs to a clone by our label, by KRO's, or by its name. */
export async function childrenOf(client: ClusterClient, clone: KubeObject): Promise<KubeObject[]> {
  const { namespace, name } = clone.metadata;
  const all = await Promise.all(KINDS.map(([apiVersion, kind]) => client.list(apiVersion, kind, namespace)));
  return all.flat().filter(({ metadata }) => {
    const labels = metadata.labels ?? {};
    const labelled = labels[CLONE_LABELS.clone] === name || labels["kro.run/instance-name"] === name;
    return labelled || metadata.name === name || metadata.name.startsWith(`${name}-`);
  });
}

/** Their kinds, sorted; EndpointSlices left out, which come and go with pods. */
export async function kindsOf(client: ClusterClient, clone: KubeObject): Promise<string[]> {
  const kinds = (await childrenOf(client, clone)).map(({ kind }) => kind);
  return kinds.filter((kind) => kind !== "EndpointSlice").sort();
}

/** The first pod of a clone. */
export async function podOf(client: ClusterClient, clone: KubeObject): Promise<KubeObject> {
  const pods = (await childrenOf(client, clone)).filter(({ kind }) => kind === "Pod");
  if (pods.length !== 1) throw new Error(`${clone.metadata.name} has ${pods.length} pods`);
  return pods[0]!;
}

/** The value of one of the pod's variables, wherever it comes from. */
export async function variableOf(client: ClusterClient, pod: KubeObject, name: string): Promise<string | undefined> {
  const variable = pod.spec.containers[0].env.find((one: any) => one.name === name);
  const map = variable?.valueFrom?.configMapKeyRef;
  const secret = variable?.valueFrom?.secretKeyRef;
  const { namespace } = pod.metadata;
  const read = async (kind: string, from: any) =>
    (await client.get({ apiVersion: "v1", kind, metadata: { namespace, name: from.name } })).data[from.key];
  if (map) return await read("ConfigMap", map);
  if (secret) return Buffer.from(await read("Secret", secret), "base64").toString("utf8");
  return variable?.value;
}

/** Something that came to be, by the API server's own log. */
export interface Creation {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** To the microsecond; an object's creationTimestamp knows seconds alone. */
  readonly time: Date;
  /** Who asked for it. */
  readonly user: string;
}

/** Every object that was created, in the order in which it was; of a cluster with `audit: true`. */
export function creationsIn(cluster: Cluster): Creation[] {
  const lines = readFileSync(join(cluster.folder!, "logs/audit.log"), "utf8").trimEnd().split("\n");
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ stage, responseStatus, objectRef }) => {
      return stage === "ResponseComplete" && responseStatus?.code === 201 && objectRef?.subresource === undefined;
    })
    .map(({ objectRef, responseObject, stageTimestamp, user }) => ({
      resource: objectRef.resource,
      namespace: objectRef.namespace ?? "",
      name: responseObject?.metadata?.name ?? objectRef.name,
      time: new Date(stageTimestamp),
      user: user.username,
    }))
    .sort((one, other) => one.time.getTime() - other.time.getTime());
}
