import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { createLog, withLogContext } from "../../../clones/telemetry/log";
import { ServiceMetrics } from "../../../clones/telemetry/metrics";
import { METRICS } from "../../../clones/telemetry/names";
import { contextOf, currentTraceparent, inSpan, pastSpan, startTracing } from "../../../clones/telemetry/trace";

describe("[CLONE-12] one trace", () => {
  let exporter: InMemorySpanExporter;
  let stop: () => Promise<void>;
  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    stop = startTracing({ service: "tests", processors: [new SimpleSpanProcessor(exporter)] });
  });
  afterEach(async () => await stop());

  it("goes on in another process, from what the job's row keeps", async () => {
    const traceparent = await inSpan("POST /api/v2/clone", {}, () => Promise.resolve(currentTraceparent()));
    await inSpan("job clone", {}, () => inSpan("step create", {}, () => Promise.resolve()), {
      parent: contextOf(traceparent),
    });
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(["POST /api/v2/clone", "step create", "job clone"]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    const [request, step, job] = spans;
    expect(job!.parentSpanContext?.spanId).toBe(request!.spanContext().spanId);
    expect(step!.parentSpanContext?.spanId).toBe(job!.spanContext().spanId);
  });

  it("begins anew where the row has none", async () => {
    await inSpan("before", {}, () => inSpan("job", {}, () => Promise.resolve(), { parent: contextOf(undefined) }));
    expect(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(2);
  });

  it("marks what failed, without the sentence of the error", async () => {
    const failing = inSpan("copy", {}, () => Promise.reject(new TypeError("password hunter2 refused")));
    await expect(failing).rejects.toThrow("hunter2");
    const [span] = exporter.getFinishedSpans();
    expect(span!.status).toEqual({ code: 2, message: "TypeError" });
    expect(JSON.stringify([span!.events, span!.attributes, span!.status])).not.toContain("hunter2");
  });

  it("has queries that drivers tell of when they are over", async () => {
    await inSpan("step", {}, () => {
      pastSpan("select jobs", { "db.system": "mysql" }, 25, true);
      return Promise.resolve();
    });
    const [query, step] = exporter.getFinishedSpans();
    expect(query!.parentSpanContext?.spanId).toBe(step!.spanContext().spanId);
    expect(query!.duration[1]).toBeGreaterThan(20_000_000);
    expect(query!.status.code).toBe(2);
  });

  it("lends its ids, and the job's, to every line of the log", async () => {
    const lines: string[] = [];
    const log = createLog({ service: "tests", destination: { write: (line) => void lines.push(line) } });
    const traceparent = await inSpan("work", {}, () =>
      withLogContext({ job_id: "job-1" }, () => {
        log.info("inside");
        return Promise.resolve(currentTraceparent());
      }),
    );
    log.info("outside");
    const [inside, outside] = lines.map((line) => JSON.parse(line));
    expect(inside).toMatchObject({ level: "info", service: "tests", job_id: "job-1", msg: "inside" });
    expect(traceparent).toContain(`${inside.trace_id}-${inside.span_id}`);
    expect(outside).not.toHaveProperty("trace_id");
    expect(outside).not.toHaveProperty("job_id");
  });
});

it("[CLONE-12] logs show no secret, whatever object it hides in", () => {
  const lines: string[] = [];
  const log = createLog({ service: "tests", destination: { write: (line) => void lines.push(line) } });
  log.info({ password: "hunter2", request: { source_password: "hunter2", target: { api_key: "hunter2" } } }, "asked");
  expect(lines.join()).not.toContain("hunter2");
  expect(lines.join()).toContain("[Redacted]");
});

describe("[CLONE-12] metrics", () => {
  it("count requests and time steps, by the names that dashboards ask for", async () => {
    const metrics = new ServiceMetrics();
    metrics.request({ route: "/api/v2/clone", method: "POST", status: "202" }, 0.004);
    metrics.step({ type: "clone", step: "create", outcome: "succeeded" }, 12);
    metrics.requeue(3);
    const text = await metrics.registry.metrics();
    expect(text).toContain(`${METRICS.httpRequests}{route="/api/v2/clone",method="POST",status="202"} 1`);
    expect(text).toContain(`${METRICS.stepDuration}_bucket{le="20",type="clone",step="create",outcome="succeeded"} 1`);
    expect(text).toContain(`${METRICS.sweeperRequeued} 3`);
  });

  it("have no value for what can't be read, rather than an old one or zero", async () => {
    const metrics = new ServiceMetrics();
    let answers = true;
    metrics.gauge(METRICS.queueJobs, "Jobs in the queue", () =>
      answers ? Promise.resolve([{ labels: { state: "waiting" }, value: 4 }]) : Promise.reject(new Error("away")),
    );
    expect(await metrics.registry.metrics()).toContain(`${METRICS.queueJobs}{state="waiting"} 4`);
    answers = false;
    expect(await metrics.registry.metrics()).not.toContain(`${METRICS.queueJobs}{`);
  });
});
