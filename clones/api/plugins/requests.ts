/** A span, a line of the log and two figures for each request. */
import { context, Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { contextOf } from "../../telemetry/trace";
import type { ApiDeps } from "../deps";

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Ids that others give are echoed if they can do no harm in a log. */
const REQUEST_ID = /^[\w-]{8,64}$/;

export function requestIdOf(headers: FastifyRequest["headers"], randomBytes: ApiDeps["randomBytes"]): string {
  const given = headers["x-request-id"];
  if (typeof given === "string" && REQUEST_ID.test(given)) return given;
  return Buffer.from(randomBytes(8)).toString("hex");
}

export function addRequests(app: FastifyInstance, { metrics }: ApiDeps): void {
  app.decorateRequest("principal", undefined);
  app.decorateRequest("span", undefined);
  app.decorateRequest("traceContext", undefined);
  app.decorateRequest("traceId", undefined);

  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    const span = startSpan(request);
    request.span = span;
    within(request, done);
  });
  // Reading a body leaves the request's own chain of calls.
  app.addHook("preValidation", (request, _reply, done) => {
    within(request, done);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "(none)";
    const { statusCode } = reply;
    endSpan(request.span, statusCode);
    const labels = { route, method: methodOf(request), status: String(statusCode) };
    metrics?.request(labels, reply.elapsedTime / 1000);
    if (request.routeOptions.config.quiet !== true) logLine(request, reply, route);
    done();
  });
}

function within({ traceContext }: FastifyRequest, done: () => void): void {
  if (traceContext === undefined) done();
  else context.with(traceContext, done);
}

function startSpan(request: FastifyRequest): Span | undefined {
  const { traceparent } = request.headers;
  const given = typeof traceparent === "string" && TRACEPARENT.test(traceparent) ? traceparent : undefined;
  request.traceId = given && TRACEPARENT.exec(given)?.[1];
  const { url: route, config } = request.routeOptions;
  if (config.quiet === true) return undefined;
  const attributes = {
    "http.request.method": methodOf(request),
    ...(route === undefined ? {} : { "http.route": route }),
  };
  const parent = contextOf(given);
  const name = `${methodOf(request)} ${route ?? "(none)"}`;
  const span = trace.getTracer("clones").startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
  request.traceContext = trace.setSpan(parent, span);
  if (trace.isSpanContextValid(span.spanContext())) request.traceId = span.spanContext().traceId;
  return span;
}

function endSpan(span: Span | undefined, status: number): void {
  span?.setAttribute("http.response.status_code", status);
  if (status >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
  span?.end();
}

/** Route and ids; neither URL nor headers nor bodies, which carry secrets. */
function logLine(request: FastifyRequest, reply: FastifyReply, route: string): void {
  request.log.info(
    {
      method: methodOf(request),
      route,
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
      tenant_id: request.principal?.tenantId,
      key_id: request.principal?.keyId,
      trace_id: request.traceId,
    },
    "request",
  );
}

/** Methods are a label of metrics, and anybody can invent some. */
function methodOf({ method, routeOptions }: FastifyRequest): string {
  return routeOptions.url === undefined ? "(any)" : method;
}
