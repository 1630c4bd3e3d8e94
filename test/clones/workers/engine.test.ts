import { BeginAgain, StepFailure } from "../../../clones/workers/engine/plan";
import { MigrationError } from "../../../clones/migration/site-migrator";
import { EngineBench } from "./support/engine-bench";

describe("[CLONE-04] a job in a worker's hands", () => {
  let bench: EngineBench;
  beforeEach(async () => (bench = await EngineBench.open()));
  afterEach(() => bench.close());

  const slow = () => new MigrationError("SITE_UNREACHABLE", "it is slow", true);
  const names = ["one", "two", "three"];
  const three = (more: object = {}) => names.map((name) => bench.step(name, name === "two" ? more : {}));

  it("is done step by step, each once, with its progress and message, and its result", async () => {
    bench.worker(three(), { complete: ({ outputOf }) => Promise.resolve({ result: { two: outputOf("two") } }) });
    const id = await bench.submit();
    const job = await bench.over(id);
    expect(bench.did).toEqual(["run one", "run two", "run three"]);
    expect(job).toMatchObject({ status: "completed", progress: 100, attempt: 1, failures: 0, result: { two: {} } });
    const events = await bench.store.jobs.events({ [id]: 0 });
    expect(events.map(({ progress, message }) => [progress, message])).toEqual(
      expect.arrayContaining([
        [0, "Doing one"],
        [25, "Doing two"],
        [50, "Doing three"],
      ]),
    );
    expect(bench.spans).toEqual(["job clone", "step one", "step two", "step three"]);
    expect(bench.measured).toEqual(names.map((name) => [name, "succeeded"]));
  });

  it("gets its secrets opened and leaves sealed ones for its owner; those of the request go with its end", async () => {
    const seen: unknown[] = [];
    const step = bench.step("one", { run: ({ secrets }) => Promise.resolve(void seen.push(secrets)) });
    const secrets = { username: "admin", password: "fresh-password" };
    bench.worker([step], { complete: () => Promise.resolve({ result: {}, secrets }) });
    const id = "job-0123456789abcdef01234567";
    await bench.submit({ id, secrets: `${id}/request|{"password":"source-password"}` });
    await bench.over(id);
    expect(seen).toEqual([{ password: "source-password" }]);
    expect(await bench.store.jobs.resultSecrets(id)).toBe(`${id}/result|${JSON.stringify(secrets)}`);
  });

  it("tells its progress within a step, once a second at most, and never goes back", async () => {
    const run = async (context: any) => {
      for (let part = 0; part <= 40; part += 1) {
        context.report(part === 30 ? 0 : part / 40, `part ${part}`);
        await bench.clock.sleep(100, context.signal);
      }
      return undefined;
    };
    bench.worker([bench.step("one", { share: 100, run })]);
    const id = await bench.submit();
    await bench.over(id);
    const events = (await bench.store.jobs.events({ [id]: 0 })).filter(({ message }) => message?.startsWith("part"));
    expect(events.length).toBeGreaterThanOrEqual(3);
    expect(events.length).toBeLessThanOrEqual(5);
    const figures = events.map(({ progress }) => progress);
    expect(figures).toEqual([...figures].sort((a, b) => a - b));
  });

  it("is tried again 60, 120 and 240 seconds after a failure that may pass, and keeps what was done", async () => {
    let times = 0;
    const run = () => ((times += 1) <= 3 ? Promise.reject(slow()) : Promise.resolve(undefined));
    bench.worker(three({ run }));
    const id = await bench.submit();
    const waits: number[] = [];
    for (const seconds of [60, 120, 240]) {
      await bench.advance(1);
      const { status, failures, failure, runAfter } = await bench.job(id);
      expect({ status, failures, failure }).toEqual({
        status: "pending",
        failures: waits.length + 1,
        failure: { code: "SITE_UNREACHABLE", message: "it is slow" },
      });
      waits.push(Math.round((runAfter!.getTime() - bench.clock.now().getTime()) / 1000));
      await bench.advance(seconds);
    }
    expect(waits.map((wait) => Math.ceil(wait / 10) * 10)).toEqual([60, 120, 240]);
    expect(await bench.over(id)).toMatchObject({ status: "completed", failures: 3 });
    expect(bench.did).toEqual(["run one", "run two", "run two", "run two", "run two", "run three"]);
  });

  it("[KRO-12] fails after its last retry, with everything undone, the last step first", async () => {
    bench.worker(three({ run: () => Promise.reject(slow()) }));
    const id = await bench.submit();
    const job = await bench.over(id, 500);
    expect(job).toMatchObject({ status: "failed", failures: 3, failure: { code: "SITE_UNREACHABLE" } });
    expect(bench.did.slice(-3)).toEqual(["run two", "undo two", "undo one"]);
    expect(bench.did.filter((what) => what === "run two")).toHaveLength(4);
  });

  it("[KRO-12] fails at once where trying again is no use, and says why without any secret", async () => {
    const message = "https://bob:s3cr3t-pass@site said s3cr3t-pass, Basic czNjcjN0LXBhc3M=";
    const run = () => Promise.reject(new MigrationError("SITE_REFUSED", message, false));
    bench.worker(three({ run }));
    const id = "job-0123456789abcdef01234567";
    await bench.submit({ id, secrets: `${id}/request|{"password":"s3cr3t-pass"}` });
    const { status, failure, failures } = await bench.over(id);
    expect({ status, failures, code: failure?.code }).toEqual({ status: "failed", failures: 0, code: "SITE_REFUSED" });
    expect(failure?.message).toBe("https://***@site said ***, Basic ***");
    expect(bench.did).toEqual(["run one", "run two", "undo two", "undo one"]);
    expect(JSON.stringify(bench.logs)).not.toContain("s3cr3t-pass");
  });

  it("hides from its owner what nobody foresaw, and tells operators without secrets", async () => {
    const run = () => Promise.reject(new Error("connect 10.0.0.7 with s3cr3t-pass"));
    bench.worker(three({ run }), { retryDelay: () => undefined });
    const id = "job-0123456789abcdef01234567";
    await bench.submit({ id, secrets: `${id}/request|{"password":"s3cr3t-pass"}` });
    const { failure } = await bench.over(id);
    expect(failure?.code).toBe("JOB_STEP");
    expect(failure?.message).not.toContain("10.0.0.7");
    expect(JSON.stringify(bench.logs)).toContain("connect 10.0.0.7 with ***");
  });

  it("undoes before another try what the failure made doubtful, and no more", async () => {
    let times = 0;
    const failure = new StepFailure("CLONE_FAILED", "it broke", true, "two");
    const third = bench.step("three", {
      run: () => ((times += 1) === 1 ? Promise.reject(failure) : Promise.resolve(undefined)),
    });
    bench.worker([bench.step("one"), bench.step("two"), third]);
    await bench.over(await bench.submit(), 80);
    expect(bench.did).toEqual([
      ...["run one", "run two", "run three", "undo three", "undo two"],
      ...["run two", "run three"],
    ]);
  });

  it("goes back to an earlier step at once where a step asks for it, and counts no failure", async () => {
    const first = bench.step("one", {
      run: ({ earlier }) => Promise.resolve({ cold: earlier?.output?.cold === true }),
    });
    const second = bench.step("two", {
      run: ({ outputOf }) =>
        outputOf("one")?.cold === true
          ? Promise.resolve(undefined)
          : Promise.reject(new BeginAgain("one", { cold: true }, "the pod broke")),
    });
    bench.worker([first, second]);
    const job = await bench.over(await bench.submit());
    expect(job).toMatchObject({ status: "completed", failures: 0, attempt: 1 });
    expect(bench.did).toEqual(["run one", "run two", "undo two", "undo one", "run one", "run two"]);
  });

  it("does anew what an earlier attempt did and is no more there", async () => {
    let there = false;
    let times = 0;
    const first = bench.step("one", {
      run: () => {
        there = true;
        return Promise.resolve({});
      },
      stands: () => Promise.resolve(there),
    });
    const run = () => ((times += 1) === 1 ? Promise.reject(slow()) : Promise.resolve(undefined));
    bench.worker([first, bench.step("two", { run })]);
    const id = await bench.submit();
    await bench.advance(2);
    there = false;
    await bench.over(id, 80);
    expect(bench.did).toEqual(["run one", "run two", "undo two", "undo one", "run one", "run two"]);
  });
});
