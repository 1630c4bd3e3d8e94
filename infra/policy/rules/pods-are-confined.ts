import { containersOf, podsOf, unmetIn } from "../kubernetes";
import type { Finding, ResourceRule } from "../rule";
import { Demand, isNotOn, valuesAt } from "../values";

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
        ...containersOf(pod).flatMap((container) => unmetIn(container, [UNPRIVILEGED])),
      ]),
};

type Pod = ReturnType<typeof podsOf>[number];

function shared(pod: Pod, path: string, what: string): Finding[] {
  return unmetIn(pod, [{ path, holds: isNotOn, reason: `the pod shares its node's ${what}`, remedy: "Leave it out" }]);
}

function hostPaths({ path, value }: Pod): Finding[] {
  const reason = "the pod reads or writes files of its node";
  const remedy = "Use a volume of the cluster, a ConfigMap or a Secret";
  return valuesAt(value, "volumes[].hostPath.path")
    .filter((found) => found.path.endsWith("hostPath.path") && found.value !== undefined)
    .map((found) => ({ path: `${path}.${found.path}`, value: found.value, reason, remedy }));
}

const UNPRIVILEGED: Demand = {
  path: "securityContext.privileged",
  holds: isNotOn,
  reason: "the container may do whatever its node may",
  remedy: "Leave it out, and name the capability that is needed",
};
