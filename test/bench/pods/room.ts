/** How many clones a node has room for, by what pods ask for: the sum that the scheduler does. */
import { parseQuantity } from "../../../constructs/shared/quantity";
import type { Amount } from "../../../infra/karpenter/buffer-capacity";
import type { KubeObject } from "../../cluster";

/** What a node can give, or what pods ask of it: thousandths of a core, MiB, pods. */
export interface Room extends Amount {
  readonly pods: number;
}

const MIB = 2 ** 20;

export function allocatableRoom({ status }: KubeObject): Room {
  const { cpu, memory, pods } = status.allocatable as { cpu: string; memory: string; pods: string };
  return { ...amountOf({ cpu, memory }), pods: Number(pods) };
}

/** What pods on a node take of its room. Those that are over take none. */
export function takenRoom(pods: readonly KubeObject[], node: string): Room {
  const here = pods.filter(
    ({ spec, status }) => spec.nodeName === node && !["Succeeded", "Failed"].includes(status?.phase),
  );
  const asked = here.map(askedFor);
  return { cpu: sum(asked, "cpu"), memory: sum(asked, "memory"), pods: here.length };
}

/** What one pod asks for: its containers together, or one of those before them if that is more. */
export function askedFor({ spec }: KubeObject): Amount {
  const of = (containers: readonly any[] = []) =>
    containers.map(({ resources }) => amountOf(resources?.requests ?? {}));
  const inits: readonly any[] = spec.initContainers ?? [];
  const together = of([...spec.containers, ...inits.filter(({ restartPolicy }) => restartPolicy === "Always")]);
  const before = of(inits.filter(({ restartPolicy }) => restartPolicy !== "Always"));
  const most = (key: keyof Amount) => Math.max(sum(together, key), ...before.map((one) => one[key]));
  return { cpu: most("cpu"), memory: most("memory") };
}

/** Clones that fit into what is left, and what runs out first. */
export function fitting(all: Room, taken: Room, clone: Amount): { readonly count: number; readonly by: keyof Room } {
  const each: Room = { ...clone, pods: 1 };
  const counts = (["cpu", "memory", "pods"] as const).map((by) => {
    return { by, count: Math.max(0, Math.floor((all[by] - taken[by]) / each[by])) };
  });
  return counts.reduce((least, one) => (one.count < least.count ? one : least));
}

function amountOf({ cpu = "0", memory = "0" }: { cpu?: string; memory?: string }): Amount {
  return { cpu: Math.round(parseQuantity(cpu) * 1000), memory: parseQuantity(memory) / MIB };
}

function sum(amounts: readonly Amount[], key: keyof Amount): number {
  return amounts.reduce((total, one) => total + one[key], 0);
}
