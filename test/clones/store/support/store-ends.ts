/** How jobs end, by themselves and on request. */
import { benchOf, FAILURE, OUTCOMES, StoreUnderTest } from "./store-bench";

export function endBehaviour(open: () => StoreUnderTest): void {
  const { jobs, create, claimed, lapse, rows } = benchOf(open);

  describe("an end", () => {
    it("completes with result and secrets for its owner, and without the request's", async () => {
      const { hold } = await claimed({ secrets: "sealed" });
      await jobs().report(hold, { progress: 30, message: "Copying" });
      const ttlExpiresAt = new Date(Math.trunc(Date.now() / 1000) * 1000 + 1_800_000);
      const outcome = {
        status: "completed",
        result: { url: "https://x" },
        resultSecrets: "mine",
        ttlExpiresAt,
      } as const;
      expect(await jobs().finish(hold, outcome)).toBe(true);
      const job = (await jobs().find(hold.jobId))!;
      expect(job).toMatchObject({
        status: "completed",
        progress: 100,
        message: "Copying",
        result: { url: "https://x" },
      });
      expect(job.ttlExpiresAt).toEqual(ttlExpiresAt);
      expect(Math.abs(job.completedAt!.getTime() - Date.now())).toBeLessThan(5_000);
      expect(await jobs().resultSecrets(hold.jobId)).toBe("mine");
      expect(await rows("job_secrets", hold.jobId)).toMatchObject([{ purpose: "result" }]);
    });

    it("keeps its owner's secrets no longer than the clone lives", async () => {
      const { hold } = await claimed();
      const ttlExpiresAt = new Date(Date.now() - 60_000);
      await jobs().finish(hold, { status: "completed", result: {}, resultSecrets: "mine", ttlExpiresAt });
      expect(await jobs().resultSecrets(hold.jobId)).toBeUndefined();
    });

    it.each(["failed", "cancelled"] as const)("that %s has no secrets either", async (status) => {
      const { hold } = await claimed({ secrets: "sealed" });
      expect(await jobs().finish(hold, OUTCOMES[status])).toBe(true);
      expect(await rows("job_secrets", hold.jobId)).toEqual([]);
      expect((await jobs().find(hold.jobId))!.failure).toEqual(status === "failed" ? FAILURE : undefined);
    });

    it("after a try that failed tells nothing of that one", async () => {
      const { hold } = await claimed();
      await jobs().release(hold, { runAfter: new Date(Date.now() - 5_000), failure: FAILURE });
      expect(await jobs().find(hold.jobId)).toMatchObject({ status: "pending", failures: 1, failure: FAILURE });
      const second = (await jobs().claim(hold.jobId, "worker-2"))!;
      expect(await jobs().finish(second.hold, OUTCOMES.completed)).toBe(true);
      expect((await jobs().find(hold.jobId))!.failure).toBeUndefined();
    });
  });

  describe("a cancellation", () => {
    it("ends a job that nobody began, with its secrets", async () => {
      const { id } = await create({ secrets: "sealed" });
      expect(await jobs().requestCancel(id)).toMatchObject({ status: "cancelled" });
      expect(await rows("job_secrets", id)).toEqual([]);
      expect(await jobs().claim(id, "worker-1")).toBeUndefined();
      expect((await jobs().events({ [id]: 0 })).map(({ status }) => status)).toEqual(["pending", "cancelled"]);
    });

    it("tells the worker of a running one, which can't complete any more", async () => {
      const { hold } = await claimed();
      expect(await jobs().heartbeat(hold)).toBe("held");
      expect(await jobs().requestCancel(hold.jobId)).toMatchObject({ status: "running" });
      expect(await jobs().heartbeat(hold)).toBe("cancel");
      expect(await jobs().finish(hold, OUTCOMES.completed)).toBe(false);
      expect((await jobs().find(hold.jobId))!.status).toBe("running");
      expect(await jobs().finish(hold, OUTCOMES.cancelled)).toBe(true);
    });

    it("asked for twice is one, with one event", async () => {
      const { hold } = await claimed();
      const first = await jobs().requestCancel(hold.jobId);
      expect(first!.cancelRequestedAt).toBeDefined();
      expect(await jobs().requestCancel(hold.jobId)).toEqual(first);
      expect(await rows("job_events", hold.jobId)).toHaveLength(3);
    });

    it("[CLONE-14] of a dead worker's job lets another take it over, to undo it", async () => {
      const { hold } = await claimed();
      await jobs().requestCancel(hold.jobId);
      await lapse(hold.jobId);
      expect(await jobs().due(1_000)).toContain(hold.jobId);
      const second = (await jobs().claim(hold.jobId, "worker-2"))!;
      expect(second.job.cancelRequestedAt).toBeDefined();
      expect(await jobs().heartbeat(second.hold)).toBe("cancel");
    });

    it("[CLONE-14] between two tries has a worker undo what the first one left, at once", async () => {
      const { hold } = await claimed();
      await jobs().saveStep(hold, "provision", { state: "done", output: { clone: "c" } });
      await jobs().release(hold, { runAfter: new Date(Date.now() + 300_000), failure: FAILURE });
      expect(await jobs().due(1_000)).not.toContain(hold.jobId);
      const asked = (await jobs().requestCancel(hold.jobId))!;
      expect(asked.status).toBe("pending");
      expect(asked.cancelRequestedAt).toBeDefined();
      expect(await jobs().due(1_000)).toContain(hold.jobId);
      const second = (await jobs().claim(hold.jobId, "worker-2"))!;
      await jobs().saveStep(second.hold, "provision", { state: "undone" });
      expect(await jobs().finish(second.hold, OUTCOMES.cancelled)).toBe(true);
    });

    it("doesn't wait for the next try of a job that failed meanwhile", async () => {
      const { hold } = await claimed();
      await jobs().saveStep(hold, "provision", { state: "begun" });
      await jobs().requestCancel(hold.jobId);
      await jobs().release(hold, { runAfter: new Date(Date.now() + 300_000), failure: FAILURE });
      expect(await jobs().due(1_000)).toContain(hold.jobId);
    });

    it("ends at once what was undone between two tries", async () => {
      const { hold } = await claimed();
      await jobs().saveStep(hold, "provision", { state: "undone" });
      await jobs().release(hold, { runAfter: new Date(Date.now() + 300_000), failure: FAILURE });
      expect((await jobs().requestCancel(hold.jobId))!.status).toBe("cancelled");
    });

    it("and the completion, asked for at once, give one of the two and never both", async () => {
      for (let round = 0; round < 10; round += 1) {
        const { hold } = await claimed();
        const [completed] = await Promise.all([
          jobs().finish(hold, OUTCOMES.completed),
          jobs().requestCancel(hold.jobId),
        ]);
        const job = (await jobs().find(hold.jobId))!;
        expect([job.status, job.cancelRequestedAt === undefined]).toEqual(
          completed ? ["completed", true] : ["running", false],
        );
      }
    });
  });
}
