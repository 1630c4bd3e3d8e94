/** One run of the cleaner: everything that is due, oldest first, a page at a time. */
import { CLONE_RESOURCE } from "../../constructs/contract";
import type { WordPressClone } from "../domain/clone";
import { expiryOf, isExpired } from "../domain/expiry";
import type { Clock } from "../provisioner/clock";
import { HostClaims } from "../provisioner/host-claims";
import { ifThere, Kube, sentenceOf } from "../provisioner/kube";
import type { Log } from "./log";
import type { Fate, Reaper } from "./reaper";

export interface OnceOptions {
  readonly namespaces: readonly string[];
  /** Clones that are ended together; the next follow when these have gone or been given up on. @default 50 */
  readonly pageSize?: number;
  /** Seconds that a page may take to go; what is left then is left to the next run. @default 60 */
  readonly finishSeconds?: number;
}

/** What a run did, in numbers. */
export interface Summary {
  readonly ended: number;
  /** On their way, but not gone when the run ended. */
  readonly pending: number;
  readonly failed: number;
}

/** Enough of a clone to come back to it. */
interface Due {
  readonly namespace: string;
  readonly name: string;
  readonly at: number;
}

const DEFAULTS = { pageSize: 50, finishSeconds: 60 } as const;
const LIST_LIMIT = 500;
const AGAIN_MILLISECONDS = 1_000;

export async function cleanOnce(
  kube: Kube,
  reaper: Reaper,
  clock: Clock,
  log: Log,
  options: OnceOptions,
  signal?: AbortSignal,
): Promise<Summary> {
  const { namespaces, pageSize, finishSeconds } = { ...DEFAULTS, ...options };
  let failed = 0;
  const due: Due[] = [];
  for (const namespace of namespaces) {
    try {
      due.push(...(await listDue(kube, reaper, namespace, clock)));
      const claims = await new HostClaims(kube, namespace, clock).sweep();
      for (const claim of claims) log({ event: "claim.swept", namespace, claim });
    } catch (error) {
      failed += 1;
      log({ level: "error", event: "namespace.failed", namespace, reason: sentenceOf(error) });
    }
  }
  due.sort((one, other) => one.at - other.at);
  const fates: Fate[] = [];
  for (let start = 0; start < due.length && signal?.aborted !== true; start += pageSize) {
    const page = due.slice(start, start + pageSize);
    fates.push(...(await endPage(reaper, clock, page, finishSeconds, signal)));
  }
  const count = (fate: Fate) => fates.filter((one) => one === fate).length;
  const summary = { ended: count("gone"), pending: count("ending"), failed: failed + count("failed") };
  log({ event: "run.done", ...summary, living: count("living") });
  return summary;
}

/** Those whose time is over, whose end was asked for, or that need something: a few words of each, however many there are. */
async function listDue(kube: Kube, reaper: Reaper, namespace: string, clock: Clock): Promise<Due[]> {
  const due: Due[] = [];
  let from: string | undefined;
  do {
    const query = { limit: LIST_LIMIT, continue: from };
    const page = await ifThere(kube.list<WordPressClone>(CLONE_RESOURCE, namespace, query));
    // KRO serves the kind a while after an apply: until then nobody has any.
    if (page === undefined) return due;
    const { items, metadata } = page;
    for (const clone of items) {
      if (!reaper.isDue(clone) && !isExpired(clone, clock.now())) continue;
      due.push({ namespace, name: clone.metadata.name, at: expiryOf(clone).getTime() });
    }
    from = metadata.continue === "" ? undefined : metadata.continue;
  } while (from !== undefined);
  return due;
}

/** Looks at all of them until each is decided: gone, living, failed, or out of time. */
async function endPage(
  reaper: Reaper,
  clock: Clock,
  page: readonly Due[],
  seconds: number,
  signal?: AbortSignal,
): Promise<Fate[]> {
  const fates = new Map<Due, Fate>(page.map((due) => [due, "ending"]));
  const until = clock.now().getTime() + seconds * 1000;
  for (;;) {
    const open = page.filter((due) => fates.get(due) === "ending");
    await Promise.all(open.map(async (due) => fates.set(due, await reaper.attendNow(due.namespace, due.name))));
    const done = ![...fates.values()].includes("ending");
    if (done || signal?.aborted === true || clock.now().getTime() >= until) return [...fates.values()];
    await clock.sleep(AGAIN_MILLISECONDS, signal).catch(() => undefined);
  }
}
