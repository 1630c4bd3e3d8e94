/** Chart values that several add-ons share. */

/** What the Pod Security level "restricted" asks of a container. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/** One pod at a time may go for a drained node. */
export const ONE_AT_A_TIME = { maxUnavailable: 1 } as const;

/** CPU is shared and has no limit: throttling a controller slows everybody. Memory has one, twice or more what it needs. */
export function resources(cpu: string, memory: string, memoryLimit: string) {
  return { requests: { cpu, memory }, limits: { memory: memoryLimit } };
}

/** Rather two on one node than none at all. @param labels of the pods */
export function spread(labels: Readonly<Record<string, string>>) {
  return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: labels },
  }));
}
