/** Between rows and jobs. */
import type { Selectable } from "kysely";
import type { Job, JobEvent } from "../domain/job";
import type { StepRecord } from "./job-store";
import type { JobEventsTable, JobsTable, JobStepsTable } from "./schema";

/** Characters that a column of messages takes; the whole error has more room. */
export const MESSAGE_LENGTH = 1_000;
export const ERROR_LENGTH = 10_000;

type Json = Readonly<Record<string, unknown>>;

export function jobOf(row: Selectable<JobsTable>): Job {
  return {
    id: row.job_id,
    tenantId: row.tenant_id,
    type: row.type,
    status: row.status,
    progress: row.progress,
    message: row.status_message ?? undefined,
    request: jsonOf(row.request_payload) ?? {},
    result: jsonOf(row.result),
    failure: row.error_code === null ? undefined : { code: row.error_code, message: row.error ?? "" },
    cloneId: row.clone_id ?? undefined,
    attempt: row.attempt,
    failures: row.failures,
    runAfter: momentOf(row.run_after),
    cancelRequestedAt: momentOf(row.cancel_requested_at),
    traceparent: row.traceparent ?? undefined,
    webhookUrl: row.webhook_url ?? undefined,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    completedAt: momentOf(row.completed_at),
    ttlExpiresAt: momentOf(row.ttl_expires_at),
  };
}

export function eventOf(row: Selectable<JobEventsTable>): JobEvent {
  const { job_id: jobId, sequence, status, progress, message, happened_at: at } = row;
  return { jobId, sequence, status, progress, message: message ?? undefined, at: new Date(at) };
}

export function stepsOf(rows: readonly Selectable<JobStepsTable>[]): Readonly<Record<string, StepRecord>> {
  return Object.fromEntries(rows.map(({ step, state, output }) => [step, { state, output: jsonOf(output) }]));
}

export function momentOf(value: Date | string | null): Date | undefined {
  return value === null ? undefined : new Date(value);
}

/** Half characters, which are valid in a JavaScript text, are refused by MySQL's JSON. */
export function jsonText(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "string" ? wellFormed(inner) : inner));
}

/** What fits the column, without what databases cut texts at or refuse. */
export function clipped(text: string, length = MESSAGE_LENGTH): string {
  const whole = wellFormed(text).replaceAll("\0", "");
  return whole.length <= length ? whole : `${wellFormed(whole.slice(0, length - 1)).replace(/\uFFFD$/, "")}…`;
}

export function wholePercent(progress: number): number {
  return Math.min(100, Math.max(0, Math.round(progress)));
}

function jsonOf(text: string | null): Json | undefined {
  return text === null ? undefined : (JSON.parse(text) as Json);
}

function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}
