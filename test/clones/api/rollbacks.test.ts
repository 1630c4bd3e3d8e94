import type { FastifyInstance } from "fastify";
import { ask, Bench, CLONE, get, post, RESTORE } from "./support";

const TARGET = { username: "admin", password: "canary-rollback-password" };
const HOUR = 3_600_000;

describe("POST /api/v2/jobs/{id}/rollback", () => {
  let bench: Bench;
  let app: FastifyInstance;
  beforeEach(async () => {
    bench = await Bench.start();
    app = await bench.api();
  });
  afterEach(() => bench.stop());

  const asked = (options: Parameters<typeof ask>[2], key = bench.keys.acme) => ask(app, key, options);
  const rollback = (id: string, body: object = { target: TARGET }, headers: Record<string, string> = {}) =>
    asked(post(`/api/v2/jobs/${id}/rollback`, body, headers));
  const submitted = async (body: object = RESTORE) =>
    (await asked(post("/api/v2/restore", body))).body.job_id as string;
  const complete = async (id: string, result: object = {}) =>
    await bench.finish(id, { status: "completed", result: { target_url: RESTORE.target.url, ...result } });
  const restored = async (body: object = RESTORE) => {
    const id = await submitted(body);
    await complete(id);
    return id;
  };

  it("[CLONE-07] makes a job of its own: the restore's target, the credentials sealed", async () => {
    const cloneId = bench.directory.add("clone-20260205-143022", "acme");
    const id = await restored({ ...RESTORE, source: { clone_id: cloneId } });
    const { status, headers, body } = await rollback(id);
    expect(status).toBe(202);
    expect(headers.location).toBe(`/api/v2/job-status/${body.job_id}`);
    expect(body.job_id).not.toBe(id);
    expect(bench.queued).toContain(body.job_id);
    const told = await asked(get(`/api/v2/job-status/${body.job_id}`));
    expect(told.body).toMatchObject({ type: "restore", rollback_of: id, clone_id: cloneId, status: "pending" });
    expect((await asked(get(`/api/v2/job-status/${id}`))).body.rollback_of).toBeUndefined();
    const claimed = await bench.store.jobs.claim(body.job_id, "worker-1");
    expect(claimed?.job.request).toEqual({ rollback_of: id, target: { url: RESTORE.target.url } });
    expect(JSON.parse(bench.vault.open(claimed!.secrets!, `${body.job_id}/request`))).toEqual({ target: TARGET });
    expect(bench.lines.join("\n")).not.toContain("canary");
  });

  it("[CLONE-07] takes the plugin's key instead of a user", async () => {
    const { status, body } = await rollback(await restored(), { target: { api_key: "canary-key" } });
    expect(status).toBe(202);
    const claimed = await bench.store.jobs.claim(body.job_id, "worker-1");
    expect(JSON.parse(bench.vault.open(claimed!.secrets!, `${body.job_id}/request`))).toEqual({
      target: { apiKey: "canary-key" },
    });
  });

  it.each([
    ["nothing", {}, "target"],
    ["no way in", { target: {} }, "target"],
    ["a name alone", { target: { username: "admin" } }, "target.password"],
    ["a password alone", { target: { password: "secret" } }, "target.password"],
    ["another address", { target: { ...TARGET, url: "https://elsewhere.example" } }, "target.url"],
  ])("[CLONE-03] refuses %s", async (_, body, path) => {
    const answer = await rollback(await restored(), body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([expect.objectContaining({ path })]);
  });

  it("is nobody else's: the same words as for none", async () => {
    const id = await restored();
    const others = await asked(post(`/api/v2/jobs/${id}/rollback`, { target: TARGET }), bench.keys.other);
    const none = await rollback("job-000000000000000000000000");
    expect([others.status, others.body.code]).toEqual([404, "JOB_NOT_FOUND"]);
    expect([none.status, none.body.detail]).toEqual([404, others.body.detail]);
  });

  it("needs the scope for restores", async () => {
    const key = { tenantId: "acme", name: "clones", scopes: ["clones:read", "clones:write"] as const };
    const { text } = await bench.store.apiKeys.create(key);
    const { status, body } = await asked(post(`/api/v2/jobs/${await restored()}/rollback`, { target: TARGET }), text);
    expect([status, body.code]).toEqual([403, "KEY_SCOPE"]);
  });

  it.each([
    ["a clone", async () => (await asked(post("/api/v2/clone", CLONE))).body.job_id as string],
    ["a restore that isn't over", () => submitted()],
    [
      "a restore that failed",
      async () => {
        const id = await submitted();
        await bench.finish(id, { status: "failed", failure: { code: "SITE_PAGES", message: "white page" } });
        return id;
      },
    ],
    [
      "a rollback",
      async () => {
        const { body } = await rollback(await restored());
        await complete(body.job_id);
        return body.job_id as string;
      },
    ],
  ])("[CLONE-07] refuses %s", async (_, make) => {
    const { status, body } = await rollback(await make());
    expect([status, body.code]).toEqual([409, "JOB_NOT_RESTORED"]);
  });

  it("[CLONE-07] refuses a dry run, which changed nothing", async () => {
    const { status, body } = await rollback(await restored({ ...RESTORE, dry_run: true }));
    expect([status, body.code]).toEqual([409, "RESTORE_DRY_RUN"]);
  });

  it.each([
    [23.9, 202, undefined],
    [24.1, 409, "RESTORE_GONE"],
  ])("[CLONE-07] %s hours after the restore's end answers %s", async (hours, expected, code) => {
    const id = await restored();
    const clock = { ...bench.deps().clock, now: () => new Date(Date.now() + hours * HOUR) };
    const later = await bench.api({ clock });
    const { status, body } = await ask(later, bench.keys.acme, post(`/api/v2/jobs/${id}/rollback`, { target: TARGET }));
    expect([status, body.code]).toEqual([expected, code]);
  });

  it("[CLONE-07] is done once: refused while it goes on and after it was done, not after it failed", async () => {
    const [id, another] = [await restored(), await restored()];
    const first = (await rollback(id)).body.job_id as string;
    const second = await rollback(id);
    expect([second.status, second.body.code]).toEqual([409, "RESTORE_PUT_BACK"]);
    expect(second.body.detail).toMatch(/another job is putting it back/);
    await bench.finish(first, { status: "failed", failure: { code: "SITE_LOGIN", message: "wrong password" } });
    const third = await rollback(id);
    expect(third.status).toBe(202);
    await complete(third.body.job_id);
    const fourth = await rollback(id);
    expect([fourth.status, fourth.body.code]).toEqual([409, "RESTORE_PUT_BACK"]);
    expect(fourth.body.detail).toMatch(/was put back already/);
    expect((await rollback(another)).status).toBe(202);
  });

  it("[CLONE-07] is done once for whoever asks at the same moment", async () => {
    const id = await restored();
    const answers = await Promise.all(Array.from({ length: 10 }, () => rollback(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array<number>(9).fill(409)]);
  });

  it("[CLONE-13] makes one job of the same key, also when that is over", async () => {
    const id = await restored();
    const key = { "idempotency-key": "put it back" };
    const first = await rollback(id, { target: TARGET }, key);
    await complete(first.body.job_id);
    const again = await rollback(id, { target: TARGET }, key);
    expect([again.status, again.body.job_id, again.body.status]).toEqual([202, first.body.job_id, "completed"]);
    const other = await rollback(id, { target: { ...TARGET, password: "another" } }, key);
    expect([other.status, other.body.code]).toEqual([422, "IDEMPOTENCY_MISMATCH"]);
  });
});
