import type { FastifyInstance } from "fastify";
import { ask, Bench, CLONE, get, post, RESTORE } from "./support";

let bench: Bench;
let app: FastifyInstance;
beforeEach(async () => {
  bench = await Bench.start();
  app = await bench.api();
});
afterEach(() => bench.stop());

const asked = (options: Parameters<typeof ask>[2], key = bench.keys.acme) => ask(app, key, options);
const newClone = async () => (await asked(post("/api/v2/clone", CLONE))).body.job_id as string;

describe("POST /api/v2/clone", () => {
  it("[CLONE-01] answers 202 with the documents' fields, and where to look when", async () => {
    const { status, headers, body } = await asked(post("/api/v2/clone", CLONE));
    expect(status).toBe(202);
    expect(body).toEqual({
      job_id: expect.stringMatching(/^job-[0-9a-f]{24}$/),
      status: "pending",
      status_url: `/api/v2/job-status/${body.job_id}`,
    });
    expect(headers.location).toBe(body.status_url);
    expect(headers["retry-after"]).toBe("2");
    expect(bench.queued).toEqual([body.job_id]);
  });

  it("[CLONE-05] has the job in the table, without its secrets, before the answer", async () => {
    const job = await bench.store.jobs.find(await newClone());
    expect(job).toMatchObject({ tenantId: "acme", type: "clone", status: "pending" });
    expect(job?.request).toEqual({
      source_url: "https://mysite.com",
      customer_id: "test-clone-001",
      ttl_minutes: 30,
      anonymize: false,
    });
  });

  it("[CLONE-05] seals the secrets for this very job", async () => {
    const id = await newClone();
    const claimed = await bench.store.jobs.claim(id, "worker-1");
    const { username, password } = { username: CLONE.source_username, password: CLONE.source_password };
    expect(JSON.parse(bench.vault.open(claimed!.secrets!, `${id}/request`))).toEqual({ username, password });
    expect(() => bench.vault.open(claimed!.secrets!, `job-x/request`)).toThrow();
  });

  it("[CLONE-01] takes 30 minutes where none are given, and every field that there is", async () => {
    const all = { ...CLONE, ttl_minutes: undefined, database: "sqlite", anonymize: true, source_api_key: "canary-key" };
    const { body } = await asked(post("/api/v2/clone", { ...all, webhook_url: "https://hooks.example.com/x?y=1" }));
    const job = await bench.store.jobs.find(body.job_id);
    expect(job?.request).toMatchObject({ ttl_minutes: 30, database: "sqlite", anonymize: true });
    expect(job?.webhookUrl).toBe("https://hooks.example.com/x?y=1");
  });

  it.each(["Redis is away", "queue hangs"])("[CLONE-14] promises the job all the same when the %s", async (what) => {
    bench.queueFailure = new Error(what);
    const add = what === "queue hangs" ? () => new Promise<boolean>(() => undefined) : bench.deps().queue.add;
    const other = await bench.api({ queue: { add, check: bench.deps().queue.check } });
    const { status, body } = await ask(other, bench.keys.acme, post("/api/v2/clone", CLONE));
    expect(status).toBe(202);
    expect(await bench.store.jobs.due(10)).toEqual([body.job_id]);
  });
});

describe("POST /api/v2/restore", () => {
  it("[CLONE-01] keeps where from and where to, and seals the rest", async () => {
    const { status, body } = await asked(post("/api/v2/restore", { ...RESTORE, scopes: ["uploads", "content"] }));
    expect(status).toBe(202);
    const claimed = await bench.store.jobs.claim(body.job_id, "worker-1");
    expect(claimed?.job.request).toEqual({
      source: { url: RESTORE.source.url },
      target: { url: RESTORE.target.url },
      scopes: ["content", "uploads"],
      dry_run: false,
      force: false,
    });
    expect(JSON.parse(bench.vault.open(claimed!.secrets!, `${body.job_id}/request`))).toEqual({
      source: { username: "admin", password: RESTORE.source.password },
      target: { username: "admin", password: RESTORE.target.password },
    });
  });

  it("takes a clone by its id, without credentials", async () => {
    const cloneId = bench.directory.add("clone-20260205-143022", "acme");
    const { body } = await asked(post("/api/v2/restore", { ...RESTORE, source: { clone_id: cloneId }, force: true }));
    const job = await bench.store.jobs.find(body.job_id);
    expect(job).toMatchObject({ cloneId, request: { source: { clone_id: cloneId }, force: true } });
  });

  it.each([
    [{}, "source"],
    [{ clone_id: "clone-20260205-143022", url: "https://a.example" }, "source"],
    [{ clone_id: "clone-20260205-143022", username: "a", password: "b" }, "source.clone_id"],
    [{ url: "https://a.example" }, "source.password"],
  ])("[CLONE-03] refuses a source of %j", async (source, path) => {
    const { status, body } = await asked(post("/api/v2/restore", { ...RESTORE, source }));
    expect(status).toBe(422);
    expect(body.errors).toEqual([expect.objectContaining({ code: "REQUEST_FIELD", path })]);
  });
});

describe("DELETE /api/v2/delete/{clone_id}", () => {
  it("[CLONE-01] makes a job that ends the clone", async () => {
    const cloneId = bench.directory.add("clone-20260205-143022", "acme");
    const { status, body } = await asked({ method: "DELETE", url: `/api/v2/delete/${cloneId}` });
    expect(status).toBe(202);
    const job = await bench.store.jobs.find(body.job_id);
    expect(job).toMatchObject({ type: "delete", cloneId, request: { clone_id: cloneId } });
  });
});

describe("GET /api/v2/job-status/{job_id}", () => {
  it("[CLONE-01] tells the documents' fields of a job that waits", async () => {
    const id = await newClone();
    const { status, headers, body } = await asked(get(`/api/v2/job-status/${id}`));
    expect(status).toBe(200);
    expect(headers["retry-after"]).toBe("2");
    expect(body).toEqual({
      job_id: id,
      type: "clone",
      status: "pending",
      progress: 0,
      status_message: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      updated_at: expect.any(String),
      completed_at: null,
      result: null,
      error: null,
      error_code: null,
      cancel_requested: false,
      clone_id: null,
    });
  });

  it("[CLONE-01] tells where a completed clone is, and how to get in", async () => {
    const id = await newClone();
    await bench.completeClone(id, "clone-20260205-143022");
    const { body } = await asked(get(`/api/v2/job-status/${id}`));
    expect(body).toMatchObject({
      status: "completed",
      progress: 100,
      clone_url: "https://test-clone-001.clones.betaweb.ai",
      username: "clone-admin",
      password: "canary-clone-admin",
      login_url: "https://test-clone-001.clones.betaweb.ai/?login=canary-once",
      expires_at: expect.any(String),
    });
  });

  it("tells no credentials where the stack shows none, after the clone's end, or sealed by a key that is gone", async () => {
    const id = await newClone();
    await bench.completeClone(id, "clone-20260205-143022");
    const closed = await bench.api({ exposeCredentials: false });
    const rotated = await bench.api({ vault: { seal: () => "", open: () => Promise.reject(new Error("no key")) } });
    const later = await bench.api({ clock: { ...bench.deps().clock, now: () => new Date(Date.now() + 86_400_000) } });
    for (const one of [closed, rotated, later]) {
      const { status, body } = await ask(one, bench.keys.acme, get(`/api/v2/job-status/${id}`));
      expect(status).toBe(200);
      expect(body.clone_url).toBeDefined();
      expect([body.username, body.password, body.login_url]).toEqual([undefined, undefined, undefined]);
    }
  });

  it("[CLONE-01] tells why a job failed", async () => {
    const id = await newClone();
    await bench.finish(id, { status: "failed", failure: { code: "MIGRATION_FAILED", message: "The site is away." } });
    const { body } = await asked(get(`/api/v2/job-status/${id}`));
    expect(body).toMatchObject({ status: "failed", error: "The site is away.", error_code: "MIGRATION_FAILED" });
  });
});

describe("Idempotency-Key", () => {
  const twice = { "idempotency-key": "order 4711" };

  it("[CLONE-13] makes one job of many requests at once", async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => asked(post("/api/v2/clone", CLONE, twice))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => body.job_id)).size).toBe(1);
    expect(await bench.count()).toBe(1);
  });

  it.each([
    ["another field", { ...CLONE, ttl_minutes: 31 }],
    ["another password", { ...CLONE, source_password: "another" }],
    ["another webhook", { ...CLONE, webhook_url: "https://hooks.example.com" }],
  ])("[CLONE-03] is refused with %s", async (_, body) => {
    await asked(post("/api/v2/clone", CLONE, twice));
    const second = await asked(post("/api/v2/clone", body, twice));
    expect(second).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_MISMATCH" } });
    expect(await bench.count()).toBe(1);
  });

  it("is each tenant's own, and may be repeated with what is the same by default", async () => {
    const first = await asked(post("/api/v2/clone", CLONE, twice));
    const same = await asked(post("/api/v2/clone", { ...CLONE, anonymize: false }, twice));
    const others = await asked(post("/api/v2/clone", CLONE, twice), bench.keys.other);
    expect(same.body.job_id).toBe(first.body.job_id);
    expect(others.status).toBe(202);
    expect(others.body.job_id).not.toBe(first.body.job_id);
  });

  it.each(["", "x".repeat(256), "ünï"])("[CLONE-03] is refused as %j", async (key) => {
    const { status, body } = await asked(post("/api/v2/clone", CLONE, { "idempotency-key": key }));
    expect([status, body.code]).toEqual([400, "REQUEST_FIELD"]);
    expect(await bench.count()).toBe(0);
  });
});

describe("lists of jobs", () => {
  it("come in pages, newest first, with the way to the next", async () => {
    const ids: string[] = [];
    for (let made = 0; made < 5; made += 1) ids.unshift(await newClone());
    const seen: string[] = [];
    let url: string | undefined = "/api/v2/jobs?limit=2&type=clone";
    while (url !== undefined) {
      const { status, headers, body }: Awaited<ReturnType<typeof ask>> = await asked(get(url));
      expect(status).toBe(200);
      seen.push(...body.jobs.map((job: { job_id: string }) => job.job_id));
      url = /^<([^>]+)>; rel="next"$/.exec(String(headers.link))?.[1];
      expect(body.next_cursor === null).toBe(url === undefined);
    }
    expect(seen).toEqual(ids);
  });

  it("can be narrowed by state, type and clone", async () => {
    await newClone();
    const { body: none } = await asked(get("/api/v2/jobs?status=completed"));
    const { body: some } = await asked(get("/api/v2/jobs?status=pending&type=clone"));
    const { body: other } = await asked(get("/api/v2/jobs?clone_id=clone-20260205-143022"));
    expect([none.jobs.length, some.jobs.length, other.jobs.length]).toEqual([0, 1, 0]);
  });

  it.each(["limit=0", "limit=101", "limit=x", "limit=1&limit=2", "status=done", "cursor=%00", "cursor=abc", "page=2"])(
    "[CLONE-03] are refused for ?%s",
    async (query) => {
      const { status, body } = await asked(get(`/api/v2/jobs?${query}`));
      expect(status).toBe(400);
      expect(body.code).toMatch(/^(REQUEST_FIELD|REQUEST_FIELD_UNKNOWN|CURSOR_INVALID)$/);
    },
  );
});

describe("POST /api/v2/jobs/{id}/cancel", () => {
  it("[CLONE-04] ends a job that waits, and may be repeated", async () => {
    const id = await newClone();
    const cancel = { method: "POST" as const, url: `/api/v2/jobs/${id}/cancel` };
    const first = await asked(cancel);
    expect(first).toMatchObject({ status: 202, body: { job_id: id, status: "cancelled" } });
    // Clients send the header though there is no body.
    const again = await asked({ ...cancel, headers: { "content-type": "application/json" } });
    expect(again.status).toBe(202);
  });

  it("[CLONE-04] tells a running job", async () => {
    const id = await newClone();
    const claimed = await bench.store.jobs.claim(id, "worker-1");
    expect((await asked({ method: "POST", url: `/api/v2/jobs/${id}/cancel` })).body.status).toBe("running");
    expect(await bench.store.jobs.heartbeat(claimed!.hold)).toBe("cancel");
    expect((await asked(get(`/api/v2/job-status/${id}`))).body.cancel_requested).toBe(true);
  });

  it("is refused when the job is over", async () => {
    const id = await newClone();
    await bench.completeClone(id, "clone-20260205-143022");
    const { status, body } = await asked({ method: "POST", url: `/api/v2/jobs/${id}/cancel` });
    expect([status, body.code]).toEqual([409, "JOB_OVER"]);
  });

  it("of a restore needs the scope for restores", async () => {
    const { body } = await asked(post("/api/v2/restore", RESTORE));
    const key = { tenantId: "acme", name: "clones", scopes: ["clones:read", "clones:write"] as const };
    const { text } = await bench.store.apiKeys.create(key);
    const cancel = await asked({ method: "POST", url: `/api/v2/jobs/${body.job_id}/cancel` }, text);
    expect([cancel.status, cancel.body.code]).toEqual([403, "KEY_SCOPE"]);
  });
});
