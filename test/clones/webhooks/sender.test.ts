import { createServer, IncomingHttpHeaders, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import pino from "pino";
import { Webhook } from "standardwebhooks";
import { newJobId } from "../../../clones/domain/job-id";
import { guardedDispatcher } from "../../../clones/net/dispatcher";
import { systemClock } from "../../../clones/provisioner/clock";
import { openStore, Store } from "../../../clones/store/open";
import { derivedKey, webhookSecretOf } from "../../../clones/webhooks/secrets";
import { RETRY_SECONDS, WebhookSender, WebhookSenderDeps } from "../../../clones/webhooks/sender";

const PLATFORM_SECRET = Buffer.alloc(32, 9);

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let store: Store;
let server: Server;
let received: Received[] = [];
let answer: (response: ServerResponse) => void;
let lines: string[] = [];
const outcomes: string[] = [];

beforeEach(async () => {
  store = openStore("sqlite::memory:");
  await store.migrate();
  received = [];
  lines = [];
  answer = (response) => response.writeHead(204).end();
  server = createServer((incoming, response) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (data: string) => (body += data));
    incoming.on("end", () => {
      received.push({ url: incoming.url ?? "", headers: incoming.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
});

/** A job of `acme` that is over, and wants to be told of. */
async function endedJob(path = "/hook?token=canary-token"): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const id = newJobId(randomBytes);
  const webhookUrl = `http://127.0.0.1:${port}${path}`;
  await store.jobs.create({ id, tenantId: "acme", type: "clone", request: {}, webhookUrl });
  const claimed = await store.jobs.claim(id, "worker-1");
  await store.jobs.finish(claimed!.hold, { status: "completed", result: { clone_id: "clone-20260205-143022" } });
  return id;
}

function sender(more: Partial<WebhookSenderDeps<any>> = {}) {
  const urlPolicy = more.urlPolicy ?? { allowPrivate: true };
  return new WebhookSender({
    outbox: store.webhooks,
    tenantOf: async ({ jobId }) => (await store.jobs.find(jobId))?.tenantId,
    platformSecret: PLATFORM_SECRET,
    dispatcher: guardedDispatcher(urlPolicy),
    urlPolicy,
    clock: systemClock,
    random: () => 0,
    log: pino({ level: "trace" }, { write: (line: string) => void lines.push(line) }),
    metrics: { delivery: (outcome) => void outcomes.push(outcome) },
    ...more,
  });
}

/** The present, some seconds ahead. */
const ahead = (seconds: number) => ({ ...systemClock, now: () => new Date(Date.now() + seconds * 1000) });

describe("a webhook", () => {
  it("tells the end of a job once, signed so that the tenant's own secret proves it", async () => {
    const id = await endedJob();
    expect(await sender().pass()).toBe(1);
    const [{ headers, body }] = received as [Received];
    const secret = webhookSecretOf(PLATFORM_SECRET, "acme");
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: "job.completed",
      data: { job_id: id, status: "completed" },
    });
    const others = new Webhook(webhookSecretOf(PLATFORM_SECRET, "other"));
    expect(() => others.verify(body, headers as Record<string, string>)).toThrow();
    expect(await sender({ clock: ahead(86_400) }).pass()).toBe(0);
  });

  it("is tried again with the same id, eight times in about a day, then given up", async () => {
    answer = (response) => response.writeHead(500).end("canary-answer");
    await endedJob();
    let elapsed = 0;
    for (const seconds of RETRY_SECONDS) {
      expect(await sender({ clock: ahead(elapsed) }).pass()).toBe(1);
      elapsed += seconds - 2;
      expect(await sender({ clock: ahead(elapsed) }).pass()).toBe(0);
      elapsed += 4;
    }
    expect(await sender({ clock: ahead(elapsed) }).pass()).toBe(1);
    expect(await sender({ clock: ahead(elapsed + 10 * 86_400) }).pass()).toBe(0);
    expect(received).toHaveLength(8);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(elapsed / 3600).toBeGreaterThan(23);
    expect(elapsed / 3600).toBeLessThan(26);
    expect(lines.join("")).toContain("webhook given up");
  });

  it("is delivered when the receiver is back", async () => {
    answer = (response) => response.writeHead(503).end();
    await endedJob();
    await sender().pass();
    answer = (response) => response.writeHead(200).end();
    await sender({ clock: ahead(10) }).pass();
    expect(await sender({ clock: ahead(86_400) }).pass()).toBe(0);
    expect(outcomes.slice(-2)).toEqual(["failed", "succeeded"]);
  });

  it("is given up at once when the receiver says that it's gone", async () => {
    answer = (response) => response.writeHead(410).end();
    await endedJob();
    await sender().pass();
    expect(await sender({ clock: ahead(86_400) }).pass()).toBe(0);
  });

  it("[CLONE-03] follows no redirect", async () => {
    answer = (response) => response.writeHead(307, { location: "/elsewhere" }).end();
    await endedJob();
    await sender().pass();
    expect(received.map(({ url }) => url)).toEqual(["/hook?token=canary-token"]);
    expect(lines.join("")).toContain("answered 307");
  });

  it("[CLONE-03] isn't sent to an address inside, whatever was allowed when it was given", async () => {
    await endedJob();
    expect(await sender({ urlPolicy: {} }).pass()).toBe(1);
    expect(received).toEqual([]);
    expect(lines.join("")).toContain("URL_REFUSED");
  });

  it("waits for a bounded time for a receiver that says nothing", async () => {
    answer = () => undefined;
    await endedJob();
    const begun = Date.now();
    await sender({ timeout: 100 }).pass();
    expect(Date.now() - begun).toBeLessThan(3000);
    expect(lines.join("")).toContain("wasn't reached");
  });

  it("[CLONE-03] leaves neither its URL's query nor the answer in the log", async () => {
    answer = (response) => response.writeHead(500).end("canary-answer");
    await endedJob();
    await sender().pass();
    expect(lines.length).toBe(1);
    expect(lines.join("")).not.toContain("canary");
  });

  it("[CLONE-14] is sent by a sender that outlives an outbox that is away", async () => {
    await endedJob();
    let failures = 2;
    const { webhooks } = store;
    const outbox = {
      take: async (now: Date) => {
        failures -= 1;
        if (failures >= 0) throw new Error("away");
        return await webhooks.take(now);
      },
      delivered: webhooks.delivered.bind(webhooks),
      failed: webhooks.failed.bind(webhooks),
    };
    const end = new AbortController();
    const clock = { ...systemClock, sleep: () => systemClock.sleep(5) };
    const running = sender({ outbox, clock }).run(end.signal);
    while (received.length === 0) await systemClock.sleep(5);
    end.abort();
    await running;
    expect(received).toHaveLength(1);
  });
});

describe("derived secrets", () => {
  it("need a platform secret of 32 bytes", () => {
    expect(() => derivedKey(Buffer.alloc(31), "x")).toThrow("PLATFORM_SECRET");
  });
});
