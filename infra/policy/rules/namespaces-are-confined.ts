import type { ResourceRule } from "../rule";
import { fieldsOf, isUnknown, valueAt } from "../values";

const LEVEL = "pod-security.kubernetes.io/enforce";
const LEVELS = ["restricted", "baseline"];

export const namespacesAreConfined: ResourceRule = {
  name: "namespaces-are-confined",
  description:
    "Each namespace has the API server refuse privileged pods (Pod Security, baseline or restricted): pods that charts and controllers make are in no program.",
  exceptions: {
    "efs-csi-namespace": "The driver mounts file systems for all pods of its node, which takes privileges on it.",
    "observability-node-agents": "The collector on each node reads the log files of all its pods by hostPath.",
  },
  check: ({ type, props }) => {
    if (type !== "kubernetes:core/v1:Namespace" || valueAt(props, "metadata.name") === "kube-system") return [];
    const labels = valueAt(props, "metadata.labels");
    const level = fieldsOf(labels)[LEVEL];
    if (isUnknown(labels) || isUnknown(level) || LEVELS.includes(String(level))) return [];
    const reason = "it takes privileged pods";
    return [{ path: `metadata.labels.${LEVEL}`, value: level, reason, remedy: `Set it to ${LEVELS.join(" or ")}` }];
  },
};
