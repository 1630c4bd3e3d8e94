/** How many clones fit into the warm nodes: worked out from instance, kubelet, DaemonSets and clone, so that nobody has to guess. */
import { BUFFER_INSTANCES, BufferInstance, InstanceType } from "../../constructs/settings";
import type { Manifest } from "../dist";

/** CPU in thousandths of a core, memory in MiB. */
export interface Amount {
  readonly cpu: number;
  readonly memory: number;
}

export interface BufferCapacity {
  readonly instanceType: string;
  readonly nodes: number;
  /** What pods can have of one node. */
  readonly allocatable: Amount;
  /** What runs on every node takes of that. */
  readonly daemonSets: Amount;
  /** What one clone asks for; that of the clones' default database. */
  readonly clone: Amount;
  /** Clones on one node. */
  readonly clonesPerNode: number;
  /** Clones that start without waiting for a node. */
  readonly clones: number;
}

/**
 * Most pods of one node, where EC2's addresses set no lower bound. The kubelet keeps 11 MiB back for each that might come, and no
 * node that the pools make holds more: at a clone's 500m, that is 29 cores.
 */
export const NODE_MAX_PODS = 58;

/** What runs on every node, by DaemonSet, as its add-on of the pinned version asks; two of them have no request of their own. */
export const DAEMON_SETS: Readonly<Record<string, Amount>> = {
  // With the agent that enforces network policies: 25m each.
  "aws-node": { cpu: 50, memory: 0 },
  "kube-proxy": { cpu: 100, memory: 0 },
  "eks-pod-identity-agent": { cpu: 0, memory: 0 },
  // Driver, registrar and probe, at 10m and 40Mi each.
  "ebs-csi-node": { cpu: 30, memory: 120 },
  "efs-csi-node": { cpu: 50, memory: 128 },
  "prometheus-node-exporter": { cpu: 20, memory: 32 },
  "opentelemetry-collector-agent": { cpu: 50, memory: 128 },
};

/** Node of KRO's graph that a clone's pod comes from; another one, with a database beside it, stands for `sidecar`. */
const CLONE_JOBS = { own: "job", sidecar: "sidecarJob" } as const;

export interface BufferCapacityArgs {
  readonly instanceType: BufferInstance;
  readonly nodes: number;
  readonly clone: Amount;
}

/** What pods can have of one node, and what runs on every node takes of that. */
export function roomOf(instanceType: BufferInstance) {
  const type: InstanceType = BUFFER_INSTANCES[instanceType];
  const maxPods = Math.min(type.mostPods ?? NODE_MAX_PODS, NODE_MAX_PODS);
  return { maxPods, allocatable: allocatableOf(type, maxPods), daemonSets: sum(Object.values(DAEMON_SETS)) };
}

export function bufferCapacity({ instanceType, nodes, clone }: BufferCapacityArgs): BufferCapacity {
  const { maxPods, allocatable, daemonSets } = roomOf(instanceType);
  const clonesPerNode = Math.max(
    0,
    Math.min(
      Math.floor((allocatable.cpu - daemonSets.cpu) / clone.cpu),
      Math.floor((allocatable.memory - daemonSets.memory) / clone.memory),
      maxPods - Object.keys(DAEMON_SETS).length,
    ),
  );
  return { instanceType, nodes, allocatable, daemonSets, clone, clonesPerNode, clones: clonesPerNode * nodes };
}

/** MiB that kubelet keeps from pods before it evicts any (its default of memory.available). */
const EVICTION_MIB = 100;
/** Share of an instance's memory that the hypervisor and the kernel take; Karpenter reckons with it (vmMemoryOverheadPercent). */
const VM_OVERHEAD = 0.075;
/** Cores, and what share of each kubelet keeps back: 6 % of the first, 1 % of the second, and so on (AL2023's nodeadm). */
const KUBELET_CPU = [
  { cores: 1, share: 0.06 },
  { cores: 1, share: 0.01 },
  { cores: 2, share: 0.005 },
  { cores: Infinity, share: 0.0025 },
] as const;

/** As Karpenter reckons it; its reference of instance types shows the outcome for each. */
export function allocatableOf({ cpus, memoryMiB }: InstanceType, maxPods: number): Amount {
  let cores = cpus;
  let kept = 0;
  for (const { cores: most, share } of KUBELET_CPU) {
    const here = Math.min(cores, most);
    kept += here * 1000 * share;
    cores -= here;
  }
  const kubelet = 255 + 11 * maxPods;
  return {
    cpu: Math.floor(cpus * 1000 - kept),
    memory: Math.floor(memoryMiB * (1 - VM_OVERHEAD) - kubelet - EVICTION_MIB),
  };
}

/**
 * What one clone asks for, as KRO's graph in dist has it; nothing where dist has none.
 *
 * @param database of clones that ask for none
 */
export function cloneSize(manifests: readonly Manifest[], database: string): Amount | undefined {
  const graphs = manifests.filter(({ kind }) => kind === "ResourceGraphDefinition") as unknown as Graph[];
  const id = database === "sidecar" ? CLONE_JOBS.sidecar : CLONE_JOBS.own;
  // Copies of Loomworks databases have a graph, too.
  const resources = graphs.flatMap(({ spec }) => spec.resources);
  const pod = resources.find((resource) => resource.id === id)?.template?.spec?.template?.spec;
  return pod && sum(pod.containers.map(({ resources: { requests } }) => amountOf(requests)));
}

interface Requests {
  readonly cpu: string;
  readonly memory: string;
}
interface Pod {
  readonly containers: readonly { readonly resources: { readonly requests: Requests } }[];
}
interface Graph {
  readonly spec: {
    readonly resources: readonly {
      readonly id: string;
      readonly template?: { readonly spec?: { readonly template?: { readonly spec?: Pod } } };
    }[];
  };
}

function amountOf({ cpu, memory }: Requests): Amount {
  const cores = cpu.endsWith("m") ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
  return {
    cpu: cores,
    memory: memory.endsWith("Gi") ? Number(memory.slice(0, -2)) * 1024 : Number(memory.slice(0, -2)),
  };
}

function sum(amounts: readonly Amount[]): Amount {
  const add = (one: Amount, other: Amount) => ({ cpu: one.cpu + other.cpu, memory: one.memory + other.memory });
  return amounts.reduce(add, { cpu: 0, memory: 0 });
}
