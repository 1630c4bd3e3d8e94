import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { StoreUnavailable } from "../../../clones/store/errors";
import { ask, bearer, Bench, CLONE, get, post } from "./support";

let bench: Bench;
let app: FastifyInstance;
beforeEach(async () => {
  bench = await Bench.start();
  app = await bench.api();
});
afterEach(() => bench.stop());

const CLONE_ID = "clone-20260205-143022";
const never = () => new Promise<never>(() => undefined);
const asked = (options: Parameters<typeof ask>[2], on = app) => ask(on, bench.keys.acme, options);

describe("clones", () => {
  it("are listed in pages, with where they are and when they end", async () => {
    for (const second of [1, 2, 3]) bench.directory.add(`clone-20260205-14302${second}`, "acme");
    const { headers, body } = await asked(get("/api/v2/clones?limit=2"));
    expect(body.clones).toHaveLength(2);
    expect(body.clones[0]).toEqual({
      clone_id: "clone-20260205-143021",
      customer_id: "c-0",
      job_id: null,
      clone_url: "https://c-0.clones.betaweb.ai",
      status: "ready",
      status_message: null,
      created_at: expect.any(String),
      expires_at: expect.any(String),
    });
    const next = await asked(get(/^<([^>]+)>; rel="next"$/.exec(String(headers.link))![1]!));
    expect(next.body.clones.map((clone: { clone_id: string }) => clone.clone_id)).toEqual(["clone-20260205-143023"]);
    expect(next.body.next_cursor).toBeNull();
    expect((await asked(get("/api/v2/clones?customer_id=c-1"))).body.clones).toHaveLength(1);
  });

  it("get the life that was asked for, counted from their creation", async () => {
    bench.directory.add(CLONE_ID, "acme");
    const { status, body } = await asked(post(`/api/v2/clones/${CLONE_ID}/extend`, { ttl_minutes: 90 }));
    expect(status).toBe(200);
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(90 * 60_000);
  });

  it("that end can't be extended", async () => {
    bench.directory.add(CLONE_ID, "acme", { ending: true });
    const { status, body } = await asked(post(`/api/v2/clones/${CLONE_ID}/extend`, { ttl_minutes: 90 }));
    expect([status, body.code]).toEqual([409, "CLONE_ENDED"]);
  });

  it("[CLONE-14] are 503 with Retry-After while the API server is away", async () => {
    bench.directory.failure = new Error("connect ECONNREFUSED");
    const asks = [get("/api/v2/clones"), get(`/api/v2/clones/${CLONE_ID}`)];
    for (const options of asks) {
      const { status, headers, body } = await asked(options);
      expect([status, headers["retry-after"], body.code]).toEqual([503, "5", "DIRECTORY_UNAVAILABLE"]);
    }
    expect((await asked(post("/api/v2/clone", CLONE))).status).toBe(202);
  });
});

describe("a store that is away", () => {
  it("[CLONE-14] means 503 with Retry-After, and no promise", async () => {
    const away = () => Promise.reject(new StoreUnavailable("connect ECONNREFUSED"));
    const lost = await bench.api({ jobs: { ...bench.store.jobs, create: away, find: away, list: away } });
    const locked = await bench.api({ keys: { authenticate: away } });
    const id = "job-000000000000000000000000";
    for (const options of [post("/api/v2/clone", CLONE), get("/api/v2/jobs"), get(`/api/v2/job-status/${id}`)]) {
      for (const on of [lost, locked]) {
        const { status, headers, body } = await asked(options, on);
        expect([status, headers["retry-after"], body.code]).toEqual([503, "5", "STORE_UNAVAILABLE"]);
      }
    }
  });

  it("[CLONE-14] never means a hang", async () => {
    const slow = await bench.api({
      jobs: { ...bench.store.jobs, create: never, find: never, list: never },
      limits: { requestMilliseconds: 50 },
    });
    const id = "job-000000000000000000000000";
    const all = [
      post("/api/v2/clone", CLONE),
      get("/api/v2/jobs"),
      get(`/api/v2/job-status/${id}`),
      get(`/api/v2/jobs/${id}/events`),
      { method: "POST" as const, url: `/api/v2/jobs/${id}/cancel` },
    ];
    for (const options of all) {
      const { status, headers, body } = await asked(options, slow);
      expect([status, headers["retry-after"], body.code]).toEqual([503, "5", "SERVICE_SLOW"]);
    }
    const keys = await bench.api({ keys: { authenticate: never }, limits: { requestMilliseconds: 50 } });
    expect((await asked(get("/api/v2/jobs"), keys)).body.code).toBe("SERVICE_SLOW");
  });

  it("[CLONE-14] never means a hang on a real connection either, once the body was read", async () => {
    const slow = await bench.api({ limits: { requestMilliseconds: 50 } });
    bench.store.jobs.create = never;
    await slow.listen({ port: 0, host: "127.0.0.1" });
    const { port } = slow.server.address() as AddressInfo;
    const headers = { ...bearer(bench.keys.acme), "content-type": "application/json" };
    const body = JSON.stringify(CLONE);
    const signal = AbortSignal.timeout(2000);
    const answer = await fetch(`http://127.0.0.1:${port}/api/v2/clone`, { method: "POST", headers, body, signal });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await answer.json()).toMatchObject({ code: "SERVICE_SLOW" });
    slow.server.closeAllConnections();
  });
});

describe("health", () => {
  const state = async (on = app) => {
    const answer = await on.inject("/readyz");
    return [answer.statusCode, answer.json()];
  };

  it("is asked without a key, and tells what is up", async () => {
    expect((await app.inject("/healthz")).json()).toEqual({ status: "ok" });
    const checks = { store: "up", queue: "up", directory: "up" };
    expect(await state()).toEqual([200, { status: "ready", checks }]);
  });

  it("[CLONE-14] is degraded without queue and directory, because jobs are promised all the same", async () => {
    bench.queueFailure = new Error("Redis at 10.1.2.3 with password x");
    bench.directory.failure = new Error("away");
    const checks = { store: "up", queue: "down", directory: "down" };
    expect(await state()).toEqual([200, { status: "degraded", checks }]);
  });

  it("[CLONE-14] is 503 without the store, even one that hangs", async () => {
    const slow = await bench.api({ jobs: { ...bench.store.jobs, check: never }, limits: { checkMilliseconds: 20 } });
    const checks = { store: "down", queue: "up", directory: "up" };
    expect(await state(slow)).toEqual([503, { status: "unavailable", checks }]);
    expect((await slow.inject("/healthz")).statusCode).toBe(200);
  });
});

describe("rate limits", () => {
  it("are told to each key, and end in 429 with Retry-After", async () => {
    const key = { tenantId: "acme", name: "slow", scopes: ["clones:read"] as const, ratePerMinute: 3 };
    const { text } = await bench.store.apiKeys.create(key);
    const answers = [];
    for (let turn = 0; turn < 4; turn += 1) answers.push(await ask(app, text, get("/api/v2/jobs")));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers["ratelimit-remaining"])).toEqual(["2", "1", "0", "0"]);
    expect(answers[3]).toMatchObject({
      headers: { "ratelimit-limit": "3", "retry-after": "60", "content-type": "application/problem+json" },
      body: { code: "RATE_LIMITED" },
    });
    expect((await asked(get("/api/v2/jobs"))).status).toBe(200);
  });

  it("let requests pass when what counts them is away", async () => {
    const away = (...args: unknown[]) => (args.at(-1) as (error: Error) => void)(new Error("Redis is away"));
    const limited = await bench.api({ rateRedis: { defineCommand: () => undefined, rateLimit: away } });
    expect((await asked(get("/api/v2/jobs"), limited)).status).toBe(200);
  });
});

describe("every answer", () => {
  it("carries the headers that keep it from browsers' guesses and caches", async () => {
    const { headers } = await asked(get("/api/v2/jobs"));
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  it("is a problem with its code where there is no route", async () => {
    const { status, headers, body } = await asked(get("/api/v3/nothing"));
    expect([status, headers["content-type"], body.code]).toEqual([404, "application/problem+json", "ROUTE_NOT_FOUND"]);
  });

  it("[CLONE-14] is 503 with Connection: close while the process ends", async () => {
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const find = bench.store.jobs.find.bind(bench.store.jobs);
    bench.store.jobs.find = async (id) => {
      await held;
      return await find(id);
    };
    const url = `http://127.0.0.1:${port}/api/v2/job-status/job-000000000000000000000000`;
    const before = fetch(url, { headers: { authorization: `Bearer ${bench.keys.acme}` } });
    // Half a request, so that its connection isn't idle when the process ends.
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve) => socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n", resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = app.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write("\r\n");
    const late = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    expect(late).toMatch(/^HTTP\/1\.1 503 /);
    expect(late).toMatch(/^connection: close\r$/im);
    expect(late).toContain("SERVICE_CLOSING");
    release();
    const answered = await before;
    expect([answered.status, answered.headers.get("connection")]).toEqual([404, "close"]);
    await closing;
  });
});

describe("the routes of v1", () => {
  it("[CLONE-02] wait for the job, and say that they are deprecated", async () => {
    const answer = asked(post("/clone", CLONE));
    while (bench.queued.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await bench.completeClone(bench.queued[0]!, CLONE_ID);
    const { status, headers, body } = await answer;
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      job_id: bench.queued[0],
      clone_url: "https://test-clone-001.clones.betaweb.ai",
      username: "clone-admin",
      password: "canary-clone-admin",
    });
    expect(headers).toMatchObject({
      deprecation: "@1771545600",
      sunset: "Sat, 20 Feb 2027 00:00:00 GMT",
      link: '</api/v2/clone>; rel="successor-version"',
    });
    expect(Date.parse("2026-02-20T00:00:00Z") / 1000).toBe(1_771_545_600);
  });

  it("[CLONE-02] wait on a real connection too, until whoever asked goes away", async () => {
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    const gone = new AbortController();
    const headers = { ...bearer(bench.keys.acme), "content-type": "application/json" };
    const url = `http://127.0.0.1:${port}/clone`;
    const send = (init: RequestInit) => fetch(url, { method: "POST", headers, body: JSON.stringify(CLONE), ...init });
    const answer = send({});
    while (bench.queued.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    // Several looks at the job: one that took the body's end for the caller's would have answered by now.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await bench.completeClone(bench.queued[0]!, CLONE_ID);
    expect((await answer).status).toBe(200);

    const finds = jest.spyOn(bench.store.jobs, "find");
    const left = send({ signal: gone.signal }).catch(() => "left");
    while (bench.queued.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    gone.abort();
    expect(await left).toBe("left");
    await new Promise((resolve) => setTimeout(resolve, 50));
    const looks = finds.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(finds.mock.calls.length).toBe(looks);
    expect((await bench.store.jobs.find(bench.queued[1]!))?.status).toBe("pending");
    // Idle by now; the API would wait for the client to close them.
    app.server.closeAllConnections();
  });

  it("[CLONE-02] tell why the job failed", async () => {
    const answer = asked(post("/clone", CLONE));
    while (bench.queued.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await bench.finish(bench.queued[0]!, { status: "failed", failure: { code: "SITE_AWAY", message: "It is away." } });
    expect(await answer).toMatchObject({ status: 502, body: { code: "SITE_AWAY" } });
  });

  it("[CLONE-02] give way to the status after a while, and leave the job as it is", async () => {
    const hasty = await bench.api({ limits: { legacyMilliseconds: 30 } });
    const { status, headers, body } = await asked(post("/clone", CLONE), hasty);
    expect([status, body.code]).toEqual([504, "JOB_RUNNING"]);
    expect(headers.location).toBe(`/api/v2/job-status/${bench.queued[0]}`);
    expect((await bench.store.jobs.find(bench.queued[0]!))?.status).toBe("pending");
  });
});

describe("a key's long requests", () => {
  it("are limited, and given back", async () => {
    const limits = { streamsPerKey: 1, legacyMilliseconds: 100 };
    const narrow = await bench.api({ limits });
    const both = await Promise.all([asked(post("/clone", CLONE), narrow), asked(post("/clone", CLONE), narrow)]);
    expect(both.map(({ status }) => status).sort()).toEqual([429, 504]);
    expect(await bench.count()).toBe(1);
    expect((await asked(post("/clone", CLONE), narrow)).status).toBe(504);
  });
});
