import fc from "fast-check";
import type { FastifyInstance, InjectOptions } from "fastify";
import { ask, bearer, Bench, CLONE, post, RESTORE } from "./support";

let bench: Bench;
let app: FastifyInstance;
beforeAll(async () => {
  bench = await Bench.start();
  app = await bench.api();
  bench.directory.add(CLONE_ID, "acme");
});
afterAll(() => bench.stop());

const CLONE_ID = "clone-20260205-143022";
const ROUTES = ["/api/v2/clone", "/api/v2/restore", `/api/v2/clones/${CLONE_ID}/extend`, "/clone", "/restore"] as const;
const HEADER_CHARACTERS = Array.from("aZ0 ,;=/\t\"'é\u00ff");

/** What an id or a query is put behind. */
const PATHS = [
  ["GET", "/api/v2/job-status/"],
  ["GET", "/api/v2/clones/"],
  ["GET", "/api/v2/jobs?cursor="],
  ["GET", "/api/v2/clones?customer_id="],
  ["GET", "/api/v2/jobs/x/"],
  ["DELETE", "/api/v2/delete/"],
  ["POST", "/api/v2/jobs/"],
  ["GET", "/"],
] as const;
const JSON_TYPE = "application/json";

/** A refusal: in time, with its code, and without a trace in the table. */
async function refused(options: InjectOptions, key = bench.keys.acme) {
  const { status, headers, body } = await ask(app, key, options);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(body).toMatchObject({ status, code: expect.stringMatching(/^[A-Z_]+$/), errors: expect.any(Array) });
  return body;
}

const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string({ maxLength: 3000 }));
const junk = fc.oneof(
  fc.anything({ maxDepth: 3, withBigInt: false, withSparseArray: false, withNullPrototype: false }),
  text,
  fc.constantFrom("\u0000", "\ud800", "\u202e", "٣", "🙂".repeat(300), "__proto__", "constructor", 1e308, -0, 0.5),
);

/** A body that was right until one of its fields became something else. */
const spoiled = fc
  .tuple(fc.constantFrom(...Object.keys(CLONE)), junk)
  .filter(([field, value]) => !isFine(field, value))
  .map(([field, value]) => ({ ...CLONE, [field]: value }));

/** What may stand there after all, JSON's way of writing included. */
function isFine(field: string, given: unknown): boolean {
  const json = JSON.stringify({ given }) as string | undefined;
  const value = (JSON.parse(json ?? "{}") as { given?: unknown }).given;
  if (field === "ttl_minutes")
    return value === undefined || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 10_080);
  if (field === "source_url") return typeof value === "string" && /^https?:/i.test(value);
  if (typeof value !== "string") return false;
  if (field === "customer_id") return /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(value);
  return value !== "" && !/[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u.test(value);
}

const safeStringify = (value: unknown) => JSON.stringify(value) as string | undefined;

describe("bad input", () => {
  it("[CLONE-03] in one field is refused, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(spoiled, fc.constantFrom("/api/v2/clone", "/clone"), async (body, url) => {
        await refused({ ...post(url, {}), payload: JSON.stringify(body), headers: { "content-type": JSON_TYPE } });
      }),
      { numRuns: 120 },
    );
    expect(await bench.count()).toBe(0);
  });

  it("[CLONE-03] as a whole body is refused, whatever it is", async () => {
    const bodies = fc.oneof(
      junk.map((value) => safeStringify(value) ?? ""),
      fc.string({ unit: "binary", maxLength: 2000 }),
      fc.json(),
      fc.constantFrom(
        "",
        "null",
        "[]",
        "{}",
        '{"a":',
        '{"__proto__":{}}',
        '{"constructor":{"prototype":{}}}',
        "\ufeff{}",
      ),
      fc.nat(60_000).map((depth) => "[".repeat(depth)),
      fc.nat(30_000).map((depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`),
      fc.nat(10_000).map((depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`),
      fc.nat(8000).map((count) => `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join(",")}}`),
    );
    const types = fc.constantFrom(
      JSON_TYPE,
      "application/json; charset=utf-16",
      "text/plain",
      "multipart/form-data",
      "x",
      "",
    );
    await fc.assert(
      fc.asyncProperty(bodies, types, fc.constantFrom(...ROUTES), async (payload, type, url) => {
        await refused({ method: "POST", url, payload, headers: { "content-type": type } });
      }),
      { numRuns: 120 },
    );
    expect(await bench.count()).toBe(0);
  });

  it("[CLONE-03] in bytes that are no UTF-8, or too many, is refused", async () => {
    const bytes = fc.uint8Array({ maxLength: 4000 }).map((array) => Buffer.from(array));
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(...ROUTES), async (payload, url) => {
        await refused({ method: "POST", url, payload, headers: { "content-type": JSON_TYPE } });
      }),
      { numRuns: 50 },
    );
    const large = JSON.stringify({ ...CLONE, source_password: "x".repeat(65_536) });
    const answer = await refused({
      ...post("/api/v2/clone", {}),
      payload: large,
      headers: { "content-type": JSON_TYPE },
    });
    expect(answer.code).toBe("REQUEST_TOO_LARGE");
    expect(await bench.count()).toBe(0);
  });

  it("[CLONE-03] in fields of a restore, and in names of fields, is refused", async () => {
    const source = fc.oneof(junk, fc.record({ url: junk, username: junk, password: junk, clone_id: junk }));
    const spoiledRestore = fc.oneof(
      source.map((value) => ({ ...RESTORE, source: value })),
      fc.record({ url: text, username: junk, password: junk }).map((value) => ({ ...RESTORE, target: value })),
      fc.array(text, { minLength: 1, maxLength: 20 }).map((scopes) => ({ ...RESTORE, scopes })),
      junk.filter((value) => typeof value !== "boolean" && value !== undefined).map((force) => ({ ...RESTORE, force })),
      fc.string().map((name) => ({ ...RESTORE, [`x${name}`]: 1 })),
    );
    await fc.assert(
      fc.asyncProperty(spoiledRestore, fc.constantFrom("/api/v2/restore", "/restore"), async (body, url) => {
        await refused({ ...post(url, {}), payload: JSON.stringify(body), headers: { "content-type": JSON_TYPE } });
      }),
      { numRuns: 80 },
    );
    expect(await bench.count()).toBe(0);
  });

  it("[CLONE-03] in ids, queries and headers brings about no failure and no job", async () => {
    const part = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.webPath(),
      fc.constantFrom("..", "%00", "%"),
    );
    const paths = fc.constantFrom(...PATHS);
    const header = fc.string({ unit: fc.constantFrom(...HEADER_CHARACTERS), maxLength: 300 });
    const names = fc.constantFrom(
      "idempotency-key",
      "last-event-id",
      "traceparent",
      "x-request-id",
      "accept",
      "x-api-key",
    );
    await fc.assert(
      fc.asyncProperty(paths, part, fc.boolean(), names, header, async ([method, path], id, raw, name, value) => {
        const url = `${path}${raw && !/[\s#]/.test(id) ? id : encodeURIComponent(id.replaceAll(/\p{Surrogate}/gu, ""))}`;
        const headers = { ...bearer(bench.keys.acme), [name]: value };
        const { statusCode } = await app.inject({ method, url: url.startsWith("//") ? "/" : url, headers });
        expect([url, statusCode]).toEqual([url, expect.any(Number)]);
        expect(statusCode).toBeLessThan(500);
      }),
      { numRuns: 120 },
    );
    expect(await bench.count()).toBe(0);
  });

  it("[CLONE-03] that is repeated within a body is read as JSON reads it, and judged all the same", async () => {
    const payload = `{"customer_id":"fine-1","customer_id":"Not Fine",${JSON.stringify(CLONE)
      .slice(1)
      .replace(/"customer_id":"[^"]*",?/, "")}`;
    const body = await refused({ ...post("/api/v2/clone", {}), payload, headers: { "content-type": JSON_TYPE } });
    expect(body.errors[0].path).toBe("customer_id");
    expect(await bench.count()).toBe(0);
  });

  it("[CLONE-13] makes one job of many at once with one key, and refuses what differs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[!-~]{1,40}$/),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 12 }),
        async (key, lives) => {
          const before = await bench.count();
          const headers = { "idempotency-key": `${before}${key}` };
          const requests = lives.map((ttl_minutes) => post("/api/v2/clone", { ...CLONE, ttl_minutes }, headers));
          const answers = await Promise.all(requests.map((options) => ask(app, bench.keys.acme, options)));
          const made = answers.filter(({ status }) => status === 202);
          expect(new Set(made.map(({ body }) => body.job_id)).size).toBe(1);
          expect(answers.filter(({ body }) => body.code === "IDEMPOTENCY_MISMATCH").length).toBe(
            answers.length - made.length,
          );
          const job = await bench.store.jobs.find(made[0]!.body.job_id);
          expect(made.length).toBe(lives.filter((life) => life === job?.request.ttl_minutes).length);
          expect(await bench.count()).toBe(before + 1);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("[CLONE-03] leaves no error in the log: nothing of it was the service's", () => {
    expect(bench.lines.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
    expect(bench.lines.length).toBeGreaterThan(500);
  });
});
