/** Who may change a job, and along which ways. */
import { JOB_STATUSES, JobStatus, TRANSITIONS } from "../../../../clones/domain/job";
import type { Hold } from "../../../../clones/store/job-store";
import type { Store } from "../../../../clones/store/open";
import { benchOf, EndStatus, FAILURE, OUTCOMES, PAST, StoreUnderTest } from "./store-bench";

/** Writes of all kinds that need a hold. */
const WRITES: readonly (readonly [string, (store: Store, hold: Hold) => Promise<boolean>])[] = [
  ["report", ({ jobs }, hold) => jobs.report(hold, { progress: 50, message: "Half of it" })],
  ["saveStep", ({ jobs }, hold) => jobs.saveStep(hold, "copy", { state: "done" })],
  ["setClone", ({ jobs }, hold) => jobs.setClone(hold, "clone-x")],
  ["release", ({ jobs }, hold) => jobs.release(hold)],
  ["finish", ({ jobs }, hold) => jobs.finish(hold, { status: "completed", result: {} })],
];

export function holdBehaviour(open: () => StoreUnderTest): void {
  const { store, jobs, sql, create, claimed, lapse, rows } = benchOf(open);

  describe("a claim", () => {
    it("[CLONE-14] is won by one of twenty at once", async () => {
      const { id } = await create();
      const tries = Array.from({ length: 20 }, (_, number) => jobs().claim(id, `worker-${number}`));
      const won = (await Promise.all(tries)).filter((claim) => claim !== undefined);
      expect(won).toHaveLength(1);
      expect(won[0]!.job).toMatchObject({ status: "running", attempt: 1 });
      expect((await jobs().find(id))!.attempt).toBe(1);
    });

    it("finds nothing where there is no job, or it waits for its time", async () => {
      expect(await jobs().claim("job-none", "worker-1")).toBeUndefined();
      const { hold } = await claimed();
      await jobs().release(hold, { runAfter: new Date(Date.now() + 3_600_000), failure: FAILURE });
      expect(await jobs().claim(hold.jobId, "worker-1")).toBeUndefined();
      await sql(`UPDATE jobs SET run_after = '${PAST}' WHERE job_id = '${hold.jobId}'`);
      expect(await jobs().claim(hold.jobId, "worker-1")).toMatchObject({ hold: { attempt: 2 } });
    });

    it("[CLONE-14] takes over from a worker that fell silent, with the steps that it left", async () => {
      const { hold } = await claimed({ secrets: "sealed" });
      await jobs().saveStep(hold, "provision", { state: "begun" });
      await jobs().saveStep(hold, "provision", { state: "done", output: { pod: "warm-1", list: [1, 2] } });
      await jobs().saveStep(hold, "copy", { state: "begun" });
      expect(await jobs().claim(hold.jobId, "worker-2")).toBeUndefined();
      await lapse(hold.jobId);
      const second = (await jobs().claim(hold.jobId, "worker-2"))!;
      expect(second.hold).toEqual({ jobId: hold.jobId, workerId: "worker-2", attempt: 2 });
      expect(second.secrets).toBe("sealed");
      expect(second.steps).toEqual({
        provision: { state: "done", output: { pod: "warm-1", list: [1, 2] } },
        copy: { state: "begun" },
      });
    });

    it.each(WRITES)("[CLONE-14] of another leaves nothing to %s for the one before", async (_, write) => {
      const { hold } = await claimed({ webhookUrl: "https://example.com" });
      await lapse(hold.jobId);
      const second = (await jobs().claim(hold.jobId, "worker-1"))!;
      const before = [await jobs().find(hold.jobId), await jobs().events({ [hold.jobId]: 0 })];
      expect(await write(store(), hold)).toBe(false);
      expect(await jobs().heartbeat(hold)).toBe("lost");
      expect([await jobs().find(hold.jobId), await jobs().events({ [hold.jobId]: 0 })]).toEqual(before);
      expect(await rows("job_steps", hold.jobId)).toEqual([]);
      expect(await rows("webhook_deliveries", hold.jobId)).toEqual([]);
      expect(await write(store(), second.hold)).toBe(true);
    });

    it("stays good while nobody else came, and a heartbeat shuts others out again", async () => {
      const { hold } = await claimed();
      await lapse(hold.jobId);
      expect(await jobs().due(1_000)).toContain(hold.jobId);
      expect(await jobs().heartbeat(hold)).toBe("held");
      expect(await jobs().due(1_000)).not.toContain(hold.jobId);
      expect(await jobs().claim(hold.jobId, "worker-2")).toBeUndefined();
    });
  });

  describe("states", () => {
    const bring: Readonly<Record<JobStatus, () => Promise<Hold>>> = {
      pending: async () => {
        const { hold } = await claimed();
        await jobs().release(hold);
        return hold;
      },
      running: async () => (await claimed()).hold,
      completed: () => ended("completed"),
      failed: () => ended("failed"),
      cancelled: () => ended("cancelled"),
    };

    async function ended(status: EndStatus): Promise<Hold> {
      const { hold } = await claimed();
      expect(await jobs().finish(hold, OUTCOMES[status])).toBe(true);
      return hold;
    }

    async function lead(hold: Hold, to: JobStatus): Promise<boolean> {
      if (to === "pending") return await jobs().release(hold);
      if (to === "running") return (await jobs().claim(hold.jobId, "worker-2")) !== undefined;
      return await jobs().finish(hold, OUTCOMES[to]);
    }

    const pairs = JOB_STATUSES.flatMap((from) => JOB_STATUSES.map((to) => [from, to] as const));
    // A pending job is held by nobody, so nobody can fail it or cancel it by a hold; a claim needs the lease's end.
    const allowed = pairs.filter(([from, to]) => from === "running" && TRANSITIONS[from].includes(to));
    const claims = (from: JobStatus, to: JobStatus) => from === "pending" && to === "running";

    it.each(pairs)("[CLONE-05] lead from %s to %s along the legal ways alone", async (from, to) => {
      const hold = await bring[from]();
      if (from === "running" && to === "running") await lapse(hold.jobId);
      const before = await jobs().find(hold.jobId);
      const legal = claims(from, to) || allowed.some(([one, other]) => one === from && other === to);
      expect(await lead(hold, to)).toBe(legal);
      const after = await jobs().find(hold.jobId);
      if (legal) expect(after!.status).toBe(to);
      else expect(after).toEqual(before);
    });

    it("that are over stay so, whoever asks to cancel", async () => {
      for (const status of ["completed", "failed", "cancelled"] as const) {
        const { jobId } = await ended(status);
        const before = await jobs().find(jobId);
        expect(await jobs().requestCancel(jobId)).toEqual(before);
      }
      expect(await jobs().requestCancel("job-none")).toBeUndefined();
    });
  });
}
