import { MigrationError } from "../../../clones/migration/site-migrator";
import { settle } from "../fake-clock";
import { EngineBench } from "./support/engine-bench";

describe("a job", () => {
  let bench: EngineBench;
  beforeEach(async () => (bench = await EngineBench.open()));
  afterEach(() => bench.close());

  const slow = () => new MigrationError("SITE_UNREACHABLE", "it is slow", true);
  const names = ["one", "two", "three"];
  const three = (more: object = {}) => names.map((name) => bench.step(name, name === "two" ? more : {}));

  describe("that its owner gives up", () => {
    it("hears of it within seconds, stops, and takes back what it did", async () => {
      bench.worker(three({ run: bench.sleep(1000) }));
      const id = await bench.submit();
      await bench.advance(1);
      await bench.store.jobs.requestCancel(id);
      const asked = bench.clock.now().getTime();
      expect((await bench.over(id)).status).toBe("cancelled");
      expect(bench.clock.now().getTime() - asked).toBeLessThan(3_000);
      expect(bench.did).toEqual(["run one", "run two", "undo two", "undo one"]);
    });

    it("is taken back between two tries too", async () => {
      bench.worker(three({ run: () => Promise.reject(slow()) }));
      const id = await bench.submit();
      await bench.advance(1);
      await bench.store.jobs.requestCancel(id);
      expect((await bench.over(id, 15)).status).toBe("cancelled");
      expect(bench.did).toEqual(["run one", "run two", "undo two", "undo one"]);
    });

    it("is taken back even if its last step ends at that moment", async () => {
      const last = bench.step("three", {
        run: async ({ job }) => {
          await bench.store.jobs.requestCancel(job.id);
          return undefined;
        },
      });
      bench.worker([bench.step("one"), last]);
      const job = await bench.over(await bench.submit());
      expect(job.status).toBe("cancelled");
      expect(bench.did).toEqual(["run one", "run three", "undo three", "undo one"]);
    });
  });

  describe("[KRO-12] that can't be taken back", () => {
    const failing = (times: number) => {
      let left = times;
      return () => ((left -= 1) >= 0 ? Promise.reject(new Error("the API server is away")) : Promise.resolve());
    };

    it("is tried again for two minutes", async () => {
      const first = bench.step("one", { undo: failing(5) });
      bench.worker([
        first,
        bench.step("two", { run: () => Promise.reject(new MigrationError("SITE_REFUSED", "no", false)) }),
      ]);
      const job = await bench.over(await bench.submit(), 130);
      expect(job.failure).toEqual({ code: "SITE_REFUSED", message: "no" });
      expect(bench.did.filter((what) => what === "undo one")).toHaveLength(6);
    });

    it("fails with what is left, and still undoes the rest", async () => {
      const second = bench.step("two", { undo: failing(1000) });
      const third = bench.step("three", { run: () => Promise.reject(new MigrationError("SITE_REFUSED", "no", false)) });
      bench.worker([bench.step("one"), second, third]);
      const { status, failure } = await bench.over(await bench.submit(), 130);
      expect(status).toBe("failed");
      expect(failure?.code).toBe("JOB_UNDO");
      expect(failure?.message).toMatch(/^JOB_UNDO two: got .*had failed: no/);
      expect(bench.did.at(-1)).toBe("undo one");
    });

    it("is gone on with by another worker, which does not do its steps anew", async () => {
      const steps = [
        bench.step("one", { undo: failing(2) }),
        bench.step("two", { run: () => Promise.reject(new MigrationError("SITE_REFUSED", "no", false)) }),
      ];
      const first = bench.worker(steps, { undoPauses: [20, 20] });
      const id = await bench.submit();
      await bench.advance(1);
      await Promise.all([first.stop(0), bench.advance(1)]);
      expect((await bench.job(id)).status).toBe("pending");
      bench.worker(steps);
      expect((await bench.over(id, 20)).failure?.code).toBe("SITE_REFUSED");
      expect(bench.did).toEqual(["run one", "run two", "undo two", "undo one", "undo one", "undo one"]);
    });
  });

  describe("[CLONE-14] of a worker that ends", () => {
    it("is finished within the grace", async () => {
      const worker = bench.worker(three({ run: bench.sleep(3) }));
      const id = await bench.submit();
      await bench.advance(1);
      await Promise.all([worker.stop(10), bench.advance(4)]);
      expect((await bench.job(id)).status).toBe("completed");
    });

    it("is handed back after it, counts no failure, and goes on at once where it was", async () => {
      const worker = bench.worker(three({ run: bench.sleep(8) }));
      const id = await bench.submit();
      await bench.advance(1);
      await Promise.all([worker.stop(3), bench.advance(4)]);
      expect(await bench.job(id)).toMatchObject({ status: "pending", failures: 0, attempt: 1 });
      bench.worker(three());
      await bench.advance(1);
      expect(await bench.job(id)).toMatchObject({ status: "completed", failures: 0, attempt: 2 });
      expect(bench.did).toEqual(["run one", "run two", "run two", "run three"]);
    });

    it("is another's within 45 seconds if it was killed, from the step on that it was in", async () => {
      const id = await bench.submit();
      const { hold } = (await bench.store.jobs.claim(id, "dead"))!;
      await bench.store.jobs.saveStep(hold, "one", { state: "done", output: { kept: 1 } });
      await bench.store.jobs.saveStep(hold, "two", { state: "begun" });
      bench.worker(three(), { complete: ({ outputOf }) => Promise.resolve({ result: { one: outputOf("one") } }) });
      const job = await bench.over(id, 45);
      expect(job).toMatchObject({ status: "completed", attempt: 2, result: { one: { kept: 1 } } });
      expect(bench.did).toEqual(["run two", "run three"]);
    });

    it("is ended if it has cost as many workers as no sound job would", async () => {
      const id = await bench.submit();
      for (let time = 0; time < 3; time += 1) {
        const { hold } = (await bench.store.jobs.claim(id, `dead-${time}`))!;
        await bench.store.jobs.saveStep(hold, "one", { state: "begun" });
        await bench.advance(31);
      }
      bench.worker(three(), { attempts: 3 });
      expect((await bench.over(id, 15)).failure?.code).toBe("JOB_ATTEMPTS");
      expect(bench.did).toEqual(["undo one"]);
    });
  });

  describe("[CLONE-14] while the store is away", () => {
    it("goes on, and writes down afterwards what it did: nothing is done twice", async () => {
      bench.worker(three({ run: bench.sleep(5) }));
      const id = await bench.submit();
      await bench.advance(2);
      bench.storeIsAway = true;
      await bench.advance(20);
      expect(bench.did).toEqual(["run one", "run two"]);
      bench.storeIsAway = false;
      expect(await bench.over(id)).toMatchObject({ status: "completed", attempt: 1 });
      expect(bench.did).toEqual(["run one", "run two", "run three"]);
    });

    it("is let go of when others may have it, and touched no more", async () => {
      bench.worker(three({ run: bench.sleep(1000) }));
      const id = await bench.submit();
      await bench.advance(2);
      bench.storeIsAway = true;
      await bench.advance(31);
      expect(bench.logs.map(({ event }) => event)).toContain("job.lost");
      expect(bench.did).toEqual(["run one", "run two"]);
      bench.storeIsAway = false;
      await bench.advance(12);
      expect(await bench.job(id)).toMatchObject({ status: "running", attempt: 2 });
      expect(bench.did).toEqual(["run one", "run two", "run two"]);
    });
  });

  it("[CLONE-14] is let go of as soon as somebody else has it", async () => {
    let signal: AbortSignal | undefined;
    const run = async (context: any) => {
      signal = context.signal;
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      return undefined;
    };
    bench.worker(three({ run }), { heartbeatSeconds: 40, leaseSeconds: 100 });
    const id = await bench.submit();
    await bench.advance(35);
    await bench.store.jobs.claim(id, "thief");
    await bench.advance(10);
    await settle();
    expect(signal?.aborted).toBe(true);
    expect(bench.did).toEqual(["run one", "run two"]);
    expect((await bench.job(id)).attempt).toBe(2);
  });
});
