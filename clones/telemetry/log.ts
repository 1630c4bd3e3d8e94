/** Logs: a line of JSON each, with the ids that lead to the job and to its trace. */
import { AsyncLocalStorage } from "node:async_hooks";
import { trace } from "@opentelemetry/api";
import pino, { DestinationStream, Logger } from "pino";

/** What every line of a job says. */
export interface LogContext {
  readonly job_id: string;
  readonly job_type?: string;
}

const jobs = new AsyncLocalStorage<LogContext>();

/** Within `work`, every line names the job. */
export async function withLogContext<T>(fields: LogContext, work: () => Promise<T>): Promise<T> {
  return await jobs.run(fields, work);
}

/** Fields that no line may show, at any depth that our objects have. */
const SECRET_FIELDS = [
  "password",
  "source_password",
  "source_api_key",
  "apiKey",
  "api_key",
  "authorization",
  "secrets",
];

export interface LogOptions {
  readonly service: string;
  /** @default "info" */
  readonly level?: string;
  /** @default standard output */
  readonly destination?: DestinationStream;
}

export function createLog({ service, level = "info", destination }: LogOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
    mixin: () => ({ ...jobs.getStore(), ...traceFields() }),
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function traceFields(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
}
