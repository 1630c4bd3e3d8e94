/** The pool's pods in the cluster. Every change names the version that it was decided upon, so that of two only one comes true. */
import {
  PatchStrategy,
  setHeaderOptions,
  V1DeleteOptions,
  V1ObjectMeta,
  V1Pod,
  V1PodStatus,
} from "@kubernetes/client-node";
import { CLONE_LABELS, CLONE_RESOURCE } from "../../constructs/contract";
import type { WordPressClone } from "../domain/clone";
import { ifThere, Kube, Preconditions, statusOf } from "../provisioner/kube";
import { JOB_LABEL, POD_STATUSES, PodStatus, POOL, POOL_ANNOTATIONS, STATUS_LABEL } from "./labels";
import type { PoolPod } from "./plan";

/** What changes on a pod; what is absent stays, and null goes. */
export interface PodChange {
  readonly status?: PodStatus;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** What of a pod says whose it is: gone before it is reset, and from a pod that is free. */
export const NOBODYS = {
  labels: { [JOB_LABEL]: null, [CLONE_LABELS.clone]: null, [CLONE_LABELS.customer]: null },
  annotations: {
    [POOL_ANNOTATIONS.assignedAt]: null,
    [POOL_ANNOTATIONS.clone]: null,
    [POOL_ANNOTATIONS.resetBy]: null,
    [POOL_ANNOTATIONS.doNotDisrupt]: null,
  },
} as const;

/** Clones a page, when those that name a pod are looked for. */
const PAGE = 500;

export class PoolPods {
  constructor(
    private readonly kube: Kube,
    readonly namespace: string,
  ) {}

  /** @param more another condition of the selector */
  async list(more = ""): Promise<PoolPod[]> {
    const labelSelector = `${POOL.key}=${POOL.value}${more === "" ? "" : `,${more}`}`;
    const { items } = await this.kube.corev1.listNamespacedPod({ namespace: this.namespace, labelSelector });
    return items.map(poolPod);
  }

  /** Nothing if there is no such pod, or it is none of the pool's. */
  async find(name: string): Promise<PoolPod | undefined> {
    const pod = await ifThere(this.kube.corev1.readNamespacedPod({ namespace: this.namespace, name }));
    return pod?.metadata?.labels?.[POOL.key] === POOL.value ? poolPod(pod) : undefined;
  }

  /** Names of the pods that clones name, also clones that are ending: those give their pods back themselves. */
  async named(): Promise<Set<string>> {
    const names = new Set<string>();
    let from: string | undefined;
    do {
      const query = { limit: PAGE, continue: from };
      const { items, metadata } = await this.kube.list<WordPressClone>(CLONE_RESOURCE, this.namespace, query);
      for (const { spec } of items) if (spec.warmPod !== undefined && spec.warmPod !== "") names.add(spec.warmPod);
      from = metadata.continue === "" ? undefined : metadata.continue;
    } while (from !== undefined);
    return names;
  }

  /** @returns the pod as it then is, or nothing if somebody changed or deleted it first */
  async change(pod: PoolPod, { status, labels = {}, annotations = {} }: PodChange): Promise<PoolPod | undefined> {
    const { name, uid, resourceVersion } = pod;
    const state = status === undefined ? {} : { [STATUS_LABEL]: status };
    const body = { metadata: { uid, resourceVersion, labels: { ...labels, ...state }, annotations } };
    const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    try {
      return poolPod(await this.kube.corev1.patchNamespacedPod({ namespace: this.namespace, name, body }, options));
    } catch (error) {
      if (statusOf(error) === 409 || statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** @returns whether it was deleted as it was seen: a claim that came between wins */
  async remove({ name, uid, resourceVersion }: PoolPod): Promise<boolean> {
    return await this.delete(name, { uid, resourceVersion });
  }

  /** Whatever it has become, as long as it is this pod. */
  async removeAnyhow({ name, uid }: Pick<PoolPod, "name" | "uid">): Promise<void> {
    await this.delete(name, { uid });
  }

  private async delete(name: string, preconditions: Preconditions): Promise<boolean> {
    const body = Object.assign(new V1DeleteOptions(), { preconditions });
    try {
      await this.kube.corev1.deleteNamespacedPod({ namespace: this.namespace, name, body });
      return true;
    } catch (error) {
      if (statusOf(error) === 409 || statusOf(error) === 404) return false;
      throw error;
    }
  }
}

export function poolPod({ metadata = new V1ObjectMeta(), status = new V1PodStatus() }: V1Pod): PoolPod {
  const { labels = {}, annotations = {} } = metadata;
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const assignedAt = annotations[POOL_ANNOTATIONS.assignedAt];
  return {
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    status: POD_STATUSES.find((known) => known === labels[STATUS_LABEL]),
    createdAt: new Date(metadata.creationTimestamp ?? 0),
    phase: status.phase,
    ready: ready?.status === "True",
    readyChangedAt: ready?.lastTransitionTime,
    ending: metadata.deletionTimestamp !== undefined,
    job: labels[JOB_LABEL],
    // Nonsense in it must not keep a pod for ever.
    assignedAt: assignedAt === undefined || Number.isNaN(Date.parse(assignedAt)) ? undefined : new Date(assignedAt),
    clone: annotations[POOL_ANNOTATIONS.clone],
    resetBy: annotations[POOL_ANNOTATIONS.resetBy],
    ip: status.podIP,
  };
}
