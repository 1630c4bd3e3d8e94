/** What a queue owes its users, whichever it is. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, JobQueue } from "../../../clones/queue/queue";
import { eventually } from "../../cluster/eventually";

/** @param make a queue that nobody has put anything into */
export function itBehavesAsAQueue(make: () => Promise<JobQueue>): void {
  let queue: JobQueue;
  const consumers: Consumer[] = [];
  const consume = (...args: Parameters<JobQueue["work"]>) => {
    const consumer = queue.work(...args);
    consumers.push(consumer);
    return consumer;
  };
  const until = (what: string, check: () => boolean) =>
    eventually(() => Promise.resolve(check()), { what, timeoutMs: 10_000, intervalMs: 10 });

  beforeEach(async () => (queue = await make()));
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop(0)));
    await queue.close();
  });

  it("[CLONE-04] hands out what came first first", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`);
    for (const id of ids) await queue.add(id);
    const seen: string[] = [];
    consume(
      (id) => {
        seen.push(id);
        return Promise.resolve(undefined);
      },
      { concurrency: 1 },
    );
    await until("all", () => seen.length === ids.length);
    expect(seen).toEqual(ids);
    expect(await queue.depth()).toEqual({ waiting: 0, delayed: 0, active: 0 });
  });

  it("takes an id once, however often it is added while it waits or is worked on, and again when it is done", async () => {
    const wasNew: boolean[] = [];
    for (let time = 0; time < 3; time += 1) wasNew.push(await queue.add("job-a"));
    expect(wasNew).toEqual([true, false, false]);
    expect(await queue.depth()).toEqual({ waiting: 1, delayed: 0, active: 0 });
    const seen: string[] = [];
    let finish: () => void = () => undefined;
    consume(
      async (id) => {
        seen.push(id);
        await new Promise<void>((resolve) => (finish = resolve));
        return undefined;
      },
      { concurrency: 2 },
    );
    await until("the work", () => seen.length === 1);
    expect(await queue.add("job-a")).toBe(false);
    expect(await queue.depth()).toEqual({ waiting: 0, delayed: 0, active: 1 });
    finish();
    await eventually(async () => (await queue.depth()).active === 0, { what: "its end", intervalMs: 10 });
    await queue.add("job-a");
    await until("it anew", () => seen.length === 2);
    finish();
  });

  it("works on as many at once as it is told, and no more", async () => {
    let now = 0;
    let most = 0;
    let done = 0;
    consume(
      async () => {
        most = Math.max(most, (now += 1));
        await sleep(20);
        now -= 1;
        done += 1;
        return undefined;
      },
      { concurrency: 3 },
    );
    for (let index = 0; index < 9; index += 1) await queue.add(`job-${index}`);
    await until("all", () => done === 9);
    expect(most).toBe(3);
  });

  it("hands out an id no earlier than its delay, unless it is added without one", async () => {
    const seen: [id: string, at: number][] = [];
    consume(
      (id) => {
        seen.push([id, Date.now()]);
        return Promise.resolve(undefined);
      },
      { concurrency: 1 },
    );
    const start = Date.now();
    await queue.add("job-soon", 0.4);
    await queue.add("job-late", 60);
    await queue.add("job-late", 30);
    expect(await queue.depth()).toEqual({ waiting: 0, delayed: 2, active: 0 });
    await until("the first", () => seen.length === 1);
    expect(seen[0]![0]).toBe("job-soon");
    expect(seen[0]![1] - start).toBeGreaterThanOrEqual(390);
    await queue.add("job-late");
    await until("the second", () => seen.length === 2);
  });

  it("[CLONE-04] brings an id back after the seconds that its work asks for", async () => {
    const at: number[] = [];
    consume(
      () => {
        at.push(Date.now());
        return Promise.resolve(at.length === 1 ? { afterSeconds: 0.5 } : undefined);
      },
      { concurrency: 1 },
    );
    await queue.add("job-a");
    await until("its return", () => at.length === 2);
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(490);
    await eventually(async () => (await queue.depth()).active === 0, { what: "its end", intervalMs: 10 });
    expect(await queue.depth()).toEqual({ waiting: 0, delayed: 0, active: 0 });
  });

  it("brings an id back whose work threw", async () => {
    let times = 0;
    consume(
      () => {
        times += 1;
        return times < 2 ? Promise.reject(new Error("broken")) : Promise.resolve(undefined);
      },
      { concurrency: 1 },
    );
    await queue.add("job-a");
    await until("the second time", () => times === 2);
  });

  it("lets what is under way end when it stops, and takes nothing more", async () => {
    const seen: string[] = [];
    const ended: string[] = [];
    const consumer = consume(
      async (id, signal) => {
        seen.push(id);
        await sleep(200);
        ended.push(`${id} ${signal.aborted ? "aborted" : "in peace"}`);
        return undefined;
      },
      { concurrency: 1 },
    );
    await queue.add("job-a");
    await queue.add("job-b");
    await until("the first", () => seen.length === 1);
    await consumer.stop(10);
    expect(ended).toEqual(["job-a in peace"]);
    await sleep(100);
    expect(seen).toEqual(["job-a"]);
    expect(await queue.depth()).toEqual({ waiting: 1, delayed: 0, active: 0 });
  });

  it("tells what is under way when the grace is over; handed back, it is the next one's first", async () => {
    let begun = 0;
    const consumer = consume(
      async (_, signal) => {
        begun += 1;
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        return { afterSeconds: 0 };
      },
      { concurrency: 1 },
    );
    await queue.add("job-a");
    await queue.add("job-b");
    await until("the work", () => begun === 1);
    await consumer.stop(0.2);
    const seen: string[] = [];
    consume(
      (id) => {
        seen.push(id);
        return Promise.resolve(undefined);
      },
      { concurrency: 1 },
    );
    await until("both", () => seen.length === 2);
    expect(seen).toEqual(["job-a", "job-b"]);
  });
}
