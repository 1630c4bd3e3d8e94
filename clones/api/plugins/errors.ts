/** Every error leaves as problem+json, and none takes along what somebody gave. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ServiceError } from "../../errors";
import { PROBLEM_TYPE, ProblemBody, problemOf, RETRY_SECONDS, routeNotFound, toServiceError } from "../problems";

export function addErrors(app: FastifyInstance, errorsUrl: string): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, errorsUrl));
  app.setNotFoundHandler((request, reply) => sendError(routeNotFound(), request, reply, errorsUrl));
}

export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  errorsUrl: string,
): FastifyReply {
  const refusal = toServiceError(error);
  if (refusal.status >= 500) tellOperators(refusal, error, request);
  if (refusal.status === 503 && !reply.hasHeader("retry-after")) reply.header("retry-after", RETRY_SECONDS);
  return reply
    .code(refusal.status)
    .type(PROBLEM_TYPE)
    .serializer((body: ProblemBody) => JSON.stringify(body))
    .send(bodyOf(refusal, request, errorsUrl));
}

export function bodyOf(refusal: ServiceError, request: FastifyRequest, errorsUrl: string): ProblemBody {
  return problemOf(refusal, { instance: `urn:request:${request.id}`, traceId: request.traceId, url: errorsUrl });
}

/** Names, codes and places. Sentences of drivers and parsers quote what they were given, so that they stay out. */
function tellOperators(refusal: ServiceError, error: unknown, request: FastifyRequest): void {
  const causes: object[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const at = cause.stack?.split("\n").filter((line) => /^\s+at /.test(line));
    causes.push({ name: cause.name, code, at: at?.slice(0, 8).map((line) => line.trim()) });
  }
  const fields = { route: request.routeOptions.url, code: refusal.code, causes };
  if (refusal.status === 500) request.log.error(fields, "request failed");
  else request.log.warn(fields, "request refused");
}
