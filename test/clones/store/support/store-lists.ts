/** What is told of jobs. */
import { benchOf, OUTCOMES, StoreUnderTest } from "./store-bench";

export function listBehaviour(open: () => StoreUnderTest): void {
  const { store, jobs, sql, create, claimed, rows } = benchOf(open);

  describe("events", () => {
    it("[CLONE-04] count from 1 without a gap, whoever writes at once", async () => {
      const { hold } = await claimed();
      const reports = Array.from({ length: 25 }, (_, number) =>
        jobs().report(hold, { progress: number * 4, message: `Step ${number}` }),
      );
      await Promise.all([...reports, jobs().requestCancel(hold.jobId)]);
      await jobs().finish(hold, OUTCOMES.cancelled);
      const told = await jobs().events({ [hold.jobId]: 0 });
      expect(told.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 29 }, (_, index) => index + 1));
      expect(told.at(-1)!.status).toBe("cancelled");
    });

    it("go on after the last that was seen, of many jobs, a page at a time", async () => {
      const holds = [await claimed(), await claimed()];
      for (const { hold } of holds) await jobs().report(hold, { progress: 10.4, message: "One" });
      const [one, two] = holds.map(({ hold }) => hold.jobId) as [string, string];
      const told = await jobs().events({ [one]: 2, [two]: 1 });
      expect(told.map(({ jobId, sequence }) => [jobId, sequence])).toEqual([
        [two, 2],
        [one, 3],
        [two, 3],
      ]);
      expect(told.at(-1)).toMatchObject({ progress: 10, message: "One", status: "running" });
      const unseen = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`job-${index}`, 0]));
      const page = await jobs().events({ ...unseen, [one]: 1, [two]: 1 }, 3);
      expect(page.map(({ jobId, sequence }) => [jobId, sequence])).toEqual([
        [one, 2],
        [two, 2],
        [one, 3],
      ]);
      expect(await jobs().events({})).toEqual([]);
    });
  });

  describe("lists", () => {
    it("[CLONE-03] give every job once, newest first, page by page, while new ones come", async () => {
      const made: string[] = [];
      for (let index = 0; index < 7; index += 1) made.unshift((await create({ tenantId: "pages" })).id);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await jobs().list({ tenantId: "pages", limit: 3, cursor });
        seen.push(...page.jobs.map(({ id }) => id));
        cursor = page.cursor;
        await create({ tenantId: "pages" });
      } while (cursor !== undefined);
      expect(seen).toEqual(made);
    });

    it("hold what was asked for alone", async () => {
      const { job } = await claimed({ tenantId: "filters", cloneId: "clone-9", type: "restore" });
      await create({ tenantId: "filters" });
      const ids = async (query: object) =>
        (await jobs().list({ tenantId: "filters", ...query })).jobs.map(({ id }) => id);
      expect(await ids({})).toHaveLength(2);
      for (const query of [{ status: "running" }, { type: "restore" }, { cloneId: "clone-9" }]) {
        expect(await ids(query)).toEqual([job.id]);
      }
      expect(await ids({ tenantId: "nobody" })).toEqual([]);
      expect((await jobs().list({ limit: 0 })).jobs).toHaveLength(1);
    });

    it.each([
      "",
      "x",
      "💥",
      "W10",
      Buffer.from('["jobs",-1]').toString("base64url"),
      Buffer.from('["jobs",1e99]').toString("base64url"),
      "' OR 1=1 --",
    ])("refuse the cursor %j", async (cursor) => {
      await expect(jobs().list({ cursor })).rejects.toMatchObject({ code: "CURSOR_INVALID", status: 400 });
    });

    it("[CLONE-04] of due jobs begin with the one that was asked for first", async () => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) ids.push((await create()).id);
      const due = await jobs().due(10_000);
      expect(due.filter((id) => ids.includes(id))).toEqual(ids);
      expect(await jobs().due(2)).toHaveLength(2);
    });

    it("[CLONE-12] count jobs by type and state", async () => {
      const countOf = async () =>
        (await jobs().counts()).find(({ type, status }) => type === "restore" && status === "pending")?.count ?? 0;
      const before = await countOf();
      await create({ type: "restore" });
      expect(await countOf()).toBe(before + 1);
    });
  });

  describe("the schema", () => {
    it("[CLONE-05] is made once, and is found good", async () => {
      expect(await store().migrate()).toEqual([]);
      await expect(jobs().check()).resolves.toBeUndefined();
    });

    it("[CLONE-05] has the documents' columns, first and in their order", async () => {
      const { job } = await claimed();
      const [row] = await rows("jobs", job.id);
      const documents =
        "job_id type status progress request_payload result error created_at updated_at completed_at ttl_expires_at";
      const names = Object.keys(row).filter((name) => name !== "seq");
      expect(names.slice(0, 11).join(" ")).toBe(documents);
    });

    it("that is newer than the code stays as it is, and serves", async () => {
      await sql("INSERT INTO kysely_migration (name, timestamp) VALUES ('999-later', '2030-01-01')");
      expect(await store().migrate()).toEqual([]);
      await expect(jobs().check()).resolves.toBeUndefined();
      await sql("DELETE FROM kysely_migration WHERE name = '999-later'");
    });
  });
}
