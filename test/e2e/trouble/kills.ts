/** Kills containers one by one, as the kernel does where memory or patience is at its end, and sees each of them come back. */
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError, isReady } from "../../cluster";
import type { World } from "../world";
import { Container, containersOf, isEnding, systemPods, workloadOf } from "./system";

export interface KillOptions {
  /** How many workloads may be without a container at a time. @default 4 */
  readonly atOnce?: number;
  /** Until all are back, in milliseconds. @default two minutes */
  readonly timeoutMs?: number;
}

/** What became of those that were to be killed. */
export interface Killed {
  readonly killed: readonly Container[];
  /** Of pods that went away before it was their turn. */
  readonly gone: readonly Container[];
}

const DEFAULTS = { atOnce: 4, timeoutMs: 120_000 } as const satisfies Required<KillOptions>;

const LOOK_MILLISECONDS = 250;

/**
 * Kills each by SIGKILL, in this order; one waits while its workload has a pod that isn't ready, so that no workload loses
 * two at once.
 *
 * @throws {ClusterError} E2E_KILLED with those that didn't come back in time
 */
export async function killEach(world: World, order: readonly Container[], options: KillOptions = {}): Promise<Killed> {
  const { atOnce, timeoutMs } = { ...DEFAULTS, ...options };
  const end = Date.now() + timeoutMs;
  const [killed, gone]: [Container[], Container[]] = [[], []];
  let [waiting, away] = [[...order], [] as Container[]];
  while (waiting.length > 0 || away.length > 0) {
    if (Date.now() > end) throw notBack(away, waiting, timeoutMs);
    const pods = await systemPods(world);
    const now = containersOf(pods);
    away = away.filter((container) => !isBack(container, now));
    const busy = new Set(pods.filter((pod) => !isReady(pod) || isEnding(pod)).map(workloadOf));
    for (const { workload } of away) busy.add(workload);
    const later: Container[] = [];
    for (const container of waiting) {
      const found = now.find((one) => isSame(one, container));
      if (found === undefined) gone.push(container);
      else if (away.length >= atOnce || busy.has(container.workload)) later.push(container);
      else if (!(await wasKilled(world, found))) later.push(container);
      else {
        busy.add(container.workload);
        killed.push(found);
        away.push(found);
      }
    }
    waiting = later;
    await sleep(LOOK_MILLISECONDS);
  }
  return { killed, gone };
}

/** Not if it ended by itself since the look, for want of what was killed before it: its next one's turn comes. */
async function wasKilled({ cluster }: World, { id }: Container): Promise<boolean> {
  try {
    await cluster.killContainer(id);
    return true;
  } catch (error) {
    if (/not found|already finished/.test(String(error))) return false;
    throw error;
  }
}

/** One whose pod is gone has another pod's in its place, for which its workload is asked. */
function isBack(container: Container, now: readonly Container[]): boolean {
  const found = now.find((one) => isSame(one, container));
  return found === undefined || (found.restarts > container.restarts && found.ready);
}

function isSame(one: Container, other: Container): boolean {
  return one.uid === other.uid && one.name === other.name;
}

function notBack(away: readonly Container[], waiting: readonly Container[], timeoutMs: number): ClusterError {
  const names = (containers: readonly Container[]) => containers.map(({ pod, name }) => `${pod}/${name}`);
  return new ClusterError({
    code: "E2E_KILLED",
    path: "containers",
    value: { killed: names(away), waiting: names(waiting) },
    reason: `they were not all killed and back within ${timeoutMs / 1000} s`,
    remedy: "Play it again with --only trouble --keep and the same --seed, and look at their pods",
  });
}
