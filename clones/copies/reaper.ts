/** Ends copies whose time is over, and takes the objects of those away of which nothing else is left. */
import { COPY_RESOURCE } from "../../constructs/contract";
import type { Log } from "../cleaner/log";
import { isCopyEnding, isCopyExpired, isRemoved, OdooCopy, reasonOf } from "../domain/tenant-copy";
import type { Clock } from "../provisioner/clock";
import { ifThere, Kube, sentenceOf, statusOf } from "../provisioner/kube";

export interface CopiesSummary {
  /** Whose removal was asked for now. */
  readonly expired: number;
  /** Of which nothing is left. */
  readonly removed: number;
  /** Those whose removal failed, and what else went wrong. */
  readonly failed: number;
}

/** One look at all of them. What takes longer is the next run's. Never throws. */
export async function reapCopies(kube: Kube, namespace: string, clock: Clock, log: Log): Promise<CopiesSummary> {
  const counts = { expired: 0, removed: 0, failed: 0 };
  const fail = (event: string, fields: object) => {
    counts.failed += 1;
    log({ level: "error", event, namespace, ...fields });
  };
  try {
    // KRO serves the kind a while after an apply: until then nobody has any.
    const found = await ifThere(kube.list<OdooCopy>(COPY_RESOURCE, namespace));
    for (const copy of found?.items ?? []) {
      const { name } = copy.metadata;
      try {
        const deed = await attend(kube, namespace, copy, clock.now());
        if (deed === "stuck") fail("copy.stuck", { copy: name, reason: reasonOf(copy) });
        else if (deed !== "left") {
          counts[deed] += 1;
          log({ event: `copy.${deed}`, copy: name, namespace });
        }
      } catch (error) {
        fail("copy.failed", { copy: name, reason: sentenceOf(error) });
      }
    }
  } catch (error) {
    fail("namespace.failed", { reason: sentenceOf(error) });
  }
  return counts;
}

type Deed = "expired" | "removed" | "stuck" | "left";

async function attend(kube: Kube, namespace: string, copy: OdooCopy, now: Date): Promise<Deed> {
  const { name, uid, resourceVersion, deletionTimestamp } = copy.metadata;
  if (deletionTimestamp !== undefined) return "left";
  if (isRemoved(copy)) {
    await kube.delete(COPY_RESOURCE, namespace, name, { uid });
    return "removed";
  }
  if (isCopyEnding(copy)) return copy.status?.phase === "RemoveFailed" ? "stuck" : "left";
  if (!isCopyExpired(copy, now)) return "left";
  try {
    // Only as we saw it: a life that was extended meanwhile is another version, and wins.
    await kube.merge(COPY_RESOURCE, namespace, name, { metadata: { resourceVersion }, spec: { ended: true } });
    return "expired";
  } catch (error) {
    if (statusOf(error) === 409 || statusOf(error) === 404) return "left";
    throw error;
  }
}
