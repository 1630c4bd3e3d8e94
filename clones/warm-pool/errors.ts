/** What can go wrong with a warm pod. Codes stand in docs/errors.md. */
import { CodedError } from "../errors";

export class WarmPodError extends CodedError {
  override readonly name = "WarmPodError";
}

/** Findings that are told: enough to see what kind they are of. */
const MOST_FINDINGS = 5;

export const commandFailed = (pod: string, what: string, reason: string) =>
  new WarmPodError({
    code: "WARM_POD_COMMAND",
    path: `${pod} ${what}`,
    value: "no success",
    reason,
    remedy: "The pod is deleted, and the pool makes another one; the image must have what the command calls",
  });

export const unproven = (pod: string, findings: readonly string[]) =>
  new WarmPodError({
    code: "WARM_POD_UNPROVEN",
    path: pod,
    value: findings.slice(0, MOST_FINDINGS),
    reason: "after its reset something is there that isn't the image's, or something is missing",
    remedy: "The pod is deleted, and the pool makes another one",
  });

export const podTaken = (pod: string, jobId: string) =>
  new WarmPodError({
    code: "WARM_POD_TAKEN",
    path: pod,
    value: jobId,
    reason: "the pool took the pod back, or gave it to another job",
    remedy: "Claim another one",
  });

export const notServing = (pod: string, reason: string) =>
  new WarmPodError({
    code: "WARM_POD_CLOSED",
    path: pod,
    value: "not opened",
    reason,
    remedy: "Try again; a clone that has ended has to be made anew",
  });
