/** What callers of the API live through, told of any mode of the service. */
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { setTimeout as sleep } from "node:timers/promises";
import { startTracing } from "../../../clones/telemetry/trace";
import { Recorder } from "../../support/recorder";

export interface Told {
  readonly url: string;
  readonly key: string;
  /** Of another tenant. */
  readonly othersKey: string;
  readonly stop: () => Promise<void>;
}

export interface StoryOptions {
  readonly start: () => Promise<Told>;
  /** Names of spans that this mode's trace has beside those of every mode. */
  readonly spans?: readonly string[];
  /** Milliseconds until a job is over. */
  readonly patience: number;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

export function tellStory({ start, spans: ofMode = [], patience }: StoryOptions): void {
  const exporter = new InMemorySpanExporter();
  let stopTracing: () => Promise<void>;
  let recorder: Recorder;
  let service: Told;
  let cloneId: string;
  let jobId: string;

  beforeAll(async () => {
    stopTracing = startTracing({ service: "story", processors: [new SimpleSpanProcessor(exporter)] });
    recorder = await Recorder.start();
    service = await start();
  }, 180_000);
  afterAll(async () => {
    await service.stop();
    await recorder.stop();
    await stopTracing();
  }, 60_000);

  async function call(method: string, path: string, { body, key = service.key, headers }: Call = {}): Promise<Answer> {
    const json: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...json, ...headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  async function over(id: string): Promise<any> {
    const until = Date.now() + patience;
    for (;;) {
      const { body } = await call("GET", `/api/v2/job-status/${id}`);
      if (!["pending", "running"].includes(body.status)) return body;
      if (Date.now() > until) throw new Error(`${id} is still ${body.status}: ${body.status_message}`);
      await sleep(100);
    }
  }

  const recorderSite = () => ({ url: recorder.url, username: "admin", password: "of-the-recorder" });
  const wish = (customer: string) => ({ source_url: recorder.url, customer_id: customer });

  it("[CLONE-01] a clone is promised at once, and an Idempotency-Key asks for the same one", async () => {
    const headers = { "idempotency-key": "the-story" };
    const first = await call("POST", "/api/v2/clone", { body: wish("story"), headers });
    expect([first.status, first.body.status]).toEqual([202, "pending"]);
    jobId = first.body.job_id;
    expect(first.headers.get("location")).toBe(`/api/v2/job-status/${jobId}`);
    expect(Number(first.headers.get("retry-after"))).toBeGreaterThan(0);
    const again = await call("POST", "/api/v2/clone", { body: wish("story"), headers });
    expect([again.status, again.body.job_id]).toEqual([202, jobId]);
    const other = await call("POST", "/api/v2/clone", { body: wish("another"), headers });
    expect([other.status, other.body.code]).toEqual([422, "IDEMPOTENCY_MISMATCH"]);
  });

  it("[CLONE-02] its job completes, and tells where the clone is and who may log in", async () => {
    const job = await over(jobId);
    expect([job.status, job.progress, job.error]).toEqual(["completed", 100, null]);
    expect(job.status_message).toBe("The clone serves");
    expect(job.result).toMatchObject({ clone_id: job.clone_id, clone_url: job.clone_url });
    expect(job.clone_url).toMatch(/^https?:\/\//);
    expect([typeof job.username, typeof job.password]).toEqual(["string", "string"]);
    expect(Date.parse(job.expires_at)).toBeGreaterThan(Date.now());
    cloneId = job.clone_id;
  });

  it("[CLONE-02] its story can be read as it happened, from where a reader left", async () => {
    const whole = await call("GET", `/api/v2/jobs/${jobId}/events`);
    expect(whole.headers.get("content-type")).toContain("text/event-stream");
    const ids = [...String(whole.body).matchAll(/^id: ?(\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids.length).toBeGreaterThan(3);
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
    const rest = await call("GET", `/api/v2/jobs/${jobId}/events`, {
      headers: { "last-event-id": String(ids.at(-2)) },
    });
    expect([...String(rest.body).matchAll(/^id: ?(\d+)$/gm)].map(([, id]) => Number(id))).toEqual(ids.slice(-1));
  });

  it("[CLONE-12] it is one trace, from the request to each step and each call of a step", () => {
    const spans = exporter.getFinishedSpans();
    const job = spans.find(({ name, attributes }) => name === "job clone" && attributes.job_id === jobId);
    const ours = spans.filter((span) => span.spanContext().traceId === job?.spanContext().traceId);
    const names = ours.map(({ name }) => name);
    const steps = ["check", "place", "create", "copy", "open"].map((step) => `step ${step}`);
    expect(names).toEqual(expect.arrayContaining(["POST /api/v2/clone", "store create", ...steps, ...ofMode]));
    const ids = new Set(ours.map((span) => span.spanContext().spanId));
    const roots = ours.filter(({ parentSpanContext }) => !ids.has(parentSpanContext?.spanId ?? ""));
    expect(roots.map(({ name }) => name)).toEqual(["POST /api/v2/clone"]);
  });

  it("[CLONE-03] it is listed, found, and lives longer when it is told to", async () => {
    const { body: page } = await call("GET", "/api/v2/clones");
    expect(page.clones.map((clone: any) => clone.clone_id)).toEqual([cloneId]);
    const { body: clone } = await call("GET", `/api/v2/clones/${cloneId}`);
    expect(clone).toMatchObject({ clone_id: cloneId, customer_id: "story", job_id: jobId, status: "ready" });
    const extended = await call("POST", `/api/v2/clones/${cloneId}/extend`, { body: { ttl_minutes: 90 } });
    expect(extended.status).toBe(200);
    expect(Date.parse(extended.body.expires_at)).toBeGreaterThan(Date.parse(clone.expires_at));
  });

  it("[CLONE-03] nobody else sees it, its job, or anything that can be done to them", async () => {
    const restore = { source: { clone_id: cloneId }, target: recorderSite() };
    const routes: [method: string, path: string, body?: object][] = [
      ["GET", `/api/v2/clones/${cloneId}`],
      ["POST", `/api/v2/clones/${cloneId}/extend`, { ttl_minutes: 120 }],
      ["DELETE", `/api/v2/delete/${cloneId}`],
      ["GET", `/api/v2/job-status/${jobId}`],
      ["GET", `/api/v2/jobs/${jobId}/events`],
      ["POST", `/api/v2/jobs/${jobId}/cancel`],
      ["POST", "/api/v2/restore", restore],
      ["POST", "/restore", restore],
    ];
    for (const [method, path, body] of routes) {
      const { status } = await call(method, path, { key: service.othersKey, ...(body && { body }) });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
    const [clones, jobs] = await Promise.all(
      ["clones", "jobs"].map(async (kind) => await call("GET", `/api/v2/${kind}`, { key: service.othersKey })),
    );
    expect([clones!.body.clones, jobs!.body.jobs]).toEqual([[], []]);
  });

  it("[CLONE-07] what a restore would change is told without doing it", async () => {
    const body = { source: { clone_id: cloneId }, target: recorderSite(), dry_run: true };
    const { status, body: accepted } = await call("POST", "/api/v2/restore", { body });
    expect(status).toBe(202);
    const job = await over(accepted.job_id);
    expect([job.type, job.status, job.error]).toEqual(["restore", "completed", null]);
    expect(job.result).toMatchObject({ dry_run: true });
    expect(job.status_message).toBe("Nothing was changed: it was a dry run");
  });

  it("[CLONE-03] what is over can't be cancelled, and what isn't there is said to be so", async () => {
    const late = await call("POST", `/api/v2/jobs/${jobId}/cancel`);
    expect([late.status, late.body.code]).toEqual([409, "JOB_OVER"]);
    const none = await call("DELETE", "/api/v2/delete/clone-20200101-000000");
    expect(none.status).toBe(404);
    expect(none.headers.get("content-type")).toContain("application/problem+json");
  });

  it("[CLONE-04] the routes of v1 wait for the same job, and say what comes after them", async () => {
    const { status, headers, body } = await call("POST", "/clone", { body: wish("elder") });
    expect([status, body.success]).toEqual([200, true]);
    expect(headers.get("link")).toContain("/api/v2/clone");
    expect(body.clone_id).toMatch(/^clone-/);
    await remove(body.clone_id);
  });

  it("[CLONE-10] a clone that isn't needed any more goes, and is seen no more", async () => {
    await remove(cloneId);
    expect((await call("GET", `/api/v2/clones/${cloneId}`)).status).toBe(404);
    expect((await call("GET", "/api/v2/clones")).body.clones).toEqual([]);
  });

  async function remove(id: string): Promise<void> {
    const { status, body } = await call("DELETE", `/api/v2/delete/${id}`);
    expect(status).toBe(202);
    expect(await over(body.job_id)).toMatchObject({ type: "delete", status: "completed" });
  }

  interface Call {
    readonly body?: object;
    readonly key?: string;
    readonly headers?: Record<string, string>;
  }
}
