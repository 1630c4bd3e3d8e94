import { containersOf, podsOf } from "../kubernetes";
import type { Finding, ResourceRule } from "../rule";
import { isNotOn, unmet, valuesAt } from "../values";

const SYSTEM = "kube-system";

const HOSTS = { hostNetwork: "network", hostPID: "processes", hostIPC: "shared memory" } as const;

export const podsAreConfined: ResourceRule = {
  name: "pods-are-confined",
  description:
    "Outside of kube-system no pod is privileged, or has its node's network, processes or files: from there it is one step to the node, and to all that runs on it.",
  check: (subject) =>
    podsOf(subject)
      .filter(({ namespace }) => namespace !== SYSTEM)
      .flatMap((pod) => [
        ...Object.entries(HOSTS).flatMap(([field, what]) => shared(pod, field, what)),
        ...hostPaths(pod),
        ...containersOf(pod).flatMap(privileged),
      ]),
};

type Pod = ReturnType<typeof podsOf>[number];

function shared({ path, value }: Pod, field: string, what: string): Finding[] {
  const demand = { path: field, holds: isNotOn, reason: `the pod shares its node's ${what}`, remedy: "Leave it out" };
  return unmet(value, [demand]).map((finding) => ({ ...finding, path: `${path}.${field}` }));
}

function hostPaths({ path, value }: Pod): Finding[] {
  const reason = "the pod reads or writes files of its node";
  const remedy = "Use a volume of the cluster, a ConfigMap or a Secret";
  return valuesAt(value, "volumes[].hostPath.path")
    .filter((found) => found.path.endsWith("hostPath.path") && found.value !== undefined)
    .map((found) => ({ path: `${path}.${found.path}`, value: found.value, reason, remedy }));
}

function privileged({ path, value }: { path: string; value: unknown }): Finding[] {
  const field = "securityContext.privileged";
  const reason = "the container may do whatever its node may";
  const demand = {
    path: field,
    holds: isNotOn,
    reason,
    remedy: "Leave it out, and name the capability that is needed",
  };
  return unmet(value, [demand]).map((finding) => ({ ...finding, path: `${path}.${field}` }));
}
