/** What can go wrong with a clone, in the words of whoever asked for it. Codes stand in docs/errors.md. */
import type { CloneSpec } from "../domain/clone";
import { TTL, ExtensionRefusal } from "../domain/expiry";
import { CodedError } from "../errors";

export class CloneError extends CodedError {
  override readonly name = "CloneError";
}

export const cloneNotFound = (name: string) =>
  new CloneError({
    code: "CLONE_NOT_FOUND",
    path: "clone",
    value: name,
    reason: "there is no such clone; it may have ended",
    remedy: "`npm run clones -- list` shows those that live",
  });

export const cloneEnded = (name: string) =>
  new CloneError({
    code: "CLONE_ENDED",
    path: "clone",
    value: name,
    reason: "its time is over or its end was asked for, and nothing brings it back",
    remedy: "Make a new clone",
  });

export const hostTaken = (customerId: string, holder: string) =>
  new CloneError({
    code: "CLONE_HOST_TAKEN",
    path: "customerId",
    value: customerId,
    reason: `the clone ${holder} has this customer's host`,
    remedy: `Use that one, delete it (npm run clones -- delete ${holder}), or ask for routing: path`,
  });

export const customerInvalid = (customerId: string) =>
  new CloneError({
    code: "CLONE_INVALID",
    path: "customerId",
    value: customerId,
    reason: "it is no DNS label, and so can be no part of a host",
    remedy: "Lower-case letters, digits and hyphens, 40 at most",
  });

export const customerReserved = (customerId: string) =>
  new CloneError({
    code: "CLONE_INVALID",
    path: "customerId",
    value: customerId,
    reason: "that host is the service's own",
    remedy: "Choose another id",
  });

export const databaseContradiction = ({ database, useDedicatedDatabase, warmPod }: Partial<CloneSpec>) =>
  new CloneError({
    code: "CLONE_INVALID",
    path: "database",
    value: { database, useDedicatedDatabase, warmPod },
    reason: "these ask for different databases: a warm pod has a sidecar, the flag means a dedicated one",
    remedy: "Give database alone",
  });

export const cloneRefused = (name: string, sentence: string) =>
  new CloneError({
    code: "CLONE_REFUSED",
    path: "clone",
    value: name,
    reason: `the API server says: ${sentence}`,
    remedy: "Nothing was made. Correct what it names",
  });

export const cloneUncertain = (name: string, cause: unknown, sentence: string) =>
  new CloneError(
    {
      code: "CLONE_UNCERTAIN",
      path: "clone",
      value: name,
      reason: `the API server was asked for it again and again, and gave no answer: ${sentence}`,
      remedy: `If it was made after all, it ends with its TTL; npm run clones -- delete ${name} ends it now. Ask again later`,
    },
    { cause },
  );

export const groupsFull = (groups: number, limit: number) =>
  new CloneError({
    code: "CLONE_GROUPS_FULL",
    path: "albGroup",
    value: `${groups} groups of ${limit}`,
    reason: "every load balancer has all the clones it can take",
    remedy: "Wait until clones end, add a group in the settings, or ask for routing: host",
  });

export const cloneFailed = (name: string, reason: string, rolledBack: boolean) =>
  new CloneError({
    code: "CLONE_FAILED",
    path: "clone",
    value: name,
    reason,
    remedy: `${epitaph(rolledBack)} Remove the reason and ask again`,
  });

export const cloneTooLate = (name: string, seconds: number, reason: string, rolledBack: boolean) =>
  new CloneError({
    code: "CLONE_DEADLINE",
    path: "clone",
    value: name,
    reason: `it was not ready within ${seconds} s: ${reason}`,
    remedy: `${epitaph(rolledBack)} Remove the reason and ask again, with more time if it just needs more`,
  });

export const cloneCancelled = (name: string, rolledBack: boolean) =>
  new CloneError({
    code: "CLONE_CANCELLED",
    path: "clone",
    value: name,
    reason: "whoever asked for it gave up before it was ready",
    remedy: `${epitaph(rolledBack)} Ask again`,
  });

export const cloneLingers = (name: string, seconds: number, finalizers: readonly string[]) =>
  new CloneError({
    code: "CLONE_LINGERS",
    path: "clone",
    value: name,
    reason: `its end was asked for, but after ${seconds} s it still waited for ${finalizers.join(" and ") || "its deletion"}`,
    remedy: "The cleaner goes on with it; `npm run clones -- tree` shows what is left",
  });

export const credentialsMissing = (name: string, secret: string) =>
  new CloneError({
    code: "CLONE_CREDENTIALS",
    path: "clone",
    value: name,
    reason: `it has no readable Secret ${secret === "" ? "yet" : secret}`,
    remedy: "Look at `npm run clones -- tree`, and at the rights of the service account",
  });

const EXTENSION: Readonly<Record<Exclude<ExtensionRefusal, "over">, [reason: string, remedy: string]>> = {
  "not-a-time": ["it is no number of seconds", "Give whole seconds, or 90m, 2h, 1d"],
  "out-of-range": [
    `a clone lives ${TTL.minimum} to ${TTL.maximum} seconds, counted from its creation`,
    "Give a time within these bounds",
  ],
  "not-longer": ["it has at least that much already", "Give more; to end it earlier, delete it"],
};

export function extensionRefused(name: string, ttlSeconds: number, refusal: ExtensionRefusal): CloneError {
  if (refusal === "over") return cloneEnded(name);
  const [reason, remedy] = EXTENSION[refusal];
  return new CloneError({ code: "CLONE_TTL", path: `${name} spec.ttlSeconds`, value: ttlSeconds, reason, remedy });
}

export function lifeInvalid(ttlSeconds: number): CloneError {
  const [reason, remedy] = EXTENSION["out-of-range"];
  return new CloneError({ code: "CLONE_TTL", path: "spec.ttlSeconds", value: ttlSeconds, reason, remedy });
}

export const cloneBusy = (name: string) =>
  new CloneError({
    code: "CLONE_BUSY",
    path: "clone",
    value: name,
    reason: "others changed it each time that we were about to",
    remedy: "Try again",
  });

function epitaph(rolledBack: boolean): string {
  return rolledBack ? "Nothing of it was left." : "It is still being deleted; the cleaner goes on with it.";
}
