import type { WordPressClone } from "../../../clones/domain/clone";
import { expiresAt, expiryOf, isExpired, refuseExtension, TTL } from "../../../clones/domain/expiry";

const CREATED = "2026-02-05T14:30:22Z";
const at = (seconds: number) => new Date(new Date(CREATED).getTime() + seconds * 1000);

function clone(ttlSeconds?: number, deletionTimestamp?: string): WordPressClone {
  const metadata = { name: "a", namespace: "b", uid: "c", resourceVersion: "1", generation: 1 };
  return {
    apiVersion: "clones.betaweb.ai/v1alpha1",
    kind: "WordPressClone",
    metadata: { ...metadata, creationTimestamp: CREATED, ...(deletionTimestamp && { deletionTimestamp }) },
    spec: { customerId: "acme", ...(ttlSeconds !== undefined && { ttlSeconds }) },
  };
}

describe("[KRO-03] the end of a clone", () => {
  it("is its creation and its time to live", () => {
    expect(expiresAt(new Date(CREATED), 3600).toISOString()).toBe("2026-02-05T15:30:22.000Z");
  });

  it("[CLONE-08] comes after half an hour, if nobody said anything", () => {
    expect(expiryOf(clone())).toEqual(at(1800));
  });

  it("comes on the very second, and not before", () => {
    expect(isExpired(clone(100), new Date(at(100).getTime() - 1))).toBe(false);
    expect(isExpired(clone(100), at(100))).toBe(true);
  });
});

describe("[KRO-04] an extension", () => {
  it.each([
    ["is granted before the end", 200, at(99), undefined],
    ["is refused at the end", 200, at(100), "over"],
    ["is refused if it isn't one", 100, at(50), "not-longer"],
    ["is refused above a week", TTL.maximum + 1, at(50), "out-of-range"],
    ["is refused below a minute", TTL.minimum - 1, at(50), "out-of-range"],
    ["is refused for half a second", 200.5, at(50), "not-a-time"],
    ["is refused for no number", Number.NaN, at(50), "not-a-time"],
  ])("%s", (_, ttl, now, refusal) => {
    expect(refuseExtension(clone(100), ttl, now)).toBe(refusal);
  });

  it("is refused for a clone that is being deleted, whatever time it had left", () => {
    expect(refuseExtension(clone(100, CREATED), 200, at(1))).toBe("over");
  });
});
