import {
  countByStatus,
  planPool,
  POOL_DEFAULTS,
  PoolPod,
  PoolSettings,
  Situation,
} from "../../../clones/warm-pool/plan";
import { Refusals } from "../../../clones/warm-pool/refusals";
import { FakeClock } from "../fake-clock";

const NOW = new Date("2026-02-05T15:00:00Z");
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

/** A free pod of an hour ago. */
function pod(name: string, more: Partial<PoolPod> = {}): PoolPod {
  const base = { uid: `uid-${name}`, resourceVersion: "1", status: "ready", phase: "Running", ready: true } as const;
  return { name, ...base, createdAt: ago(3600), readyChangedAt: ago(3500), ending: false, ...more };
}

function plan(pods: readonly PoolPod[], settings: Partial<PoolSettings> = {}, more: Partial<Situation> = {}) {
  const situation = { pods, named: new Set<string>(), me: "me", now: NOW, ...more };
  const { create, remove, promote, reset } = planPool(situation, { ...POOL_DEFAULTS, ...settings });
  return {
    create,
    remove: remove.map(({ pod: { name }, reason }) => `${name}: ${reason}`),
    promote: promote.map(({ name }) => name),
    reset: reset.map(({ name }) => name),
  };
}

const NOTHING = { create: 0, remove: [], promote: [], reset: [] };

describe("the plan of the warm pool", () => {
  it("[WARM-03] makes as many as are missing, and counts those that are on their way", () => {
    expect(plan([])).toEqual({ ...NOTHING, create: 1 });
    expect(plan([], { min: 2 })).toEqual({ ...NOTHING, create: 2 });
    const coming = pod("a", { status: "creating", ready: false, createdAt: ago(10) });
    expect(plan([coming], { min: 2 })).toEqual({ ...NOTHING, create: 1 });
    expect(plan([coming, pod("b")], { min: 2 })).toEqual(NOTHING);
  });

  it("[WARM-03] never counts pods that are ending, claimed, serving or being reset", () => {
    const others = [
      pod("a", { ending: true }),
      pod("b", { status: "assigned", assignedAt: ago(5) }),
      pod("c", { status: "serving", assignedAt: ago(5) }),
      pod("d", { status: "resetting", resetBy: "me" }),
      pod("e", { ready: false, readyChangedAt: ago(5) }),
    ];
    expect(plan(others, { reuse: true })).toEqual({ ...NOTHING, create: 1 });
  });

  it("[WARM-03] deletes the oldest of those that are too many", () => {
    const pods = [
      pod("young", { createdAt: ago(10) }),
      pod("old", { createdAt: ago(30) }),
      pod("mid", { createdAt: ago(20) }),
    ];
    expect(plan(pods).remove).toEqual(["old: surplus"]);
    expect(plan(pods, { max: 1 }).remove).toEqual(["old: surplus", "mid: surplus"]);
  });

  it("[WARM-03] deletes a pod that isn't ready after five minutes, and not before, and one that lost its readiness", () => {
    const coming = (seconds: number) => pod("slow", { status: "creating", ready: false, createdAt: ago(seconds) });
    expect(plan([coming(299)])).toEqual(NOTHING);
    expect(plan([coming(300)])).toEqual({ ...NOTHING, create: 1, remove: ["slow: never got ready"] });
    const lost = (seconds: number) => pod("lost", { ready: false, readyChangedAt: ago(seconds) });
    expect(plan([lost(299)]).remove).toEqual([]);
    expect(plan([lost(300)]).remove).toEqual(["lost: no longer ready"]);
    expect(plan([pod("dead", { phase: "Failed", ready: false })]).remove).toEqual(["dead: ended by itself"]);
  });

  it("[WARM-04] makes a pod free when it has got ready, even late", () => {
    expect(plan([pod("a", { status: "creating" })])).toEqual({ ...NOTHING, promote: ["a"] });
  });

  it("[WARM-04] takes a pod back whose job is gone, unless a clone names it, and never one that has its time", () => {
    const claimed = (seconds: number) => [pod("free"), pod("mine", { status: "assigned", assignedAt: ago(seconds) })];
    expect(plan(claimed(899))).toEqual(NOTHING);
    expect(plan(claimed(900)).remove).toEqual(["mine: its job is gone"]);
    expect(plan(claimed(900), { reuse: true })).toEqual({ ...NOTHING, reset: ["mine"] });
    expect(plan(claimed(900), {}, { named: new Set(["mine"]) })).toEqual(NOTHING);
    const served = [pod("free"), pod("served", { status: "serving", assignedAt: ago(1800) })];
    expect(plan(served, {}, { named: new Set(["served"]) })).toEqual(NOTHING);
    expect(plan(served).remove).toEqual(["served: its clone is gone"]);
    // Without a time it counts from its creation: a pod that somebody labelled by hand goes, too.
    expect(plan([pod("free"), pod("odd", { status: "assigned" })]).remove).toEqual(["odd: its job is gone"]);
  });

  it("[WARM-05] resets what came back, where pods are used again, and else deletes it", () => {
    const back = [pod("free"), pod("back", { status: "resetting" })];
    expect(plan(back, { reuse: true })).toEqual({ ...NOTHING, reset: ["back"] });
    expect(plan(back).remove).toEqual(["back: used"]);
    const dead = [pod("free"), pod("back", { status: "resetting", phase: "Failed" })];
    expect(plan(dead, { reuse: true }).remove).toEqual(["back: ended by itself"]);
  });

  it("[WARM-05] deletes a pod whose reset another controller began, and lets its own go on", () => {
    const resetting = (resetBy: string) => [pod("free"), pod("half", { status: "resetting", resetBy })];
    expect(plan(resetting("dead"), { reuse: true }).remove).toEqual(["half: its reset was cut off"]);
    expect(plan(resetting("me"), { reuse: true })).toEqual(NOTHING);
  });

  it("[WARM-05] deletes a pod in a state that it doesn't know", () => {
    expect(plan([pod("free"), pod("odd", { status: undefined })]).remove).toEqual(["odd: in no known state"]);
  });

  it("counts every state for metrics, also those that no pod is in", () => {
    const pods = [
      pod("a"),
      pod("b"),
      pod("c", { status: "serving" }),
      pod("d", { ending: true }),
      pod("e", { status: undefined }),
    ];
    expect(countByStatus(pods)).toEqual({ creating: 0, ready: 2, assigned: 0, serving: 1, resetting: 0 });
  });
});

describe("creations that the server refuses", () => {
  it("[WARM-03] are tried more and more seldom, and are news once", async () => {
    const clock = new FakeClock("2026-02-05T15:00:00Z");
    const refusals = new Refusals(clock);
    const pauses: number[] = [];
    const news: boolean[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      news.push(refusals.add(`exceeded quota, used ${attempt}`));
      const begin = clock.now().getTime();
      while (refusals.holds) await clock.step(1000);
      pauses.push((clock.now().getTime() - begin) / 1000);
    }
    expect(pauses).toEqual([30, 60, 120, 240, 300, 300]);
    expect(news).toEqual([true, false, false, false, false, false]);
    expect([refusals.clear(), refusals.clear(), refusals.add("again")]).toEqual([true, false, true]);
  });
});
