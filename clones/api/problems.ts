/** Errors as HTTP says them: application/problem+json (RFC 9457), never with a value that somebody gave. */
import type { FastifyError } from "fastify";
import { InvalidInputError, Problem } from "../../constructs/shared/problems";
import { ServiceError } from "../errors";

export const PROBLEM_TYPE = "application/problem+json";

/** Seconds after which it makes sense to ask again what can't be answered now. */
export const RETRY_SECONDS = 5;

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance?: string;
  readonly trace_id?: string;
  readonly errors: readonly Pick<Problem, "code" | "path" | "reason" | "remedy">[];
}

const TITLES: Readonly<Record<number, string>> = {
  400: "The request can't be read",
  401: "No valid API key",
  403: "The API key may not do this",
  404: "Not found",
  408: "The request came too slowly",
  409: "It can't be done in this state",
  413: "The body is too large",
  414: "The URL is too long",
  415: "The body is of another type",
  422: "The request can't be fulfilled as it is",
  429: "Too many requests",
  431: "The headers are too large",
  500: "The service failed",
  502: "The job failed",
  503: "Not now",
  504: "It takes longer",
};

/** Codes of errors that know no HTTP status: those of clones and copies. */
const STATUS_OF: Readonly<Record<string, number>> = {
  CLONE_NOT_FOUND: 404,
  CLONE_ENDED: 409,
  CLONE_BUSY: 409,
  CLONE_TTL: 422,
  CLONE_INVALID: 422,
  TENANT_COPY_NOT_FOUND: 404,
  TENANT_COPY_ENDED: 409,
  TENANT_COPY_LIMIT: 409,
  TENANT_COPY_SOURCE: 409,
  TENANT_COPY_TTL: 422,
};

/** Fastify's and Node's own refusals in our words. */
const FRAMEWORK: Readonly<Record<string, () => ServiceError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    refuse(413, "REQUEST_TOO_LARGE", "body", "it has more bytes than the API reads", "Send less than 64 KiB"),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    refuse(415, "REQUEST_MEDIA_TYPE", "Content-Type", "bodies are JSON", "Send application/json"),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => unreadable("its length isn't what Content-Length says"),
  FST_ERR_CTP_INVALID_JSON_BODY: () => unreadable("it is no JSON"),
  FST_ERR_BAD_URL: () =>
    refuse(400, "REQUEST_UNREADABLE", "url", "it is no valid path", "Write odd characters as %XX of their UTF-8"),
  FST_ERR_MAX_PARAM_LENGTH: () => routeNotFound(),
  FST_ERR_HANDLER_TIMEOUT: () => serviceSlow(),
};

/** One refusal of the API itself. */
export function refuse(status: number, code: string, path: string, reason: string, remedy: string): ServiceError {
  return new ServiceError(status, [{ code, path, value: undefined, reason, remedy }]);
}

export const unreadable = (reason: string) =>
  new ServiceError(400, [
    { code: "REQUEST_UNREADABLE", path: "body", value: undefined, reason, remedy: "Send one JSON object in UTF-8" },
  ]);

export const serviceSlow = () =>
  refuse(
    503,
    "SERVICE_SLOW",
    "service",
    "something that it needs doesn't answer in time",
    "Try again in some seconds; with an Idempotency-Key nothing is done twice",
  );

export const routeNotFound = () =>
  new ServiceError(404, [
    {
      code: "ROUTE_NOT_FOUND",
      path: "url",
      value: undefined,
      reason: "the API has no such route for this method",
      remedy: "/docs shows those that it has",
    },
  ]);

/** The same for a job of somebody else as for none: nobody learns what others have. */
export const jobNotFound = () =>
  new ServiceError(404, [
    {
      code: "JOB_NOT_FOUND",
      path: "job_id",
      value: undefined,
      reason: "there is no such job",
      remedy: "GET /api/v2/jobs shows yours",
    },
  ]);

export const cloneNotFound = () =>
  new ServiceError(404, [
    {
      code: "CLONE_NOT_FOUND",
      path: "clone_id",
      value: undefined,
      reason: "there is no such clone; it may have ended",
      remedy: "GET /api/v2/clones shows yours",
    },
  ]);

const internal = () =>
  new ServiceError(500, [
    {
      code: "SERVICE_FAILED",
      path: "service",
      value: undefined,
      reason: "it met something that it wasn't made for",
      remedy: "Tell its operators the trace_id or request id",
    },
  ]);

/** What an error is to the caller. What isn't ours is told without its words: they may hold anything. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof InvalidInputError) {
    const [first, ...others] = error.problems;
    const status = STATUS_OF[first?.code ?? ""];
    if (first !== undefined && status !== undefined) return new ServiceError(status, [first, ...others]);
    return internal();
  }
  const { code = "", statusCode } = error as Partial<FastifyError>;
  const known = FRAMEWORK[code];
  if (known !== undefined) return known();
  // What Fastify refuses by other names is the request's fault all the same.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return unreadable("it isn't what HTTP asks for");
  return internal();
}

export function problemOf(
  error: ServiceError,
  about: { instance?: string; traceId?: string; url: string },
): ProblemBody {
  const [first] = error.problems as [Problem];
  return {
    type: `${about.url}#${first.code}`,
    title: TITLES[error.status] ?? "Refused",
    status: error.status,
    detail: error.problems.map(({ path, reason, remedy }) => `${path}: ${reason}. ${remedy}.`).join(" "),
    code: first.code,
    ...(about.instance === undefined ? {} : { instance: about.instance }),
    ...(about.traceId === undefined ? {} : { trace_id: about.traceId }),
    errors: error.problems.map(({ code, path, reason, remedy }) => ({ code, path, reason, remedy })),
  };
}
