import { UsageError } from "../../../constructs/shared/cli";
import { JobsLine, runJobs } from "../../../clones/cli/jobs";
import { newJobId } from "../../../clones/domain/job-id";
import type { Job } from "../../../clones/domain/job";
import { openStore, Store } from "../../../clones/store/open";

describe("[CLONE-15] clones -- jobs", () => {
  let store: Store;
  let seed = 0;
  const queued: string[] = [];
  beforeEach(async () => {
    queued.length = 0;
    store = openStore("sqlite::memory:");
    await store.migrate();
  });
  afterEach(async () => await store.close());

  const make = async (more: object = {}): Promise<Job> => {
    seed += 1;
    const id = newJobId(() => Buffer.alloc(12, seed));
    const request = { source_url: "https://shop.example.com", customer_id: "acme" };
    return (await store.jobs.create({ id, tenantId: "acme", type: "clone", request, ...more })).job;
  };
  const run = async (...words: string[]) => await runLine({ words });
  const runLine = async (line: JobsLine) => {
    let object: any;
    let text = "";
    const show = (what: unknown, tell: () => string) => {
      object = what;
      text = tell();
    };
    const add = (id: string) => Promise.resolve(queued.push(id) > 0);
    const code = await runJobs(line, { jobs: store.jobs, queue: { add }, now: () => new Date(), show });
    return { code, object, text };
  };

  it("lists jobs of every tenant, newest first, and those asked for alone", async () => {
    const first = await make();
    const second = await make({ tenantId: "globex", type: "delete" });
    const all = await run("list");
    expect(all.object.map(({ id }: Job) => id).sort()).toEqual([first.id, second.id].sort());
    expect(all.text).toContain("ID");
    expect((await runLine({ words: ["list"], tenant: "globex" })).object).toHaveLength(1);
    expect((await runLine({ words: ["list"], type: "clone" })).object[0].id).toBe(first.id);
    expect((await runLine({ words: ["list"], status: "failed" })).text).toBe("No jobs.");
  });

  it("shows one with its story", async () => {
    const { id } = await make();
    const claimed = await store.jobs.claim(id, "worker-1");
    await store.jobs.report(claimed!.hold, { progress: 40, message: "Copies tables" });
    const { code, text } = await run("show", id);
    expect(code).toBe(0);
    expect(text).toContain("running");
    expect(text).toContain("Copies tables");
  });

  it("cancels a waiting job at once, tells a running one, and does it twice without harm", async () => {
    const waiting = await make();
    const running = await make();
    await store.jobs.claim(running.id, "worker-1");
    expect((await run("cancel", waiting.id)).text).toBe(`${waiting.id} is cancelled.`);
    expect((await run("cancel", waiting.id)).text).toBe(`${waiting.id} is cancelled.`);
    expect((await run("cancel", running.id)).text).toBe(`${running.id} is told to stop.`);
    expect((await run("list")).text).toContain("cancelling");
  });

  it("makes another job of a failed one, puts that into the queue, and no job of any other", async () => {
    const { id } = await make();
    expect((await run("retry", id)).code).toBe(1);
    const claimed = await store.jobs.claim(id, "worker-1");
    const failure = { code: "MIGRATION_FAILED", message: "The site is away." };
    await store.jobs.finish(claimed!.hold, { status: "failed", failure });
    expect((await run("show", id)).text).toContain("MIGRATION_FAILED: The site is away.");
    const { code, object } = await run("retry", id);
    expect(code).toBe(0);
    expect(object).toMatchObject({ status: "pending" });
    const { id: another } = object as { id: string };
    expect(another).not.toBe(id);
    expect(queued).toEqual([another]);
  });

  it("sweeps what the queue has lost", async () => {
    expect((await run("sweep")).text).toBe("Nothing is missing.");
    const { id } = await make();
    const swept = await run("sweep");
    expect(swept.text).toBe(`Put back: ${id}.`);
    expect(queued).toEqual([id]);
  });

  it.each([["show"], ["grow", "job-0123456789abcdef01234567"], ["list", "more"], []].map((words) => [words]))(
    "doesn't understand %j",
    async (words) => await expect(run(...words)).rejects.toThrow(UsageError),
  );

  it.each([
    [{ words: ["show", "../etc"] }, "id"],
    [{ words: ["list"], status: "lost" }, "status"],
    [{ words: ["list"], limit: "0" }, "limit"],
  ])("refuses %j", async (line, path) => {
    await expect(runLine(line)).rejects.toThrow(`CLONES_ARGUMENT ${path}`);
  });

  it("says so where there is no such job", async () => {
    const id = newJobId(() => Buffer.alloc(12, 255));
    for (const command of ["show", "cancel", "retry"]) {
      const { code, text } = await run(command, id);
      expect(code).toBe(1);
      expect(text).toContain(id);
    }
  });
});
