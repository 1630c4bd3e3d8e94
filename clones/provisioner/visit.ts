import type { WordPressClone } from "../domain/clone";
import type { Clock } from "./clock";
import type { Kube } from "./kube";
import { watchClones } from "./watch";

export interface VisitLimits {
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

/** Looks at a clone as it is now; `undefined` once it has gone. Says whether that is what was waited for. */
type Look = (clone: WordPressClone | undefined, signal: AbortSignal) => boolean | Promise<boolean>;

/**
 * Looks at one clone each time it changes, until the look is content.
 *
 * @param which another clone of the same name is not it: it counts as gone
 * @returns `late` if time ran out, `cancelled` if the signal aborted
 */
export async function visitClone(
  kube: Kube,
  which: { readonly namespace: string; readonly name: string; readonly uid: string },
  clock: Clock,
  { seconds, signal }: VisitLimits,
  look: Look,
): Promise<"ready" | "late" | "cancelled"> {
  const end = new AbortController();
  const all = signal === undefined ? end.signal : AbortSignal.any([end.signal, signal]);
  clock.sleep(seconds * 1000, end.signal).then(
    () => end.abort(),
    () => undefined,
  );
  try {
    for await (const event of watchClones(kube, which, clock, all)) {
      const clones = event.type === "all" ? event.clones : event.type === "changed" ? [event.clone] : [];
      const clone = clones.find(({ metadata }) => metadata.uid === which.uid);
      if (await look(clone, all)) return "ready";
    }
    return signal?.aborted === true ? "cancelled" : "late";
  } catch (error) {
    if (!all.aborted) throw error;
    return signal?.aborted === true ? "cancelled" : "late";
  } finally {
    end.abort();
  }
}
