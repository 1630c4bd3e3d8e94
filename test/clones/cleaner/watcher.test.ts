import type { WordPressClone } from "../../../clones/domain/clone";
import { isEnding } from "../../../clones/domain/clone";
import type { Fate } from "../../../clones/cleaner/reaper";
import { CleanerWatch } from "../../../clones/cleaner/watcher";
import type { CloneEvent } from "../../../clones/provisioner/watch";
import { FakeClock, settle } from "../fake-clock";
import { cloneObject } from "../objects";

const START = "2026-02-05T14:30:22Z";
const living = (name: string, ttlSeconds: number) => cloneObject(name, { spec: { ttlSeconds } });
const ending = (name: string) => cloneObject(name, { metadata: { deletionTimestamp: START } });

function watch(fates: Readonly<Record<string, Fate[]>> = {}, needy: readonly string[] = []) {
  const clock = new FakeClock(START);
  const attended: string[] = [];
  const needs = new Set(needy);
  const attendNow = (_: string, name: string) => {
    const seconds = (clock.now().getTime() - Date.parse(START)) / 1000;
    attended.push(`${name} ${seconds}`);
    const fate = fates[name]?.shift() ?? "gone";
    if (fate === "living") needs.delete(name);
    return Promise.resolve(fate);
  };
  const queue: CloneEvent[] = [];
  let wake: () => void = () => undefined;
  let over = false;
  async function* events(): AsyncGenerator<CloneEvent> {
    while (!over) {
      yield* queue.splice(0);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const isDue = (clone: WordPressClone) => isEnding(clone) || needs.has(clone.metadata.name);
  const running = new CleanerWatch({ attendNow, isDue }, clock).run(events(), new AbortController().signal);
  const say = async (event: CloneEvent) => {
    await settle();
    queue.push(event);
    wake();
    await settle();
  };
  const end = async () => {
    over = true;
    wake();
    await running;
  };
  return { clock, attended, say, end };
}

const all = (...clones: WordPressClone[]): CloneEvent => ({ type: "all", clones });
const changed = (clone: WordPressClone): CloneEvent => ({ type: "changed", clone });

describe("[KRO-03] the cleaner that watches", () => {
  it("looks at each clone on the second of its end, and at none before", async () => {
    const { clock, attended, say, end } = watch();
    await say(all(living("late", 300), living("soon", 100)));
    await clock.step(99_999);
    expect(attended).toEqual([]);
    await clock.step(300_000);
    expect(attended).toEqual(["soon 100", "late 300"]);
    await end();
  });

  it("[KRO-04] keeps to a new end, later or earlier", async () => {
    const { clock, attended, say, end } = watch();
    await say(all(living("a", 100)));
    await say(changed(living("a", 200)));
    await clock.step(150_000);
    expect(attended).toEqual([]);
    await say(changed(living("a", 160)));
    await clock.step(100_000);
    expect(attended).toEqual(["a 160"]);
    await end();
  });

  it("goes on with clones whose end was asked for, at once and again, ever more patiently", async () => {
    const { clock, attended, say, end } = watch({ a: ["ending", "failed", "ending"] });
    await say(all(ending("a")));
    await clock.step(10_000);
    expect(attended).toEqual(["a 0", "a 0.5", "a 1.5", "a 3.5"]);
    await end();
  });

  it("[KRO-07] gives a clone at once what it needs, again until it has it, and then leaves it alone until its end", async () => {
    const { clock, attended, say, end } = watch({ a: ["failed", "living"] }, ["a"]);
    await say(all(living("a", 100)));
    await clock.step(99_000);
    expect(attended).toEqual(["a 0", "a 0.5"]);
    await clock.step(1_000);
    expect(attended).toEqual(["a 0", "a 0.5", "a 100"]);
    await end();
  });

  it("waits half a minute at most between its looks", async () => {
    const { clock, attended, say, end } = watch({ a: Array.from({ length: 30 }, () => "failed" as const) });
    await say(all(ending("a")));
    await clock.step(200_000);
    const before = attended.length;
    await clock.step(60_000);
    expect(attended.length - before).toBe(2);
    await end();
  });

  it("forgets clones that have gone, and those that a new list no more has", async () => {
    const { clock, attended, say, end } = watch();
    await say(all(living("a", 100), living("b", 100), living("c", 100)));
    await say({ type: "gone", clone: living("a", 100) });
    await say(all(living("c", 100)));
    await clock.step(200_000);
    expect(attended).toEqual(["c 100"]);
    await end();
  });
});
