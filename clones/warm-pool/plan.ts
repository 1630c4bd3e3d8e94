/** What is to be done about the pool, given its pods: nothing here knows of a cluster, and everything follows from what it is given. */
import type { PodStatus } from "./labels";

/** As much of a pod as matters to the pool. */
export interface PoolPod {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Nothing if its label says what no pod of the pool says. */
  readonly status?: PodStatus;
  readonly createdAt: Date;
  readonly phase?: string;
  /** Whether all of its containers answer. */
  readonly ready: boolean;
  /** Since when that is so, or isn't. */
  readonly readyChangedAt?: Date;
  readonly ending: boolean;
  readonly job?: string;
  readonly assignedAt?: Date;
  /** The clone that it was given to. */
  readonly clone?: string;
  readonly resetBy?: string;
  readonly ip?: string;
}

export interface PoolSettings {
  /** Fewest pods that are free, or about to be. @default the documents' 1 */
  readonly min: number;
  /** Most of them; the oldest go. @default the documents' 2 */
  readonly max: number;
  /** Seconds that a pod may take to get ready, or to get ready again. */
  readonly startSeconds: number;
  /** Seconds that a job may have a pod without a clone that names it. */
  readonly claimSeconds: number;
  /** Whether a pod comes back after its clone, if it can be proven clean (decision 9). */
  readonly reuse: boolean;
}

export const POOL_DEFAULTS: PoolSettings = { min: 1, max: 2, startSeconds: 300, claimSeconds: 900, reuse: false };

export interface Situation {
  readonly pods: readonly PoolPod[];
  /** Pods that a living clone names; read after the pods. */
  readonly named: ReadonlySet<string>;
  /** Who plans: resets of anybody else are nobody's. */
  readonly me: string;
  readonly now: Date;
}

export type RemovalReason =
  | "surplus"
  | "never got ready"
  | "no longer ready"
  | "ended by itself"
  | "its job is gone"
  | "its clone is gone"
  | "its reset was cut off"
  | "used"
  | "in no known state";

export interface Removal {
  readonly pod: PoolPod;
  readonly reason: RemovalReason;
}

export interface Plan {
  readonly create: number;
  readonly remove: readonly Removal[];
  /** Pods that have got ready, and are free from now on. */
  readonly promote: readonly PoolPod[];
  /** Pods to be reset. */
  readonly reset: readonly PoolPod[];
}

/** What one pod needs. */
type Need = "nothing" | "promote" | "reset" | RemovalReason;

/** What is to be done now. Pods that are ending count for nothing. */
export function planPool({ pods, named, me, now }: Situation, settings: PoolSettings): Plan {
  const living = pods.filter(({ ending }) => !ending);
  const needs = living.map((pod) => ({ pod, need: needOf(pod, named, me, now, settings) }));
  const those = (wanted: Need) => needs.filter(({ need }) => need === wanted).map(({ pod }) => pod);
  const remove = needs.flatMap(({ pod, need }) => (isRemoval(need) ? [{ pod, reason: need }] : []));
  const counted = needs.filter(({ pod, need }) => !isRemoval(need) && isFreeSoon(pod)).map(({ pod }) => pod);
  const surplus = surplusOf(counted, settings.max);
  return {
    create: Math.max(0, settings.min - counted.length),
    remove: [...remove, ...surplus.map((pod) => ({ pod, reason: "surplus" as const }))],
    promote: those("promote").filter((pod) => !surplus.includes(pod)),
    reset: those("reset"),
  };
}

/** Pods by state, for metrics: every state is there, also with none. */
export function countByStatus(pods: readonly PoolPod[]): Record<PodStatus, number> {
  const counts = { creating: 0, ready: 0, assigned: 0, serving: 0, resetting: 0 };
  for (const { status, ending } of pods) if (status !== undefined && !ending) counts[status] += 1;
  return counts;
}

export function byAge(one: PoolPod, other: PoolPod): number {
  return one.createdAt.getTime() - other.createdAt.getTime() || one.name.localeCompare(other.name);
}

function needOf(pod: PoolPod, named: ReadonlySet<string>, me: string, now: Date, settings: PoolSettings): Need {
  const { startSeconds, claimSeconds, reuse } = settings;
  const hasEnded = pod.phase === "Failed" || pod.phase === "Succeeded";
  const isOver = (since: Date, seconds: number) => now.getTime() >= since.getTime() + seconds * 1000;
  switch (pod.status) {
    case "creating":
      if (hasEnded) return "ended by itself";
      if (pod.ready) return "promote";
      return isOver(pod.createdAt, startSeconds) ? "never got ready" : "nothing";
    case "ready":
      if (hasEnded) return "ended by itself";
      return !pod.ready && isOver(pod.readyChangedAt ?? pod.createdAt, startSeconds) ? "no longer ready" : "nothing";
    case "assigned":
    case "serving": {
      if (named.has(pod.name) || !isOver(pod.assignedAt ?? pod.createdAt, claimSeconds)) return "nothing";
      if (reuse && !hasEnded) return "reset";
      return pod.status === "assigned" ? "its job is gone" : "its clone is gone";
    }
    case "resetting":
      if (!reuse) return "used";
      if (pod.resetBy === undefined) return hasEnded ? "ended by itself" : "reset";
      return pod.resetBy === me ? "nothing" : "its reset was cut off";
    case undefined:
      return "in no known state";
  }
}

function isRemoval(need: Need): need is RemovalReason {
  return need !== "nothing" && need !== "promote" && need !== "reset";
}

/** Whether a job may have it now or soon. One that has lost its readiness isn't counted, so that another one is made. */
function isFreeSoon({ status, ready }: PoolPod): boolean {
  return status === "creating" || (status === "ready" && ready);
}

function surplusOf(counted: readonly PoolPod[], max: number): PoolPod[] {
  return [...counted].sort(byAge).slice(0, Math.max(0, counted.length - max));
}
