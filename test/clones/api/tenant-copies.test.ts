import type { FastifyInstance } from "fastify";
import type { Scope } from "../../../clones/store/api-keys";
import { ask, Bench, CLONE, get, post } from "./support";

const COPIES = "/api/v2/tenant-copies";
const ID = "copy-0123456789abcdef01234567";
const OTHER = "copy-89abcdef0123456789abcdef";

let bench: Bench;
let app: FastifyInstance;
beforeEach(async () => {
  bench = await Bench.start();
  app = await bench.api();
});
afterEach(() => bench.stop());

const keyWith = async (...scopes: Scope[]) =>
  (await bench.store.apiKeys.create({ tenantId: "acme", name: "test", scopes })).text;
const acme = async (...args: Parameters<typeof post>) => await ask(app, bench.keys.acme, post(...args));

describe("a copy of a tenant's database", () => {
  it("is asked for as a job, which is in the table and the queue, with the tenant's own database and no other", async () => {
    const { status, headers, body } = await acme(COPIES, {});
    expect(status).toBe(202);
    expect(headers.location).toBe(`/api/v2/job-status/${body.job_id}`);
    expect(bench.queued).toEqual([body.job_id]);
    const job = await bench.store.jobs.find(body.job_id);
    expect(job).toMatchObject({ type: "copy", tenantId: "acme", request: { ttl_minutes: 480 } });
    for (const field of ["tenant", "database", "source"]) {
      const refused = await acme(COPIES, { [field]: "other" });
      expect([refused.status, refused.body.code]).toEqual([422, "REQUEST_FIELD_UNKNOWN"]);
    }
  });

  it.each([14, 10_081, 30.5, "30"])("doesn't live for %p minutes", async (ttl_minutes) => {
    const { status, body } = await acme(COPIES, { ttl_minutes });
    expect([status, body.errors[0].path]).toEqual([422, "ttl_minutes"]);
    expect(await bench.count()).toBe(0);
  });

  it("is made once for one Idempotency-Key, and has no more webhooks than other jobs may", async () => {
    const key = { "idempotency-key": "order-4711" };
    const first = await acme(COPIES, { ttl_minutes: 30 }, key);
    const again = await acme(COPIES, { ttl_minutes: 30 }, key);
    const other = await acme(COPIES, { ttl_minutes: 60 }, key);
    expect(again.body.job_id).toBe(first.body.job_id);
    expect([other.status, other.body.code]).toEqual([422, "IDEMPOTENCY_MISMATCH"]);
    const inside = await acme(COPIES, { webhook_url: "http://10.0.0.1/" });
    expect([inside.status, inside.body.code]).toEqual([422, "URL_REFUSED"]);
  });

  it("is refused before anything is promised, where the tenant has as many as it may have", async () => {
    bench.copies.add(ID, "acme");
    bench.copies.add(OTHER, "acme", { state: "ending" });
    const { status, headers, body } = await acme(COPIES, {});
    expect([status, body.code]).toEqual([409, "TENANT_COPY_LIMIT"]);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(await bench.count()).toBe(0);
  });

  it("is shown to its tenant alone, in lists too", async () => {
    bench.copies.add(ID, "acme");
    bench.copies.add(OTHER, "other");
    const { body } = await ask(app, bench.keys.acme, get(COPIES));
    expect(body.copies).toEqual([
      expect.objectContaining({
        copy_id: ID,
        database: "acme",
        status: "ready",
        copy_url: `https://${ID}.loomworks.app`,
      }),
    ]);
    bench.copies.list = () => Promise.resolve([...bench.copies.copies.values()]);
    expect((await ask(app, bench.keys.acme, get(COPIES))).body.copies).toHaveLength(1);
    expect((await ask(app, bench.keys.acme, get(`${COPIES}/${OTHER}`))).status).toBe(404);
  });

  it("lives longer when it is told to, and not once it ends", async () => {
    bench.copies.add(ID, "acme");
    const longer = await acme(`${COPIES}/${ID}/extend`, { ttl_minutes: 120 });
    expect(Date.parse(longer.body.expires_at) - Date.parse(longer.body.created_at)).toBe(120 * 60_000);
    bench.copies.add(OTHER, "acme", { state: "ending" });
    const ending = await acme(`${COPIES}/${OTHER}/extend`, { ttl_minutes: 120 });
    expect([ending.status, ending.body.code]).toEqual([409, "TENANT_COPY_ENDED"]);
  });

  it("is ended by a job that names it", async () => {
    bench.copies.add(ID, "acme");
    const { status, body } = await ask(app, bench.keys.acme, { method: "DELETE", url: `${COPIES}/${ID}` });
    expect(status).toBe(202);
    expect(await bench.store.jobs.find(body.job_id)).toMatchObject({ type: "delete", request: { copy_id: ID } });
  });
});

describe("the right to copies", () => {
  it("is nobody's who wasn't given it: neither writers nor administrators have it", async () => {
    const key = await keyWith("clones:read", "clones:write", "restore", "admin");
    const { status, body } = await ask(app, key, post(COPIES, {}));
    expect([status, body.code]).toEqual([403, "KEY_SCOPE"]);
    expect(await bench.count()).toBe(0);
  });

  it("opens jobs of copies; for keys without it these aren't there, in lists, status, story and cancellation", async () => {
    const { body } = await acme(COPIES, {});
    bench.copies.add(ID, "acme");
    const ended = await ask(app, bench.keys.acme, { method: "DELETE", url: `${COPIES}/${ID}` });
    const clone = await acme("/api/v2/clone", CLONE);
    const without = await keyWith("clones:read", "clones:write");
    for (const id of [body.job_id, ended.body.job_id]) {
      for (const [method, url] of [
        ["GET", `/api/v2/job-status/${id}`],
        ["GET", `/api/v2/jobs/${id}/events`],
        ["POST", `/api/v2/jobs/${id}/cancel`],
      ] as const) {
        expect((await ask(app, without, { method, url })).body.code).toBe("JOB_NOT_FOUND");
      }
    }
    const list = await ask(app, without, get("/api/v2/jobs"));
    expect(list.body.jobs.map((job: { job_id: string }) => job.job_id)).toEqual([clone.body.job_id]);
    const withIt = await keyWith("clones:read", "copies");
    expect((await ask(app, withIt, get("/api/v2/jobs"))).body.jobs).toHaveLength(3);
    expect((await ask(app, withIt, get(`/api/v2/job-status/${body.job_id}`))).status).toBe(200);
  });
});

it("copies are off where no installation was named, and every route says so", async () => {
  const off = await bench.api({ copies: undefined });
  for (const options of [post(COPIES, {}), get(COPIES), get(`${COPIES}/${ID}`)]) {
    const { status, body } = await ask(off, bench.keys.acme, options);
    expect([status, body.code]).toEqual([404, "TENANT_COPY_OFF"]);
  }
});
