/** Traces: one from the request through the queue to every step. The job's row carries the context, so Redis may lose it. */
import {
  Attributes,
  context,
  Context,
  propagation,
  ROOT_CONTEXT,
  Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider, SpanProcessor } from "@opentelemetry/sdk-trace-node";

const TRACER = "clones";

export interface TracingOptions {
  /** `service.name` of every span. */
  readonly service: string;
  /** Base URL of an OTLP/HTTP collector. @default spans are made, so that logs carry their ids, and go nowhere */
  readonly endpoint?: string;
  /** @default batches to the endpoint */
  readonly processors?: readonly SpanProcessor[];
}

/** Makes this process trace. @returns what ends it: spans on their way are sent first */
export function startTracing({ service, endpoint, processors }: TracingOptions): () => Promise<void> {
  const exporters =
    endpoint === undefined ? [] : [new BatchSpanProcessor(new OTLPTraceExporter({ url: tracesAt(endpoint) }))];
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": service }),
    spanProcessors: [...(processors ?? exporters)],
  });
  provider.register();
  return async () => {
    // A collector that is away must not hold up the end of the process, nor be its error.
    await provider.shutdown().catch(() => undefined);
    trace.disable();
    context.disable();
    propagation.disable();
  };
}

/** Runs `work` within a span of its own; what it throws is the span's error, too. */
export async function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
  { kind = SpanKind.INTERNAL, parent = context.active() }: { readonly kind?: SpanKind; readonly parent?: Context } = {},
): Promise<T> {
  return await trace.getTracer(TRACER).startActiveSpan(name, { kind, attributes }, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      // Name alone: sentences of drivers may hold what nobody is to read.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : "Error" });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A span of something that is over: drivers tell of a query when it has been answered. */
export function pastSpan(name: string, attributes: Attributes, milliseconds: number, failed: boolean): void {
  const end = Date.now();
  const options = { kind: SpanKind.CLIENT, attributes, startTime: end - milliseconds };
  const span = trace.getTracer(TRACER).startSpan(name, options);
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(end);
}

/** W3C trace context of what runs now, for the job's row. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** Where the trace goes on that a job began in. */
export function contextOf(traceparent: string | undefined): Context {
  return traceparent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

function tracesAt(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, "")}/v1/traces`;
}
