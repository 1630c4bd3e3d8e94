import type { k8s } from "cdk8s-plus-28";

/** Who a pod's processes are. */
export interface Identity {
  /** User id that the image's files belong to. */
  readonly user: number;
  readonly group: number;
}

/** Pod half of the Pod Security level "restricted". Volumes belong to the group; big ones aren't walked at each start. */
export function restrictedPod({ user, group }: Identity): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: group,
    fsGroup: group,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** Container half of the Pod Security level "restricted", with a root file system that nothing can write to. */
export function restrictedContainer(): k8s.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
}

/** Namespace labels that make the API server refuse, and warn of, pods below `level`. */
export function podSecurityLabels(level: "restricted" | "baseline"): Record<string, string> {
  return {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/warn": level,
    "pod-security.kubernetes.io/audit": level,
  };
}
