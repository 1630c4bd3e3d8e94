import type { KubeObject } from "./client";

/** What each fake node has to give. */
export interface NodeCapacity {
  /** @default "8" */
  readonly cpu?: string;
  /** @default "32Gi" */
  readonly memory?: string;
  /** Pods at most. @default "110" */
  readonly pods?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

const DEFAULTS = { cpu: "8", memory: "32Gi", pods: "110", labels: {}, taints: [] } as const;
const REGION = "test-1";
const ZONES = ["a", "b", "c"] as const;

/** Nodes `node-0`, `node-1`, … that kwok plays, in zones `test-1a`, `test-1b`, `test-1c` by turns. */
export function fakeNodes(count: number, capacity: NodeCapacity = {}): KubeObject[] {
  return Array.from({ length: count }, (_, index) =>
    fakeNode(`node-${index}`, ZONES[index % ZONES.length] ?? "a", capacity),
  );
}

/** One such node, in zone `test-1<zone>`. */
export function fakeNode(name: string, zone: string, capacity: NodeCapacity = {}): KubeObject {
  const { cpu, memory, pods, labels, taints } = { ...DEFAULTS, ...capacity };
  const resources = { cpu, memory, pods, "ephemeral-storage": "200Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/region": REGION,
        "topology.kubernetes.io/zone": `${REGION}${zone}`,
        ...labels,
      },
    },
    spec: { taints: [...taints] },
    status: { capacity: resources, allocatable: resources },
  };
}
