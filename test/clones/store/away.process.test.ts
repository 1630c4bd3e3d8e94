import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { SqlDatabase } from "../../../clones/store/database";
import { mysqlDialect, mysqlServerOf } from "../../../clones/store/mysql";
import { openStore, Store } from "../../../clones/store/open";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";
import { prepare, query, serviceUrl } from "./support/mariadb-account";
import { newJob } from "./support/store-bench";

const UNAVAILABLE = { code: "STORE_UNAVAILABLE", status: 503 };

describeWith(missingMariaDb(), "[CLONE-14] a database that goes away", () => {
  let server: MariaDb;
  let store: Store;

  beforeAll(async () => {
    server = await startMariaDb();
    await prepare(server);
    store = openStore(serviceUrl(server));
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await server.stop();
  }, 30_000);

  /** What came of many at once, and how long the last of them took. */
  async function ask(times: number): Promise<{ readonly codes: readonly string[]; readonly seconds: number }> {
    const begun = performance.now();
    const asked = Array.from({ length: times }, (_, index) =>
      index % 2 === 0 ? store.jobs.create(newJob()) : store.jobs.find("job-1"),
    );
    const settled = await Promise.allSettled(asked);
    const codes = settled.map((one) => (one.status === "fulfilled" ? "done" : String(one.reason.code)));
    return { codes: [...new Set(codes)], seconds: (performance.now() - begun) / 1_000 };
  }

  it("is told of within 4 s by each of 100 requests, and serves again when it is back", async () => {
    expect((await ask(20)).codes).toEqual(["done"]);
    await server.kill();
    const first = await ask(100);
    expect(first.codes).toEqual([UNAVAILABLE.code]);
    expect(first.seconds).toBeLessThan(4);
    const second = await ask(100);
    expect(second.codes).toEqual([UNAVAILABLE.code]);
    expect(second.seconds).toBeLessThan(4);
    await expect(store.jobs.check()).rejects.toMatchObject(UNAVAILABLE);
    await server.start();
    expect((await ask(100)).codes).toEqual(["done"]);
  }, 60_000);

  it("without a word, like a machine that froze, is told of within 4 s, and serves again when it thaws", async () => {
    const [{ file, folder }] = await query(server, "SELECT @@pid_file AS file, @@datadir AS folder");
    const path = String(file).startsWith("/") ? String(file) : join(String(folder), String(file));
    const pid = Number(readFileSync(path, "utf8"));
    process.kill(pid, "SIGSTOP");
    try {
      const frozen = await ask(100);
      expect(frozen.codes).toEqual([UNAVAILABLE.code]);
      expect(frozen.seconds).toBeLessThan(4);
      expect((await ask(20)).seconds).toBeLessThan(4);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await sleep(500);
    expect((await ask(100)).codes).toEqual(["done"]);
  }, 60_000);

  it("for a moment only, connection by connection, isn't noticed", async () => {
    for (let round = 0; round < 5; round += 1) {
      await ask(20);
      const connections = await query(server, "SELECT id FROM information_schema.processlist WHERE user = 'job_store'");
      expect(connections.length).toBeGreaterThan(0);
      for (const { id } of connections) await query(server, `KILL ${id}`).catch(() => undefined);
      expect((await ask(1)).codes).toEqual(["done"]);
    }
  }, 60_000);

  it("has a statement that takes too long given up, which is told as what it was", async () => {
    const database = new SqlDatabase(mysqlDialect(mysqlServerOf(serviceUrl(server))));
    const begun = performance.now();
    const slow = database.transact("slow", (tx) => sql`SELECT SLEEP(20)`.execute(tx));
    const cause = expect.objectContaining({ code: "PROTOCOL_SEQUENCE_TIMEOUT" });
    await expect(slow).rejects.toMatchObject({ ...UNAVAILABLE, cause });
    expect(performance.now() - begun).toBeLessThan(4_000);
    await database.close();
  }, 30_000);

  it("chooses one of two transactions that wait for each other, which is done again", async () => {
    const database = new SqlDatabase(mysqlDialect(mysqlServerOf(serviceUrl(server))));
    const ids = [newJob(), newJob()];
    for (const job of ids) await store.jobs.create(job);
    let tries = 0;
    const both = (order: readonly { readonly id: string }[]) =>
      database.transact("both", async (tx) => {
        tries += 1;
        for (const { id } of order) {
          await tx
            .updateTable("jobs")
            .set((eb) => ({ failures: eb("failures", "+", 1) }))
            .where("job_id", "=", id)
            .execute();
          await sql`SELECT SLEEP(0.1)`.execute(tx);
        }
      });
    await Promise.all([both(ids), both(ids.toReversed())]);
    expect(tries).toBeGreaterThan(2);
    for (const { id } of ids) expect((await store.jobs.find(id))!.failures).toBe(2);
    await database.close();
  }, 30_000);

  it("in the middle of everything leaves nothing half-done, and what was promised is there", async () => {
    const promised: { readonly id: string; readonly status: string }[] = [];
    const surprises: unknown[] = [];
    let isOver = false;

    async function live(number: number): Promise<void> {
      for (let turn = 0; !isOver; turn += 1) {
        const job = newJob({
          secrets: "sealed",
          webhookUrl: "https://example.com",
          idempotency: { key: `${number}-${turn}`, fingerprint: "f" },
        });
        try {
          await store.jobs.create(job);
          promised.push({ id: job.id, status: "pending" });
          const { hold } = (await store.jobs.claim(job.id, `worker-${number}`))!;
          await store.jobs.saveStep(hold, "copy", { state: "done" });
          await store.jobs.report(hold, { progress: 50, message: "Half of it" });
          if (await store.jobs.finish(hold, { status: "completed", result: {}, resultSecrets: "mine" })) {
            promised.push({ id: job.id, status: "completed" });
          }
        } catch (error) {
          if ((error as { code?: string }).code !== UNAVAILABLE.code) surprises.push(error);
          await sleep(50);
        }
      }
    }

    const lives = Array.from({ length: 12 }, (_, number) => live(number));
    for (let round = 0; round < 3; round += 1) {
      await sleep(700);
      await server.kill();
      await sleep(200);
      await server.start();
    }
    await sleep(500);
    isOver = true;
    await Promise.all(lives);

    expect(surprises).toEqual([]);
    expect(promised.filter(({ status }) => status === "completed").length).toBeGreaterThan(20);
    for (const { id, status } of promised) {
      const job = (await store.jobs.find(id))!;
      expect(job).toBeDefined();
      if (status === "completed") expect(job.status).toBe("completed");
    }
    const broken: Readonly<Record<string, string>> = {
      "a key without its job":
        "SELECT k.* FROM idempotency_keys k LEFT JOIN jobs j USING (job_id) WHERE j.job_id IS NULL",
      "a job without its key": `SELECT j.job_id FROM jobs j LEFT JOIN idempotency_keys k USING (job_id)
        WHERE j.needs_secrets = 1 AND k.job_id IS NULL`,
      "a gap in a job's events": `SELECT j.job_id FROM jobs j JOIN job_events e USING (job_id)
        GROUP BY j.job_id HAVING COUNT(*) <> MAX(j.events) OR MAX(e.sequence) <> MAX(j.events)`,
      "a job that lacks its secrets": `SELECT j.job_id FROM jobs j WHERE j.needs_secrets = 1 AND j.status <> 'completed'
        AND NOT EXISTS (SELECT 1 FROM job_secrets s WHERE s.job_id = j.job_id AND s.purpose = 'request')`,
      "a completed job with secrets, or without its result's or its webhook": `SELECT j.job_id FROM jobs j
        WHERE j.needs_secrets = 1 AND j.status = 'completed' AND
        ((SELECT GROUP_CONCAT(s.purpose) FROM job_secrets s WHERE s.job_id = j.job_id) <> 'result'
          OR (SELECT COUNT(*) FROM webhook_deliveries w WHERE w.job_id = j.job_id) <> 1)`,
      "an end without its event": `SELECT j.job_id FROM jobs j JOIN job_events e
        ON e.job_id = j.job_id AND e.sequence = j.events WHERE e.status <> j.status`,
    };
    for (const [what, statement] of Object.entries(broken))
      expect([what, await query(server, statement)]).toEqual([what, []]);
  }, 90_000);
});
