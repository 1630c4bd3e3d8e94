/** What the pods that Karpenter makes nodes for ask for at all times: dist's own, those of the add-ons' charts, and some clones. */
import type { PlannedResource } from "../model";
import { GIB, numberOf } from "../report/facts/quantities";
import { workloadsOf } from "../report/facts/workloads";
import { isWorkload, podTemplateOf } from "../report/kubernetes";
import type { CostContext } from "./context";
import type { System } from "./model";
import { systemOf, systemOfNamespace } from "./systems";

/** Cores, and GiB. */
export interface Demand {
  readonly name: string;
  readonly namespace: string;
  readonly system: System;
  readonly pods: number;
  /** Of all its pods. */
  readonly cpu: number;
  readonly memory: number;
}

/** Charts whose pods run on the system nodes. */
const ON_SYSTEM_NODES: readonly string[] = ["karpenter"];
/** Parts of charts that run on every node: what they take is off a node's room already. */
const ON_EVERY_NODE: readonly string[] = ["node", "prometheus-node-exporter"];

export function demandsOf(context: CostContext): Demand[] {
  const releases = context.plan.resources.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
  return [...workloadDemands(context), ...releases.flatMap(releaseDemands), ...cloneDemands(context)];
}

/** At the fewest pods: what is asked for above them comes and goes with the load. */
function workloadDemands({ objects }: CostContext): Demand[] {
  const elsewhere = new Set(objects.filter((object) => isWorkload(object) && isPinned(podTemplateOf(object).spec)));
  return workloadsOf(objects.filter((object) => !elsewhere.has(object))).flatMap(
    ({ namespace, name, pods, resources }) => {
      const { cpu = 0, memory = 0 } = resources.requests;
      const system = systemOfNamespace(namespace);
      const own = { cpu: pods.fewest * cpu, memory: (pods.fewest * memory) / GIB };
      return pods.fewest === 0 ? [] : [{ name, namespace, system, pods: pods.fewest, ...own }];
    },
  );
}

function isPinned(spec: object): boolean {
  return "karpenter.sh/nodepool" in (Object((spec as { nodeSelector?: object }).nodeSelector) as object);
}

type Values = Readonly<Record<string, unknown>>;

function releaseDemands(resource: PlannedResource): Demand[] {
  const { name, namespace, values } = resource.inputs as { name?: string; namespace?: string; values?: Values };
  if (values === undefined || ON_SYSTEM_NODES.includes(namespace ?? "") || values.mode === "daemonset") return [];
  const base = { namespace: namespace ?? "", system: systemOf(resource) };
  return requestsIn(values, values).map(({ part, pods, cpu, memory }) => ({
    ...base,
    name: [name ?? resource.name, ...part].join(" "),
    pods,
    cpu: pods * cpu,
    memory: (pods * memory) / GIB,
  }));
}

interface Requests {
  readonly part: readonly string[];
  readonly pods: number;
  readonly cpu: number;
  readonly memory: number;
}

/** Charts write `resources` beside a count of replicas, or a `resources` with one entry for each part, whose count is elsewhere. */
function requestsIn(level: Values, root: Values, part: readonly string[] = []): Requests[] {
  return Object.entries(level).flatMap(([key, value]): Requests[] => {
    if (typeof value !== "object" || value === null || ON_EVERY_NODE.includes(key)) return [];
    if (key !== "resources") return requestsIn(value as Values, root, [...part, key]);
    const own = requested(value);
    if (own !== undefined) return [{ part, pods: replicasOf(level), ...own }];
    return Object.entries(value).flatMap(([name, each]) => {
      const found = requested(each);
      return found === undefined ? [] : [{ part: [...part, name], pods: replicasOf(partOf(root, name)), ...found }];
    });
  });
}

function requested(resources: unknown): { cpu: number; memory: number } | undefined {
  const { requests } = Object(resources) as { requests?: { cpu?: string; memory?: string } };
  if (requests?.cpu === undefined && requests?.memory === undefined) return undefined;
  return { cpu: numberOf(requests.cpu ?? 0), memory: numberOf(requests.memory ?? 0) };
}

/** KEDA's `metricServer` has its replicas under `metricsServer`. */
function partOf(root: Values, name: string): Values {
  return Object(root[name] ?? root[name.replace("metric", "metrics")]) as Values;
}

function replicasOf(level: Values): number {
  const { replicas, replicaCount, deployment } = level as {
    replicas?: unknown;
    replicaCount?: unknown;
    deployment?: object;
  };
  const count = replicas ?? replicaCount ?? (deployment === undefined ? undefined : replicasOf(deployment as Values));
  return typeof count === "number" ? count : 1;
}

/** Those that find no room on the warm nodes. */
function cloneDemands({ buffer, assumptions }: CostContext): Demand[] {
  const clone = buffer?.clone;
  const pods = assumptions.clonesBeyondBuffer;
  if (clone === undefined || pods === 0) return [];
  const size = { cpu: (pods * clone.cpu) / 1000, memory: (pods * clone.memory) / 1024 };
  return [{ name: "clones", namespace: "", system: "clones", pods, ...size }];
}
