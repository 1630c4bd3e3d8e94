/** The pods that the platform consists of, whose container is whose, and whether all of them are well. */
import { CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { eventually, isReady, KubeObject, listPods } from "../../cluster";
import { random } from "../../support/seeded-random";
import { placeOf } from "../platform/shared-database";
import type { World } from "../world";

/** One container of a pod, as it was when somebody looked. */
export interface Container {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly name: string;
  /** Who makes its pod anew; a pod that nobody does is its own. */
  readonly workload: string;
  /** As in `containerd://4f1c…`. */
  readonly id: string;
  readonly restarts: number;
  readonly ready: boolean;
}

/** Pods of the platform that are to run on: none of a run that ends by itself. */
export async function systemPods({ cluster: { client }, settings }: World): Promise<KubeObject[]> {
  const namespaces = [
    settings.loomworks.namespace,
    CLONE_SERVICE_NAMESPACE,
    CLONE_NAMESPACES.staging,
    placeOf(settings.clones).namespace,
  ];
  const pods = await Promise.all(namespaces.map((namespace) => listPods(client, namespace)));
  return pods.flat().filter(({ spec }) => spec.restartPolicy !== "Never");
}

export function containersOf(pods: readonly KubeObject[]): Container[] {
  return pods.flatMap((pod) =>
    ((pod.status?.containerStatuses ?? []) as any[]).map(({ name, containerID, restartCount, ready }) => ({
      namespace: pod.metadata.namespace ?? "",
      pod: pod.metadata.name,
      uid: String(pod.metadata.uid),
      name: String(name),
      workload: workloadOf(pod),
      id: String(containerID ?? ""),
      restarts: Number(restartCount),
      ready: Boolean(ready),
    })),
  );
}

export function workloadOf({ metadata }: KubeObject): string {
  const { kind, name } = controllerOf(metadata) ?? { kind: "Pod", name: metadata.name };
  return `${metadata.namespace ?? ""}/${kind}/${name}`;
}

/** Whether somebody makes another pod in its place. */
export function isControlled({ metadata }: KubeObject): boolean {
  return controllerOf(metadata) !== undefined;
}

function controllerOf({ ownerReferences = [] }: KubeObject["metadata"]): { kind: string; name: string } | undefined {
  return (ownerReferences as any[]).find(({ controller }) => controller === true);
}

export function isEnding({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Returns when every pod of the platform is ready, and gives them. @throws {ClusterError} with those that aren't */
export async function untilWell(world: World, timeoutMs: number): Promise<KubeObject[]> {
  return await eventually(
    async () => {
      const pods = await systemPods(world);
      const ill = pods.filter((pod) => !isReady(pod) || isEnding(pod));
      if (ill.length > 0) throw new Error(ill.map(({ metadata }) => metadata.name).join(", "));
      return pods;
    },
    { what: "every pod of the platform ready", timeoutMs, intervalMs: 500 },
  );
}

/** The same for the same seed: Fisher and Yates' way. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const next = random(seed);
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(next() * left.length), 1));
}
