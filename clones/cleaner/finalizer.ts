/**
 * What has to be undone that KRO can't undo. It happens after KRO's own part and after the last pod: a Job that still
 * ran would make its schema anew, and a WordPress that still ran would write into what is being dropped.
 */
import { CLONE_LABELS, CLONE_RESOURCE } from "../../constructs/contract";
import { isEnding, WordPressClone } from "../domain/clone";
import { databaseOf, sharedDatabaseName } from "../domain/database";
import type { Clock } from "../provisioner/clock";
import { HostClaims } from "../provisioner/host-claims";
import { Kube, statusOf } from "../provisioner/kube";
import type { SharedDatabase } from "./shared-database";
import type { WarmPods } from "./warm-pods";

/** KRO removes it when the last of the clone's objects has gone. */
export const KRO_FINALIZER = "kro.run/finalizer";

export interface Undo {
  readonly sharedDatabase: SharedDatabase;
  readonly warmPods: WarmPods;
}

/** `done`, or what it waits for. */
export type Finish = "done" | "nothing to do" | "KRO" | "pods";

const AGAIN_MILLISECONDS = 500;

export class CloneFinalizer {
  constructor(
    private readonly kube: Kube,
    private readonly clock: Clock,
    private readonly undo: Undo,
  ) {}

  /**
   * One try. May be made again, and by two processes at once: each step is content with what is already gone.
   *
   * @throws whatever failed; the finalizer is still there then
   */
  async finish(clone: WordPressClone): Promise<Finish> {
    const { name, namespace, uid, finalizers = [] } = clone.metadata;
    if (!isEnding(clone) || !finalizers.includes(CLONE_LABELS.finalizer)) return "nothing to do";
    if (finalizers.includes(KRO_FINALIZER)) return "KRO";
    if (await this.hasPods(clone)) return "pods";
    const { spec } = clone;
    if (databaseOf(spec) === "shared") await this.undo.sharedDatabase.drop(sharedDatabaseName(uid));
    if (spec.warmPod !== undefined && spec.warmPod !== "") await this.undo.warmPods.release(namespace, spec.warmPod);
    await new HostClaims(this.kube, namespace, this.clock).release(spec.customerId, name);
    await this.removeFinalizer(clone);
    return "done";
  }

  /** Tries until there is nothing left to do, or somebody has to look; returns at once where KRO isn't done. */
  async untilFinished(clone: WordPressClone, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.finish(clone)) === "pods") {
      await this.clock.sleep(AGAIN_MILLISECONDS, signal);
    }
  }

  /** Pods of the clone that may still use what is about to go; a warm one goes with it. */
  private async hasPods({ metadata: { name, namespace }, spec }: WordPressClone): Promise<boolean> {
    const labelSelector = `${CLONE_LABELS.clone}=${name}`;
    const { items } = await this.kube.corev1.listNamespacedPod({ namespace, labelSelector });
    return items.some(({ metadata }) => metadata?.name !== spec.warmPod);
  }

  private async removeFinalizer({ metadata }: WordPressClone): Promise<void> {
    const { namespace, name, uid } = metadata;
    for (;;) {
      const clone = await this.kube.find<WordPressClone>(CLONE_RESOURCE, namespace, name);
      if (clone?.metadata.uid !== uid) return;
      const { finalizers = [], resourceVersion } = clone.metadata;
      const others = finalizers.filter((finalizer) => finalizer !== CLONE_LABELS.finalizer);
      try {
        const change = { metadata: { uid, resourceVersion, finalizers: others } };
        await this.kube.merge(CLONE_RESOURCE, namespace, name, change);
        return;
      } catch (error) {
        if (statusOf(error) === 404) return;
        if (statusOf(error) !== 409) throw error;
      }
    }
  }
}
