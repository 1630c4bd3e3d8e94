/** How jobs come into the table. */
import { benchOf, newJob, OUTCOMES, StoreUnderTest } from "./store-bench";

export function intakeBehaviour(open: () => StoreUnderTest): void {
  const { jobs, sql, create, claimed, rows } = benchOf(open);

  describe("a new job", () => {
    it("[CLONE-05] is in the table as it was asked for, and comes back the same", async () => {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const given = newJob({
        type: "restore",
        request: { nested: { list: [1, "zwei", null, true] }, ключ: "日本語 🎉 '\";--" },
        cloneId: "clone-7",
        webhookUrl: "https://example.com/hook?a=1",
        traceparent,
      });
      const { job, created } = await jobs().create(given);
      expect(created).toBe(true);
      expect(job).toMatchObject({ status: "pending", progress: 0, attempt: 0, failures: 0, traceparent });
      expect(job.request).toEqual(given.request);
      expect(await jobs().find(given.id)).toEqual(job);
      expect(Math.abs(job.createdAt.getTime() - Date.now())).toBeLessThan(5_000);
      expect(job.updatedAt).toEqual(job.createdAt);
      expect(await jobs().events({ [given.id]: 0 })).toMatchObject([{ sequence: 1, status: "pending", progress: 0 }]);
    });

    it("takes texts that databases refuse: half characters, zeros, and more than a column holds", async () => {
      const { job, hold } = await claimed({ request: { half: "a\uD800b", zero: "a\0b" } });
      expect(job.request).toEqual({ half: "a\uFFFDb", zero: "a\0b" });
      expect(await jobs().report(hold, { progress: 1, message: `\0\uDC00${"🎉".repeat(2_000)}` })).toBe(true);
      const message = (await jobs().find(job.id))!.message!;
      expect(message.length).toBeLessThanOrEqual(1_000);
      expect(message).toMatch(/^\uFFFD🎉+…$/u);
      const failure = { code: "X_FAILED", message: "ü".repeat(100_000) };
      expect(await jobs().finish(hold, { status: "failed", failure })).toBe(true);
    });

    it("is found by its very id alone", async () => {
      const { id } = await create();
      expect(await jobs().find(id.toUpperCase())).toBeUndefined();
      expect(await jobs().find(`${id} `)).toBeUndefined();
      expect(await jobs().find("job-0")).toBeUndefined();
    });

    it("keeps its secrets apart from itself, for its worker alone", async () => {
      const { job, secrets } = await claimed({ secrets: "v1.sealed.text" });
      expect(secrets).toBe("v1.sealed.text");
      expect(JSON.stringify(await sql("SELECT * FROM jobs"))).not.toContain("sealed.text");
      expect(JSON.stringify([job, await jobs().events({ [job.id]: 0 })])).not.toContain("sealed.text");
      expect(await jobs().resultSecrets(job.id)).toBeUndefined();
    });
  });

  describe("an idempotency key", () => {
    const idempotency = { key: "a key", fingerprint: "f1" };

    it("[CLONE-03] makes one job of two requests, and the second gets the first one's", async () => {
      const one = await jobs().create(newJob({ tenantId: "twice", idempotency }));
      const two = await jobs().create(newJob({ tenantId: "twice", idempotency }));
      expect([one.created, two.created]).toEqual([true, false]);
      expect(two.job.id).toBe(one.job.id);
    });

    it("[CLONE-03] makes one job of twenty requests at once, with its first event and its secrets", async () => {
      const asked = Array.from({ length: 20 }, () =>
        jobs().create(newJob({ tenantId: "race", idempotency, secrets: "s" })),
      );
      const answers = await Promise.all(asked);
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1);
      const { jobs: kept } = await jobs().list({ tenantId: "race" });
      expect(kept).toHaveLength(1);
      expect(await rows("job_events", kept[0]!.id)).toHaveLength(1);
      expect(await rows("job_secrets", kept[0]!.id)).toHaveLength(1);
    });

    it("refuses another request", async () => {
      await jobs().create(newJob({ tenantId: "other", idempotency }));
      const other = jobs().create(newJob({ tenantId: "other", idempotency: { ...idempotency, fingerprint: "f2" } }));
      await expect(other).rejects.toMatchObject({ code: "IDEMPOTENCY_MISMATCH", status: 422 });
      expect((await jobs().list({ tenantId: "other" })).jobs).toHaveLength(1);
    });

    it("is its tenant's own, and minds case, spaces and length", async () => {
      const keys = ["k", "K", "k ", "k".repeat(5_000), "ключ"];
      const made = keys.map((key) => jobs().create(newJob({ tenantId: "keys", idempotency: { ...idempotency, key } })));
      made.push(jobs().create(newJob({ tenantId: "keys-2", idempotency: { ...idempotency, key: "k" } })));
      expect((await Promise.all(made)).map(({ created }) => created)).toEqual(made.map(() => true));
    });
  });

  describe("putting a restore back", () => {
    const wish = (of: string, more: object = {}) =>
      newJob({ type: "restore", request: { rollback_of: of, target: {} }, rollbackOf: of, ...more });
    const restored = async () => {
      const { hold, job } = await claimed({ type: "restore", request: { target: {} } });
      await jobs().finish(hold, OUTCOMES.completed);
      return job.id;
    };
    const refused = { code: "RESTORE_PUT_BACK", status: 409 };

    it("[CLONE-07] is one job's of many that are asked for at once, and each restore's own", async () => {
      const [id, other] = [await restored(), await restored()];
      const before = await jobs().find(id);
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => jobs().create(wish(id))));
      expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const one of asked) if (one.status === "rejected") expect(one.reason).toMatchObject(refused);
      expect((await jobs().create(wish(other))).created).toBe(true);
      expect(await jobs().find(id)).toEqual(before);
    });

    it("[CLONE-07] may be asked for again after it failed or was cancelled, not after it completed", async () => {
      const id = await restored();
      for (const outcome of [OUTCOMES.failed, { status: "cancelled" } as const, OUTCOMES.completed]) {
        const { job } = await jobs().create(wish(id));
        const held = (await jobs().claim(job.id, "worker-1"))!;
        await expect(jobs().create(wish(id))).rejects.toMatchObject(refused);
        await jobs().finish(held.hold, outcome);
      }
      await expect(jobs().create(wish(id))).rejects.toMatchObject(refused);
    });

    it("[CLONE-13] is the same job for the same key, and leaves no key behind where it was refused", async () => {
      const id = await restored();
      const idempotency = { key: `back ${id}`, fingerprint: "f1" };
      const { job } = await jobs().create(wish(id, { idempotency }));
      expect(await jobs().create(wish(id, { idempotency }))).toMatchObject({ created: false, job: { id: job.id } });
      const other = { key: `again ${id}`, fingerprint: "f1" };
      await expect(jobs().create(wish(id, { idempotency: other }))).rejects.toMatchObject(refused);
      expect((await jobs().create(newJob({ idempotency: other }))).created).toBe(true);
    });
  });

  describe("beginning anew", () => {
    it("[CLONE-15] makes another job of the same request, once, however often it is asked for", async () => {
      const { hold, job } = await claimed({ type: "delete", cloneId: "clone-3", request: { clone_id: "clone-3" } });
      expect(await jobs().retry(job.id)).toBeUndefined();
      await jobs().finish(hold, OUTCOMES.failed);
      const anew = await Promise.all(Array.from({ length: 5 }, () => jobs().retry(job.id)));
      expect(new Set(anew.map((one) => one!.id)).size).toBe(1);
      expect(anew[0]).toMatchObject({ status: "pending", type: "delete", cloneId: "clone-3", request: job.request });
      expect(anew[0]!.id).not.toBe(job.id);
      expect((await jobs().find(job.id))!.status).toBe("failed");
    });

    it("can't be where secrets went with the job, or it completed, or never was", async () => {
      const secret = await claimed({ secrets: "sealed" });
      await jobs().finish(secret.hold, OUTCOMES.failed);
      const completed = await claimed();
      await jobs().finish(completed.hold, OUTCOMES.completed);
      for (const id of [secret.job.id, completed.job.id, "job-none"]) expect(await jobs().retry(id)).toBeUndefined();
    });
  });
}
