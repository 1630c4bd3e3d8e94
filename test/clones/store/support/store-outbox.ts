/** What is told of jobs' ends, and what is taken away after a while. */
import { benchOf, EndStatus, newJob, OUTCOMES, PAST, StoreUnderTest } from "./store-bench";

const WEBHOOK = "https://example.com/hook";

export function outboxBehaviour(open: () => StoreUnderTest): void {
  const { store, jobs, claimed, rows, sql } = benchOf(open);
  const soon = () => new Date(Date.now() + 10_000);
  const later = (seconds: number) => new Date(Date.now() + seconds * 1_000);

  async function ended(status: EndStatus): Promise<string> {
    const { hold, job } = await claimed({ webhookUrl: WEBHOOK, secrets: "sealed.text" });
    await jobs().finish(hold, OUTCOMES[status]);
    return job.id;
  }
  const takeAll = () => store().webhooks.take(soon(), { limit: 10_000 });

  describe("webhooks", () => {
    beforeEach(async () => {
      await sql("DELETE FROM webhook_deliveries");
    });

    it.each(["completed", "failed", "cancelled"] as const)(
      "tell once of a job that is %s, and no secrets",
      async (status) => {
        const id = await ended(status);
        const [delivery, ...more] = await takeAll();
        expect(more).toEqual([]);
        expect(delivery).toMatchObject({ id: `msg_${id}`, jobId: id, url: WEBHOOK, attempt: 1 });
        expect(delivery!.payload).toMatchObject({ type: `job.${status}`, data: { job_id: id, status, type: "clone" } });
        expect(JSON.stringify(delivery)).not.toContain("sealed");
      },
    );

    it("tell of a job that was cancelled before it began", async () => {
      const { job } = await jobs().create(newJob({ webhookUrl: WEBHOOK }));
      await jobs().requestCancel(job.id);
      await jobs().requestCancel(job.id);
      expect((await takeAll()).map(({ jobId }) => jobId)).toEqual([job.id]);
    });

    it("say nothing of a job that goes on, or whose owner didn't ask", async () => {
      const { hold } = await claimed({ webhookUrl: WEBHOOK });
      await jobs().release(hold);
      await jobs().finish((await claimed()).hold, OUTCOMES.completed);
      expect(await takeAll()).toEqual([]);
    });

    it("are taken by one of many at once", async () => {
      for (let index = 0; index < 5; index += 1) await ended("completed");
      const takers = await Promise.all(Array.from({ length: 8 }, takeAll));
      const ids = takers.flat().map(({ id }) => id);
      expect(ids).toHaveLength(5);
      expect(new Set(ids).size).toBe(5);
    });

    it("that were delivered aren't taken again", async () => {
      await ended("completed");
      const [delivery] = await takeAll();
      expect(await store().webhooks.delivered(delivery!)).toBe(true);
      expect(await store().webhooks.take(later(100_000))).toEqual([]);
      expect((await rows("webhook_deliveries", delivery!.jobId))[0].delivered_at).not.toBeNull();
    });

    it("that failed come back at their time, until they are given up", async () => {
      await ended("completed");
      const [first] = await takeAll();
      expect(await store().webhooks.failed(first!, later(300), "The receiver answered 500.")).toBe(true);
      expect(await store().webhooks.take(later(200))).toEqual([]);
      const [second] = await store().webhooks.take(later(301));
      expect(second).toMatchObject({ id: first!.id, attempt: 2, payload: first!.payload });
      expect(await store().webhooks.failed(second!, undefined, "x".repeat(5_000))).toBe(true);
      expect(await store().webhooks.take(later(1_000_000))).toEqual([]);
    });

    it("whose sender died are taken by another, and the dead one's word counts no more", async () => {
      await ended("completed");
      const [first] = await store().webhooks.take(soon(), { leaseSeconds: 30 });
      expect(await store().webhooks.take(later(20))).toEqual([]);
      const [second] = await store().webhooks.take(later(50));
      expect(second!.attempt).toBe(2);
      expect(await store().webhooks.failed(first!, undefined, "late")).toBe(false);
      expect(await store().webhooks.delivered(second!)).toBe(true);
      expect(await store().webhooks.delivered(second!)).toBe(false);
    });
  });

  describe("a purge", () => {
    it("forgets idempotency keys after a day, and lets them be used anew", async () => {
      const idempotency = { key: "old", fingerprint: "f" };
      const { job } = await jobs().create(newJob({ tenantId: "purge", idempotency }));
      expect((await store().purge()).idempotencyKeys).toBe(0);
      await sql(`UPDATE idempotency_keys SET created_at = '${PAST}' WHERE tenant_id = 'purge'`);
      expect((await store().purge()).idempotencyKeys).toBe(1);
      const again = await jobs().create(
        newJob({ tenantId: "purge", idempotency: { ...idempotency, fingerprint: "g" } }),
      );
      expect(again.created).toBe(true);
      expect(await jobs().find(job.id)).toBeDefined();
    });

    it("takes secrets of clones that ended, and of no others", async () => {
      const results = { none: undefined, past: later(-60), future: later(600) };
      const ids: string[] = [];
      for (const ttlExpiresAt of Object.values(results)) {
        const { hold } = await claimed();
        await jobs().finish(hold, { status: "completed", result: {}, resultSecrets: "s", ttlExpiresAt });
        ids.push(hold.jobId);
      }
      const running = await claimed({ secrets: "sealed" });
      expect((await store().purge()).resultSecrets).toBeGreaterThan(0);
      const left = await Promise.all([...ids, running.job.id].map((id) => rows("job_secrets", id)));
      expect(left.map(({ length }) => length)).toEqual([1, 0, 1, 1]);
    });

    it("takes webhooks that are over, and none that are to be sent", async () => {
      await sql("DELETE FROM webhook_deliveries");
      for (let index = 0; index < 3; index += 1) await ended("completed");
      const [one, two] = await takeAll();
      await store().webhooks.delivered(one!);
      await store().webhooks.failed(two!, undefined, "given up");
      expect((await store().purge()).webhookDeliveries).toBe(0);
      await sql(`UPDATE webhook_deliveries SET created_at = '${PAST}'`);
      expect((await store().purge()).webhookDeliveries).toBe(2);
      expect(await sql("SELECT * FROM webhook_deliveries")).toHaveLength(1);
    });
  });
}
