import { ifThere, Kube } from "../provisioner/kube";

export interface WarmPods {
  /** Takes back the pod that a clone had. One that isn't there is fine. */
  release(namespace: string, pod: string): Promise<void>;
}

/** No pod is used twice: it goes, and the pool makes another. */
export class SingleUseWarmPods implements WarmPods {
  constructor(private readonly kube: Kube) {}

  async release(namespace: string, name: string): Promise<void> {
    await ifThere(this.kube.corev1.deleteNamespacedPod({ namespace, name }));
  }
}
