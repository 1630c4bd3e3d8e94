import { k8s } from "cdk8s-plus-28";
import type { Resources } from "../settings/loomworks";

/** Resources as a container declares them. */
export function requirements(resources: Resources): k8s.ResourceRequirements {
  return {
    requests: { cpu: quantity(resources.cpuRequest), memory: quantity(resources.memoryRequest) },
    limits: { cpu: quantity(resources.cpuLimit), memory: quantity(resources.memoryLimit) },
  };
}

/** An environment variable from one key of a Secret. */
export function secretVariable(name: string, secret: string, key: string): k8s.EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** A folder of the pod's own, for the little that programs write beside their volumes. @param sizeLimit cap, as in `16Mi` */
export function scratch(name: string, sizeLimit: string, medium?: "Memory"): k8s.Volume {
  return { name, emptyDir: { sizeLimit: k8s.Quantity.fromString(sizeLimit), medium } };
}

/** The keys of one or more Secrets as files, readable by the pod's group alone. */
export function secretFiles(name: string, secrets: readonly { readonly name: string }[]): k8s.Volume {
  return {
    name,
    projected: {
      // 0440: the group is the pod's fsGroup.
      defaultMode: 0o440,
      sources: secrets.map((secret) => ({
        secret: {
          name: secret.name,
          items: ["username", "password"].map((key) => ({ key, path: `${secret.name}/${key}` })),
        },
      })),
    },
  };
}

/** For a Job's `podFailurePolicy`: a container that ends with this code refused, and isn't tried again. */
export function noRetryAfter(exitCode: number): k8s.PodFailurePolicy {
  return {
    rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [exitCode] }, onPodConditions: [] }],
  };
}

function quantity(text: string): k8s.Quantity {
  return k8s.Quantity.fromString(text);
}
