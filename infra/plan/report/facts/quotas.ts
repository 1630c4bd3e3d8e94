/** ResourceQuotas, and how much of them the stack's own pods and claims take. */
import { ClaimSpec, KubernetesObject, namespaceOf, Quantities } from "../kubernetes";
import { numberOf } from "./quantities";
import { Amounts, sum, times } from "./resources";
import type { PodCounts, WorkloadFacts } from "./workloads";

export type Load = keyof PodCounts;
export const LOADS = ["fewest", "most", "rollout"] as const satisfies readonly Load[];

export interface QuotaRow {
  readonly resource: string;
  readonly hard: number;
  /** Absent for what the manifests don't determine. */
  readonly used?: Readonly<Record<Load, number>>;
}

export interface QuotaFacts {
  readonly namespace: string;
  readonly name: string;
  readonly rows: readonly QuotaRow[];
}

export function quotasOf(objects: readonly KubernetesObject[], workloads: readonly WorkloadFacts[]): QuotaFacts[] {
  return objects
    .filter(({ kind }) => kind === "ResourceQuota")
    .map((quota) => {
      const namespace = namespaceOf(quota);
      const own = workloads.filter((workload) => workload.namespace === namespace);
      const claims = claimsOf(objects).filter((claim) => namespaceOf(claim) === namespace);
      const used = LOADS.map((load) => usage(own, claims, load));
      const { hard = {} } = quota.spec as { hard?: Quantities };
      return {
        namespace,
        name: quota.metadata.name,
        rows: Object.entries(hard).map(([resource, value]) => rowOf(resource, numberOf(value), used)),
      };
    });
}

export function claimsOf(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.filter(({ kind }) => kind === "PersistentVolumeClaim");
}

/** The share of its limit that a resource takes, from 0 to 1 and beyond. */
export function shareOf({ hard, used }: QuotaRow, load: Load): number | undefined {
  if (used === undefined) return undefined;
  // Nothing of nothing is no share at all, and fits.
  return used[load] === 0 ? 0 : used[load] / hard;
}

function rowOf(resource: string, hard: number, used: readonly Amounts[]): QuotaRow {
  // `cpu` and `memory` alone are old names of the requests.
  const name = ["cpu", "memory", "ephemeral-storage"].includes(resource) ? `requests.${resource}` : resource;
  const [fewest, most, rollout] = used.map((amounts) => amounts[name.replace(/^count\//, "")]);
  if (fewest === undefined || most === undefined || rollout === undefined) return { resource, hard };
  return { resource, hard, used: { fewest, most, rollout } };
}

function usage(workloads: readonly WorkloadFacts[], claims: readonly KubernetesObject[], load: Load): Amounts {
  const pods = workloads.map(({ resources, pods, claimTemplates }) => {
    const each = sum(prefixed("requests.", resources.requests), prefixed("limits.", resources.limits), {
      pods: 1,
      ...claimAmounts(claimTemplates.map(({ spec }) => spec)),
    });
    return times(each, pods[load]);
  });
  const none = { pods: 0, "requests.cpu": 0, "requests.memory": 0, "limits.cpu": 0, "limits.memory": 0 };
  return sum(none, ...pods, claimAmounts(claims.map(({ spec }) => spec as ClaimSpec)));
}

function claimAmounts(specs: readonly ClaimSpec[]): Amounts {
  const sizes = specs.map(({ resources }) => numberOf(resources?.requests?.storage ?? 0));
  return { persistentvolumeclaims: specs.length, "requests.storage": sizes.reduce((total, size) => total + size, 0) };
}

function prefixed(prefix: string, amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([resource, value]) => [`${prefix}${resource}`, value]));
}
