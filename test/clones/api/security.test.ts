import type { FastifyInstance, InjectOptions } from "fastify";
import { ask, bearer, Bench, CLONE, EVERYTHING, get, post, RESTORE } from "./support";

let bench: Bench;
let app: FastifyInstance;
beforeEach(async () => {
  bench = await Bench.start();
  app = await bench.api({ limits: { streamMilliseconds: 1 } });
});
afterEach(() => bench.stop());

const CLONE_ID = "clone-20260205-143022";
const COPY_ID = "copy-0123456789abcdef01234567";

const NO_JOB = "job-000000000000000000000000";

/** Every route that needs a key, with what it needs. */
const ROUTES: readonly (readonly [scope: string, options: InjectOptions])[] = [
  ["clones:write", post("/api/v2/clone", CLONE)],
  ["restore", post("/api/v2/restore", RESTORE)],
  ["clones:write", { method: "DELETE", url: `/api/v2/delete/${CLONE_ID}` }],
  ["clones:read", get("/api/v2/job-status/JOB")],
  ["clones:read", get("/api/v2/jobs")],
  ["clones:write", { method: "POST", url: "/api/v2/jobs/JOB/cancel" }],
  ["restore", post("/api/v2/jobs/JOB/rollback", { target: { username: "admin", password: "secret" } })],
  ["clones:read", get("/api/v2/jobs/JOB/events")],
  ["clones:read", get("/api/v2/clones")],
  ["clones:read", get(`/api/v2/clones/${CLONE_ID}`)],
  ["clones:write", post(`/api/v2/clones/${CLONE_ID}/extend`, { ttl_minutes: 120 })],
  ["copies", get("/api/v2/tenant-copies")],
  ["copies", post("/api/v2/tenant-copies", {})],
  ["copies", get(`/api/v2/tenant-copies/${COPY_ID}`)],
  ["copies", post(`/api/v2/tenant-copies/${COPY_ID}/extend`, { ttl_minutes: 120 })],
  ["copies", { method: "DELETE", url: `/api/v2/tenant-copies/${COPY_ID}` }],
  ["admin", get("/api/v2/webhook-secret")],
  ["clones:write", post("/clone", CLONE)],
  ["restore", post("/restore", RESTORE)],
];

const title = ({ method, url }: InjectOptions) => `${method!} ${url as string}`;

describe("keys", () => {
  it("[CLONE-03] are needed on every route but those for machines and readers", async () => {
    const open: string[] = [];
    const watched = await bench.api();
    for (const [path, item] of Object.entries(watched.swagger().paths ?? {})) {
      for (const method of Object.keys(item as object)) {
        const url = path.replace("{job_id}", "job-1").replace("{clone_id}", CLONE_ID).replace("{copy_id}", COPY_ID);
        const { statusCode } = await watched.inject({ method: method.toUpperCase() as "GET", url });
        if (statusCode !== 401) open.push(`${method} ${path}`);
      }
    }
    expect(open.sort()).toEqual(["get /healthz", "get /readyz"]);
    const documented = Object.values(watched.swagger().paths ?? {}).flatMap((item) => Object.keys(item as object));
    expect(documented.length).toBe(ROUTES.length + open.length);
  });

  it("[CLONE-03] open each route with its scope alone", async () => {
    for (const [scope, options] of ROUTES) {
      const scopes = EVERYTHING.filter((one) => one !== scope);
      const { text } = await bench.store.apiKeys.create({ tenantId: "acme", name: "all but one", scopes });
      const { status, headers, body } = await ask(app, text, options);
      expect([title(options), status, body.code]).toEqual([title(options), 403, "KEY_SCOPE"]);
      expect(headers["www-authenticate"]).toContain(`scope="${scope}"`);
    }
    expect(await bench.count()).toBe(0);
  });

  it.each([
    ["none", {}, "KEY_MISSING"],
    ["one of another kind", { authorization: "Basic YWRtaW46eA==" }, "KEY_UNKNOWN"],
    ["one that nobody has", bearer(`lw_0123456789abcdef_${"a".repeat(43)}`), "KEY_UNKNOWN"],
    ["one with a line break", { "x-api-key": "abcdefgh\tijkl" }, "KEY_MISSING"],
    ["a very long one", bearer("x".repeat(5000)), "KEY_UNKNOWN"],
  ])("[CLONE-03] are asked for where there is %s", async (_, headers, code) => {
    const answer = await app.inject({ ...get("/api/v2/jobs"), headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer realm="clones"/);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json().code).toBe(code);
  });

  it("are taken as X-API-Key too, and no longer once they are revoked", async () => {
    const { text, keyId } = await bench.store.apiKeys.create({ tenantId: "acme", name: "x", scopes: ["clones:read"] });
    const asked = () => app.inject({ ...get("/api/v2/jobs"), headers: { "x-api-key": text } });
    expect((await asked()).statusCode).toBe(200);
    await bench.store.apiKeys.revoke(keyId);
    expect((await asked()).statusCode).toBe(401);
  });
});

describe("a tenant", () => {
  const others = async () => {
    bench.directory.add(CLONE_ID, "other");
    bench.copies.add(COPY_ID, "other");
    const { body } = await ask(app, bench.keys.other, post("/api/v2/clone", CLONE));
    return body.job_id as string;
  };

  it("[CLONE-03] gets of another tenant's ids on every route what it gets of none: 404 in the same words", async () => {
    const jobId = await others();
    const withIds = ROUTES.filter(([, { url }]) => /JOB|clone-2|copy-0/.test(url as string));
    expect(withIds.length).toBe(10);
    for (const [, options] of withIds) {
      const at = (job: string, clone: string, copy: string) => ({
        ...options,
        url: (options.url as string).replace("JOB", job).replace(CLONE_ID, clone).replace(COPY_ID, copy),
      });
      const foreign = await ask(app, bench.keys.acme, at(jobId, CLONE_ID, COPY_ID));
      const missing = await ask(
        app,
        bench.keys.acme,
        at(NO_JOB, "clone-20260205-143099", "copy-000000000000000000000000"),
      );
      const nonsense = await ask(app, bench.keys.acme, at("x'--", "%F0%9F%92%A9", "%F0%9F%92%A9"));
      for (const { status, body } of [foreign, missing, nonsense]) {
        expect([title(options), status]).toEqual([title(options), 404]);
        expect({ ...body, instance: "" }).toEqual({ ...missing.body, instance: "" });
      }
    }
    expect(await bench.count()).toBe(1);
    expect((await bench.store.jobs.find(jobId))?.status).toBe("pending");
    for (const [, options] of withIds) {
      const url = (options.url as string).replace("JOB", jobId);
      const own = await ask(app, bench.keys.other, { ...options, url });
      expect([title(options), own.status]).toEqual([title(options), expect.any(Number)]);
      // It is a clone, which can't be put back.
      const isKnown = url.endsWith("/rollback") ? own.body.code === "JOB_NOT_RESTORED" : own.status < 300;
      expect([title(options), isKnown]).toEqual([title(options), true]);
    }
  });

  it.each(["/api/v2/restore", "/restore"])("[CLONE-03] can't bring back another tenant's clone by %s", async (url) => {
    await others();
    const body = { ...RESTORE, source: { clone_id: CLONE_ID } };
    const answer = await ask(app, bench.keys.acme, post(url, body));
    expect([answer.status, answer.body.code]).toEqual([404, "CLONE_NOT_FOUND"]);
    expect(await bench.count()).toBe(1);
  });

  it("[CLONE-03] finds nothing of another tenant's in lists", async () => {
    await others();
    expect((await ask(app, bench.keys.acme, get("/api/v2/jobs"))).body.jobs).toEqual([]);
    expect((await ask(app, bench.keys.acme, get("/api/v2/clones"))).body.clones).toEqual([]);
    // Nor if the directory told too much.
    bench.directory.list = () => Promise.resolve({ clones: [...bench.directory.clones.values()] });
    expect((await ask(app, bench.keys.acme, get("/api/v2/clones"))).body.clones).toEqual([]);
  });

  it("has a webhook secret of its own, always the same", async () => {
    const secret = async (key: string) => (await ask(app, key, get("/api/v2/webhook-secret"))).body.secret;
    expect(await secret(bench.keys.acme)).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(await secret(bench.keys.acme)).toBe(await secret(bench.keys.acme));
    expect(await secret(bench.keys.acme)).not.toBe(await secret(bench.keys.other));
  });
});

describe("secrets", () => {
  const CANARY = /canary-/;
  const given = { ...CLONE, source_api_key: "canary-api-key" };
  const wrong: readonly object[] = [
    { ...given, customer_id: "canary-in-the-wrong-place!" },
    { ...given, source_url: "https://admin:canary-url@example.com" },
    { ...given, source_url: "https://example.com/?token=canary-query" },
    { ...given, "canary-as a name": 1 },
    { ...given, webhook_url: "http://10.0.0.1/canary-hook" },
    { ...given, database: "canary-choice" },
    { ...given, ttl_minutes: "canary-number" },
    { ...given, source_password: `canary-${"x".repeat(600)}` },
    [given],
  ];

  it("[CLONE-03] stay out of the log, of the jobs' rows and of every answer but the owner's", async () => {
    const answers: string[] = [];
    const send = async (options: InjectOptions, key = bench.keys.acme) => {
      const answer = await ask(app, key, options);
      answers.push(answer.text, JSON.stringify(answer.headers));
      return answer;
    };
    const { body } = await send(post("/api/v2/clone", given));
    await send(post("/api/v2/restore", RESTORE));
    for (const one of wrong) expect((await send(post("/api/v2/clone", one))).status).toBeGreaterThanOrEqual(400);
    await send({ ...post("/api/v2/clone", {}), payload: '{"source_password":"canary-broken', headers: JSON_TYPE });
    await send(get("/api/v2/canary-path"));
    await send(get("/api/v2/jobs?cursor=canary-cursor"));
    await send(get("/api/v2/jobs"), "canary-key-that-nobody-has");
    bench.store.jobs.create = () => Promise.reject(new Error("driver says: canary-source-password"));
    expect((await send(post("/api/v2/clone", given))).status).toBe(500);
    await send(get(`/api/v2/job-status/${body.job_id}`));
    await bench.completeClone(body.job_id, CLONE_ID);
    await send(get("/api/v2/jobs"));
    const mine = await ask(app, bench.keys.acme, get(`/api/v2/job-status/${body.job_id}`));
    expect(mine.body.password).toBe("canary-clone-admin");
    const { jobs } = await bench.store.jobs.list({});
    expect(answers.filter((text) => text.includes("canary-"))).toEqual([]);
    expect(bench.lines.filter((text) => text.includes("canary-"))).toEqual([]);
    expect(bench.lines.length).toBeGreaterThan(15);
    expect(JSON.stringify(jobs)).not.toMatch(CANARY);
  });

  it("[CLONE-12] are no part of a log line, which names request, route, status and trace", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headers = { traceparent, "x-request-id": "request-4711" };
    await ask(app, bench.keys.acme, get("/api/v2/job-status/job-000000000000000000000000", headers));
    expect(JSON.parse(bench.lines.at(-1)!)).toMatchObject({
      req_id: "request-4711",
      method: "GET",
      route: "/api/v2/job-status/:job_id",
      status: 404,
      tenant_id: "acme",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
    });
  });
});

const JSON_TYPE = { "content-type": "application/json" };
