/** Pods that were started before anybody asked, for workers: any number of them claim at once, and no two get the same. */
import { CLONE_LABELS, CLONE_RESOURCE } from "../../constructs/contract";
import { isEnding, isReady, WordPressClone } from "../domain/clone";
import { Clock, systemClock } from "../provisioner/clock";
import type { Kube } from "../provisioner/kube";
import { visitClone } from "../provisioner/visit";
import type { WarmPods } from "../workers/backend";
import { notServing, podTaken } from "./errors";
import { JOB_LABEL, POOL_ANNOTATIONS, STATUS_LABEL, UNOPENED } from "./labels";
import { byAge, PoolPod } from "./plan";
import { NOBODYS, PoolPods } from "./pods";

export interface WarmPoolOptions {
  readonly namespace: string;
  /** Whether pods come back after their clones. The controller's setting; without it they are deleted. @default false */
  readonly reuse?: boolean;
  /** Seconds until an opened clone must be ready: its Service and its Ingress are made then. @default 60 */
  readonly openSeconds?: number;
  readonly clock?: Clock;
}

const DEFAULTS = { reuse: false, openSeconds: 60, clock: systemClock } as const;

/** Against others' changes. */
const TRIES = 5;

/**
 * A pod's way: `claim` labels it with its job, `handOver` names the clone that it will be, and `opened` gives it the label by
 * which the clone's Service selects. Until then it has no Service and no Ingress, and so nobody reaches it but workers by
 * its address, whom the policies admit to each pod with a clone's label, whatever that says (decision 31).
 */
export class WarmPodPool implements WarmPods {
  private readonly settings;
  private readonly pods: PoolPods;

  constructor(
    private readonly kube: Kube,
    options: WarmPoolOptions,
  ) {
    this.settings = { ...DEFAULTS, ...options };
    this.pods = new PoolPods(kube, options.namespace);
  }

  async claim(jobId: string, customerId: string): Promise<string | undefined> {
    const mine = await this.ofJob(jobId);
    if (mine !== undefined) return mine.name;
    const free = (await this.pods.list(`${STATUS_LABEL}=ready`)).filter(({ ready, ending }) => ready && !ending);
    for (const pod of free.sort(byAge)) {
      const claimed = await this.pods.change(pod, {
        status: "assigned",
        labels: { [JOB_LABEL]: jobId, [CLONE_LABELS.customer]: customerId, [CLONE_LABELS.clone]: UNOPENED },
        annotations: {
          [POOL_ANNOTATIONS.assignedAt]: this.settings.clock.now().toISOString(),
          [POOL_ANNOTATIONS.doNotDisrupt]: "true",
        },
      });
      if (claimed !== undefined) return await this.settle(claimed, jobId);
      // Somebody was faster: it may have been for this very job.
      const theirs = await this.ofJob(jobId);
      if (theirs !== undefined) return theirs.name;
    }
    return undefined;
  }

  /**
   * Makes it the pod of a clone, which isn't open yet. May be made again for the same one.
   *
   * @throws {WarmPodError} WARM_POD_TAKEN if it isn't this job's any more
   */
  async handOver(name: string, jobId: string, clone: string): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const pod = await this.pods.find(name);
      const isTheirs = pod?.job === jobId && !pod.ending && (pod.status === "assigned" || pod.status === "serving");
      if (!isTheirs || (pod.clone !== undefined && pod.clone !== clone)) throw podTaken(name, jobId);
      if (pod.clone === clone) return;
      const annotations = { [POOL_ANNOTATIONS.clone]: clone };
      if ((await this.pods.change(pod, { annotations })) !== undefined) return;
    }
    throw podTaken(name, jobId);
  }

  /** Returns when the clone is ready: the world reaches it. @throws {WarmPodError} WARM_POD_CLOSED */
  async opened(name: string): Promise<void> {
    const { namespace, clock, openSeconds: seconds } = this.settings;
    const clone = await this.open(name);
    const found = await this.kube.find<WordPressClone>(CLONE_RESOURCE, namespace, clone);
    if (found === undefined) throw notServing(name, `its clone ${clone} is gone`);
    const visited = await visitClone(this.kube, found.metadata, clock, { seconds }, (now) => {
      if (now === undefined || isEnding(now)) throw notServing(name, `its clone ${clone} is gone`);
      return isReady(now);
    });
    if (visited !== "ready") throw notServing(name, `its clone ${clone} wasn't ready within ${seconds} s`);
  }

  /**
   * One that never was a clone's is free again, as it was; one that was, is reset or goes; one whose clone still lives is
   * given back by that clone's end.
   */
  async release(name: string): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const pod = await this.pods.find(name);
      if (pod === undefined || pod.ending || (pod.status !== "assigned" && pod.status !== "serving")) return;
      if ((await this.pods.named()).has(name)) return;
      if (await this.giveBack(pod)) return;
    }
  }

  /** Where a pod that isn't open yet is reached; nothing if it is open, or gone. */
  async addressOf(name: string): Promise<string | undefined> {
    const pod = await this.pods.find(name);
    return pod?.status === "assigned" ? pod.ip : undefined;
  }

  private async giveBack(pod: PoolPod): Promise<boolean> {
    if (pod.clone === undefined && pod.ready) {
      return (await this.pods.change(pod, { ...NOBODYS, status: "ready" })) !== undefined;
    }
    if (!this.settings.reuse) return await this.pods.remove(pod);
    return (await this.pods.change(pod, { ...NOBODYS, status: "resetting" })) !== undefined;
  }

  /** @returns the clone's name */
  private async open(name: string): Promise<string> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const pod = await this.pods.find(name);
      if (pod?.clone === undefined || pod.ending) throw notServing(name, "it is no clone's");
      if (pod.status === "serving") return pod.clone;
      if (pod.status !== "assigned") throw notServing(name, "the pool took it back");
      const labels = { [CLONE_LABELS.clone]: pod.clone };
      if ((await this.pods.change(pod, { status: "serving", labels })) !== undefined) return pod.clone;
    }
    throw notServing(name, "others changed it each time that we were about to");
  }

  private async ofJob(jobId: string): Promise<PoolPod | undefined> {
    const theirs = (await this.pods.list(`${JOB_LABEL}=${jobId}`)).filter(
      ({ ending, status }) => !ending && (status === "assigned" || status === "serving"),
    );
    const since = ({ assignedAt }: PoolPod) => assignedAt?.getTime() ?? 0;
    return theirs.sort((one, other) => since(one) - since(other) || one.name.localeCompare(other.name))[0];
  }

  /** Two workers may claim for one job, when the one takes over from the other that isn't dead: both settle on the first. */
  private async settle(claimed: PoolPod, jobId: string): Promise<string> {
    const first = await this.ofJob(jobId);
    if (first === undefined || first.name === claimed.name) return claimed.name;
    await this.release(claimed.name);
    return first.name;
  }
}
