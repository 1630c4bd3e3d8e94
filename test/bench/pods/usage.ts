/** What components take, of the metrics API's figures: a component is what a workload's pods share. */
import { POOL, STATUS_LABEL } from "../../../clones/warm-pool/labels";
import { CLONE_LABELS, CLONE_NAMESPACES } from "../../../constructs/contract";
import { numberOf } from "../../../infra/plan/report/facts/quantities";
import type { KubeObject } from "../../cluster";

/** At one moment, or of one pod. */
export interface Usage {
  readonly cores: number;
  readonly bytes: number;
  /** Pods that it is the sum of; 0 for what runs in none. */
  readonly pods: number;
}

/** By component: `clones/clone-service`. */
export type Usages = ReadonlyMap<string, Usage>;

/** What one component took while something went on. */
export interface Taken {
  readonly component: string;
  /** Most at one look. */
  readonly pods: number;
  readonly meanCores: number;
  readonly mostCores: number;
  readonly mostBytes: number;
}

/** Pods of the pool that no clone has. */
const FREE = ["creating", "ready", "resetting"];

/** @param metrics PodMetrics; a pod that has none yet, or none any more, isn't counted */
export function usagesOf(metrics: readonly KubeObject[], pods: readonly KubeObject[]): Usages {
  const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? ""}/${metadata.name}`;
  const known = new Map(pods.map((pod) => [keyOf(pod), pod]));
  const usages = new Map<string, Usage>();
  for (const one of metrics) {
    const pod = known.get(keyOf(one));
    if (pod === undefined) continue;
    const containers = one.containers as { usage: { cpu: string; memory: string } }[];
    const component = componentOf(pod);
    const before = usages.get(component) ?? { cores: 0, bytes: 0, pods: 0 };
    const sum = (of: "cpu" | "memory") => containers.reduce((total, { usage }) => total + numberOf(usage[of]), 0);
    usages.set(component, {
      cores: before.cores + sum("cpu"),
      bytes: before.bytes + sum("memory"),
      pods: before.pods + 1,
    });
  }
  return usages;
}

/** Namespace and workload; of clones, whether somebody has them. */
export function componentOf({ metadata: { name, namespace = "", labels = {} } }: KubeObject): string {
  if (Object.values<string>(CLONE_NAMESPACES).includes(namespace)) {
    const isFree = labels[POOL.key] === POOL.value && FREE.includes(labels[STATUS_LABEL] ?? "");
    if (isFree) return `${namespace}/free warm pods`;
    if (labels[CLONE_LABELS.clone] !== undefined || labels[POOL.key] !== undefined) return `${namespace}/clones`;
  }
  return `${namespace}/${labels["app.kubernetes.io/name"] ?? labels["k8s-app"] ?? labels.app ?? name}`;
}

/** What was seen at each look, by component; sorted by memory, the largest first. */
export function takenOf(looks: readonly Usages[]): Taken[] {
  const components = new Set(looks.flatMap((look) => [...look.keys()]));
  const taken = [...components].map((component) => {
    const seen = looks.flatMap((look) => look.get(component) ?? []);
    const cores = seen.map((usage) => usage.cores);
    return {
      component,
      pods: Math.max(...seen.map(({ pods }) => pods)),
      // Where it isn't, it takes nothing.
      meanCores: cores.reduce((sum, one) => sum + one, 0) / looks.length,
      mostCores: Math.max(...cores),
      mostBytes: Math.max(...seen.map(({ bytes }) => bytes)),
    };
  });
  return taken.sort((one, other) => other.mostBytes - one.mostBytes);
}
