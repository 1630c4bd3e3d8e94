/** Drains the node through the API for evictions, as kubectl does, and puts it back into service. */
import { ClusterError, eventually, KubeObject, refusedEviction } from "../../cluster";
import { selects } from "../../contract/checks/manifest";
import type { World } from "../world";
import { isControlled, shuffled, systemPods } from "./system";

/** The longest that pods take to say goodbye: those that serve wait 15 s before they begin, and finish what is under way. */
const END_MILLISECONDS = 60_000;

const BUDGET_MILLISECONDS = 30_000;

/** A pod that a PodDisruptionBudget keeps, and what the server says about it. */
export interface Refusal {
  readonly pod: string;
  readonly reason: string;
}

export interface Drained {
  readonly evicted: readonly KubeObject[];
  readonly refused: readonly Refusal[];
  /** Pods that nobody would make anew: kubectl ends them only by `--force`. */
  readonly left: readonly KubeObject[];
}

/**
 * Cordons the node and evicts what a controller makes anew: first all that budgets protect, while their pods are still well.
 * Returns when the evicted are gone.
 *
 * @throws {ClusterError} E2E_DRAIN if a budget gave more or fewer pods than it said
 */
export async function drain(world: World): Promise<Drained> {
  await schedulable(world, false);
  const pods = shuffled(await systemPods(world), world.seed);
  const [evicted, refused]: [KubeObject[], Refusal[]] = [[], []];
  const evict = async (pod: KubeObject) => {
    const reason = await refusedEviction(world.cluster.client, pod.metadata.namespace ?? "", pod.metadata.name);
    if (reason === undefined) evicted.push(pod);
    else refused.push({ pod: pod.metadata.name, reason });
    return reason === undefined;
  };
  const candidates = pods.filter(isControlled);
  const budgeted = new Set<KubeObject>();
  for (const { name, allowed, protectedPods } of await budgetsOf(world, candidates)) {
    let given = 0;
    for (const pod of protectedPods) if (await evict(pod)) given += 1;
    if (given !== Math.min(allowed, protectedPods.length)) throw wrong(name, given, allowed);
    for (const pod of protectedPods) budgeted.add(pod);
  }
  for (const pod of candidates) if (!budgeted.has(pod)) await evict(pod);
  await untilGone(world, evicted);
  return { evicted, refused, left: pods.filter((pod) => !isControlled(pod)) };
}

/** Whether new pods may come to the node: to all of them, if there are more. */
export async function schedulable({ cluster: { client } }: World, isSchedulable: boolean): Promise<void> {
  for (const node of await client.list("v1", "Node")) {
    await client.merge(node, { spec: { unschedulable: isSchedulable ? null : true } });
  }
}

/** Pods that wait for a node. */
export async function homeless(world: World): Promise<KubeObject[]> {
  const pods = await systemPods(world);
  return pods.filter(({ spec, status }) => spec.nodeName === undefined && status?.phase === "Pending");
}

interface Budget {
  readonly name: string;
  /** How many it would give now. */
  readonly allowed: number;
  readonly protectedPods: readonly KubeObject[];
}

/** As the controller has counted them, which it does a moment after pods got ready. */
async function budgetsOf({ cluster: { client } }: World, pods: readonly KubeObject[]): Promise<Budget[]> {
  return await eventually(
    async () => {
      const found = (await client.list("policy/v1", "PodDisruptionBudget")).map(({ metadata, spec, status }) => ({
        name: metadata.name,
        allowed: Number(status?.disruptionsAllowed ?? 0),
        protectedPods: pods.filter(
          (pod) => pod.metadata.namespace === metadata.namespace && selects(spec.selector, pod.metadata.labels),
        ),
      }));
      const budgets = found.filter(({ protectedPods }) => protectedPods.length > 0);
      const strict = budgets.filter(({ allowed }) => allowed === 0).map(({ name }) => name);
      if (strict.length > 0) throw new Error(`${strict.join(", ")} would give no pod`);
      return budgets;
    },
    { what: "budgets that give a pod each", timeoutMs: BUDGET_MILLISECONDS },
  );
}

async function untilGone(world: World, evicted: readonly KubeObject[]): Promise<void> {
  const before = new Map(evicted.map(({ metadata }) => [metadata.uid as string, metadata.name]));
  await eventually(
    async () => {
      const left = (await systemPods(world)).flatMap(({ metadata }) => before.get(metadata.uid as string) ?? []);
      if (left.length > 0) throw new Error(left.join(", "));
      return true;
    },
    { what: "the end of the evicted pods", timeoutMs: END_MILLISECONDS, intervalMs: 500 },
  );
}

function wrong(budget: string, given: number, allowed: number): ClusterError {
  return new ClusterError({
    code: "E2E_DRAIN",
    path: budget,
    value: given,
    reason: `the budget allowed the eviction of ${allowed}`,
    remedy: "Look at the PodDisruptionBudget's status and at its pods",
  });
}
