/** When clones end, and how long they may be made to live. All of it follows from creation and spec, never from status. */
import { isEnding, WordPressClone } from "./clone";

/** Seconds. The admission policy has the same lower bound; the upper one is the stack's own, and never above this. */
export const TTL = { minimum: 60, maximum: 604_800, default: 1800 } as const;

/** What decides the end. */
export type Mortal = Pick<WordPressClone, "metadata" | "spec">;

export function expiresAt(creation: Date, ttlSeconds: number): Date {
  return new Date(creation.getTime() + ttlSeconds * 1000);
}

export function expiryOf({ metadata, spec }: Mortal): Date {
  return expiresAt(new Date(metadata.creationTimestamp), spec.ttlSeconds ?? TTL.default);
}

/** Whether its time is over: it is at the very second that its status shows. */
export function isExpired(clone: Mortal, now: Date): boolean {
  return now.getTime() >= expiryOf(clone).getTime();
}

/** Whether any clone may live so long. */
export function isLife(ttlSeconds: number): boolean {
  return ttlSeconds >= TTL.minimum && ttlSeconds <= TTL.maximum;
}

/** Why a new life is refused. */
export type ExtensionRefusal = "not-a-time" | "out-of-range" | "not-longer" | "over";

/**
 * Whether a clone may live `ttlSeconds` from its creation on.
 *
 * @returns nothing if it may
 */
export function refuseExtension(clone: WordPressClone, ttlSeconds: number, now: Date): ExtensionRefusal | undefined {
  if (!Number.isInteger(ttlSeconds)) return "not-a-time";
  if (!isLife(ttlSeconds)) return "out-of-range";
  if (isEnding(clone) || isExpired(clone, now)) return "over";
  if (ttlSeconds <= (clone.spec.ttlSeconds ?? TTL.default)) return "not-longer";
  return undefined;
}
