import type { AddressInfo } from "node:net";
import { ask, bearer, Bench, CLONE, post } from "./support";

let bench: Bench;
let base: string;

async function start(limits: object = {}) {
  const app = await bench.api({ limits });
  await app.listen({ port: 0, host: "127.0.0.1" });
  base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return app;
}
beforeEach(async () => (bench = await Bench.start()));
afterEach(() => bench.stop());

async function newJob(app: Awaited<ReturnType<typeof start>>): Promise<string> {
  return (await ask(app, bench.keys.acme, post("/api/v2/clone", CLONE))).body.job_id;
}

const open = (id: string, headers: Record<string, string> = {}) =>
  fetch(`${base}/api/v2/jobs/${id}/events`, { headers: { ...bearer(bench.keys.acme), ...headers } });

/** Ids and names of events in what was streamed. */
const told = (text: string) =>
  [...text.matchAll(/^id: (\d+)\nevent: (\w+)\ndata: (.+)$/gm)].map(([, id, name]) => `${id} ${name}`);

describe("a stream of events", () => {
  it("[CLONE-04] tells what happens as it happens, and ends with the job", async () => {
    const id = await newJob(await start());
    const answer = await open(id);
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const text = answer.text();
    await bench.completeClone(id, "clone-20260205-143022");
    const all = await text;
    expect(told(all)).toEqual(["1 progress", "2 progress", "3 progress", "4 end"]);
    expect(all).toMatch(/data: .*"status_message":"Copying"/);
    expect(all).not.toContain("canary");
  });

  it("[CLONE-04] goes on behind Last-Event-ID, and says 204 when there is nothing more", async () => {
    const id = await newJob(await start());
    await bench.completeClone(id, "clone-20260205-143022");
    expect(told(await (await open(id, { "last-event-id": "2" })).text())).toEqual(["3 progress", "4 end"]);
    expect((await open(id, { "last-event-id": "4" })).status).toBe(204);
    expect((await open(id, { "last-event-id": "-1" })).status).toBe(400);
    expect((await open(id, { "last-event-id": "x\u00ff" })).status).toBe(400);
  });

  it("[CLONE-04] ends for whoever resumes behind the last event", async () => {
    const id = await newJob(await start({ heartbeatMilliseconds: 20 }));
    const text = (await open(id, { "last-event-id": "9999" })).text();
    await bench.completeClone(id, "clone-20260205-143022");
    expect(told(await text)).toEqual([]);
  });

  it("shows that it lives, and ends after its time", async () => {
    const id = await newJob(await start({ heartbeatMilliseconds: 20, streamMilliseconds: 50 }));
    const text = await (await open(id)).text();
    expect(text.match(/: alive/g)!.length).toBeGreaterThanOrEqual(2);
    expect(told(text)).toEqual(["1 progress"]);
  });

  it("is one of many that cost one question each time", async () => {
    let asked = 0;
    const events = bench.store.jobs.events.bind(bench.store.jobs);
    bench.store.jobs.events = async (...args) => {
      asked += 1;
      return await events(...args);
    };
    const app = await start({ pollMilliseconds: 50, streamMilliseconds: 250, heartbeatMilliseconds: 250 });
    const ids = await Promise.all(Array.from({ length: 15 }, () => newJob(app)));
    const texts = await Promise.all(ids.map(async (id) => await (await open(id)).text()));
    expect(texts.map(told)).toEqual(ids.map(() => ["1 progress"]));
    expect(asked).toBeLessThan(15);
  });

  it("[CLONE-14] survives a table that is away for a while", async () => {
    const events = bench.store.jobs.events.bind(bench.store.jobs);
    let failures = 3;
    bench.store.jobs.events = async (...args) => {
      failures -= 1;
      if (failures >= 0) throw new Error("away");
      return await events(...args);
    };
    const id = await newJob(await start());
    const text = (await open(id)).text();
    await bench.completeClone(id, "clone-20260205-143022");
    expect(told(await text)).toEqual(["1 progress", "2 progress", "3 progress", "4 end"]);
  });

  it("is limited by key, and its place is given back when its reader goes", async () => {
    const id = await newJob(await start({ streamsPerKey: 2 }));
    const gone = new AbortController();
    const headers = bearer(bench.keys.acme);
    const url = `${base}/api/v2/jobs/${id}/events`;
    await Promise.all([1, 2].map(() => fetch(url, { headers, signal: gone.signal })));
    const third = await open(id);
    expect([third.status, ((await third.json()) as { code: string }).code]).toEqual([429, "STREAMS_LIMIT"]);
    gone.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const fourth = await open(id);
    expect(fourth.status).toBe(200);
    await fourth.body?.cancel();
  });

  it("ends when the process does, so that nothing waits for it", async () => {
    const app = await start();
    const id = await newJob(app);
    const answer = await open(id);
    const begun = Date.now();
    await app.close();
    expect(Date.now() - begun).toBeLessThan(1500);
    expect(told(await answer.text()).length).toBeLessThanOrEqual(1);
  });

  it("is no answer to somebody without a key", async () => {
    const id = await newJob(await start());
    expect((await fetch(`${base}/api/v2/jobs/${id}/events`)).status).toBe(401);
    expect((await open("job-000000000000000000000000")).status).toBe(404);
  });
});
