/** The tables as Kysely knows them; migrations/001-jobs.ts makes them. */
import type { ColumnType, Generated } from "kysely";
import type { JobStatus, JobType } from "../domain/job";

/** MySQL answers with a Date, SQLite with a text; what is written, the dialect makes. */
export type Time = ColumnType<Date | string, Date | string, Date | string>;
export type OptionalTime = ColumnType<Date | string | null, Date | string | null | undefined, Date | string | null>;

export interface JobsTable {
  /** In which order jobs were asked for. */
  readonly seq: Generated<number>;
  readonly job_id: string;
  readonly type: JobType;
  readonly status: JobStatus;
  readonly progress: number;
  readonly request_payload: string;
  readonly result: string | null;
  readonly error: string | null;
  readonly created_at: Time;
  readonly updated_at: Time;
  readonly completed_at: OptionalTime;
  readonly ttl_expires_at: OptionalTime;
  readonly tenant_id: string;
  readonly clone_id: string | null;
  readonly status_message: string | null;
  readonly error_code: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly run_after: OptionalTime;
  readonly cancel_requested_at: OptionalTime;
  readonly worker_id: string | null;
  readonly lease_until: OptionalTime;
  readonly traceparent: string | null;
  readonly webhook_url: string | null;
  /** How many events it has: the sequence of the last. */
  readonly events: number;
  /** Whether it was asked for with secrets; they are gone when it is over. */
  readonly needs_secrets: number;
  /** The job that this one begins anew. */
  readonly retry_of: string | null;
}

export interface JobStepsTable {
  readonly job_id: string;
  readonly step: string;
  readonly state: "begun" | "done" | "undone";
  readonly output: string | null;
  readonly updated_at: Time;
}

export interface JobEventsTable {
  readonly event_id: Generated<number>;
  readonly job_id: string;
  readonly sequence: number;
  readonly status: JobStatus;
  readonly progress: number;
  readonly message: string | null;
  readonly happened_at: Time;
}

export interface JobSecretsTable {
  readonly job_id: string;
  readonly purpose: "request" | "result";
  readonly sealed: string;
}

export interface IdempotencyKeysTable {
  readonly tenant_id: string;
  /** SHA-256 of the caller's key, which may be of any length and alphabet. */
  readonly key_hash: string;
  readonly fingerprint: string;
  readonly job_id: string;
  readonly created_at: Time;
}

export interface ApiKeysTable {
  readonly key_id: string;
  readonly tenant_id: string;
  readonly name: string;
  /** SHA-256 of the key's text. */
  readonly secret_hash: string;
  readonly scopes: string;
  readonly rate_per_minute: number | null;
  readonly created_at: Time;
  readonly expires_at: OptionalTime;
  readonly revoked_at: OptionalTime;
}

export interface WebhookDeliveriesTable {
  readonly delivery_id: string;
  readonly job_id: string;
  readonly url: string;
  readonly payload: string;
  readonly attempts: number;
  readonly next_attempt_at: OptionalTime;
  readonly delivered_at: OptionalTime;
  readonly last_error: string | null;
  readonly created_at: Time;
}

export interface StoreTables {
  readonly jobs: JobsTable;
  readonly job_steps: JobStepsTable;
  readonly job_events: JobEventsTable;
  readonly job_secrets: JobSecretsTable;
  readonly idempotency_keys: IdempotencyKeysTable;
  readonly api_keys: ApiKeysTable;
  readonly webhook_deliveries: WebhookDeliveriesTable;
  readonly kysely_migration: { readonly name: string; readonly timestamp: string };
}
