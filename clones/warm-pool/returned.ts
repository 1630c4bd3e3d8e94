import { CLONE_LABELS } from "../../constructs/contract";
import type { WarmPods } from "../cleaner/warm-pods";
import type { Kube } from "../provisioner/kube";
import { NOBODYS, PoolPods } from "./pods";

/** Against others' changes. */
const TRIES = 5;

/**
 * For the cleaner, where pods are used again: the pod loses its clone's label, and with it every way to it, and the pool's
 * controller resets it. A controller that doesn't use pods again deletes it.
 */
export class ReturnedWarmPods implements WarmPods {
  constructor(private readonly kube: Kube) {}

  async release(namespace: string, name: string): Promise<void> {
    const pods = new PoolPods(this.kube, namespace);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const pod = await pods.find(name);
      if (pod === undefined || pod.ending || (pod.status !== "assigned" && pod.status !== "serving")) return;
      if ((await pods.change(pod, { ...NOBODYS, status: "resetting" })) !== undefined) return;
    }
    throw new Error(`${CLONE_LABELS.clone} can't be taken from ${name}: others changed it each time`);
  }
}
