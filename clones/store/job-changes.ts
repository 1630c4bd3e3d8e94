/** What every change of a job's row has in common: who may make it, and what is written beside it. */
import type { Expression, ExpressionBuilder, SqlBool, UpdateObject } from "kysely";
import { Job, JobStatus, statesBefore } from "../domain/job";
import type { Tx } from "./database";
import type { SqlDialect } from "./dialect";
import { clipped, ERROR_LENGTH, jobOf, jsonText } from "./job-rows";
import type { Hold, Outcome } from "./job-store";
import type { StoreTables } from "./schema";

type JobsBuilder = ExpressionBuilder<StoreTables, "jobs">;
export type Condition = (eb: JobsBuilder) => Expression<SqlBool>;

/** What a webhook tells of a job that is over. No secrets. */
export type WebhookPayload = (job: Job) => Readonly<Record<string, unknown>>;

/**
 * Whether the hold is good: nobody claimed the job since. The end of its lease alone takes nothing away; it lets others
 * claim, and the attempt that they count up shuts this hold out.
 */
export const heldBy =
  ({ jobId, workerId, attempt }: Hold): Condition =>
  (eb) =>
    eb.and({ job_id: jobId, status: "running", worker_id: workerId, attempt });

/** Whether its state leads there (clones/domain/job.ts). */
export const mayBecome =
  (to: JobStatus): Condition =>
  (eb) =>
    eb("status", "in", statesBefore(to));

/** Whether nobody alive has it, and it needn't wait any longer. */
export const isFree =
  (dialect: SqlDialect): Condition =>
  (eb) =>
    eb.or([
      eb.and([
        eb("status", "=", "pending"),
        eb.or([eb("run_after", "is", null), eb("run_after", "<=", dialect.now())]),
      ]),
      eb.and([eb("status", "=", "running"), eb("lease_until", "<", dialect.now())]),
    ]);

/** Columns that tell of a job's end. */
export function endOf(outcome: Outcome, dialect: SqlDialect): UpdateObject<StoreTables, "jobs"> {
  switch (outcome.status) {
    case "completed":
      return {
        status: "completed",
        progress: 100,
        result: jsonText(outcome.result),
        ...(outcome.message === undefined ? {} : { status_message: clipped(outcome.message) }),
        // Of an earlier try.
        error: null,
        error_code: null,
        ttl_expires_at: outcome.ttlExpiresAt === undefined ? null : dialect.moment(outcome.ttlExpiresAt),
      };
    case "failed":
      return {
        status: "failed",
        error: clipped(outcome.failure.message, ERROR_LENGTH),
        error_code: outcome.failure.code,
      };
    case "cancelled":
      return { status: "cancelled" };
  }
}

/** Adds the event that the row's counter was moved on for: within the same transaction, so there is no gap. */
export async function recordEvent(tx: Tx, dialect: SqlDialect, jobId: string, message?: string): Promise<void> {
  await tx
    .insertInto("job_events")
    .columns(["job_id", "sequence", "status", "progress", "message", "happened_at"])
    .expression((eb) =>
      eb
        .selectFrom("jobs")
        .select([
          "job_id",
          "events",
          "status",
          "progress",
          message === undefined ? "status_message" : eb.val(clipped(message)).as("status_message"),
          dialect.now().as("happened_at"),
        ])
        .where("job_id", "=", jobId),
    )
    .execute();
}

/** What goes with a job's end: its request's secrets go, whoever wanted to know is going to be told. */
export async function recordEnd(
  tx: Tx,
  dialect: SqlDialect,
  jobId: string,
  payloadOf: WebhookPayload,
  message?: string,
): Promise<void> {
  await tx.deleteFrom("job_secrets").where("job_id", "=", jobId).where("purpose", "=", "request").execute();
  await recordEvent(tx, dialect, jobId, message);
  const job = await jobWithin(tx, jobId);
  if (job?.webhookUrl === undefined) return;
  await tx
    .insertInto("webhook_deliveries")
    .values({
      delivery_id: `msg_${jobId}`,
      job_id: jobId,
      url: job.webhookUrl,
      payload: jsonText(payloadOf(job)),
      attempts: 0,
      next_attempt_at: dialect.now(),
      created_at: dialect.now(),
    })
    .execute();
}

export async function jobWithin(db: Pick<Tx, "selectFrom">, jobId: string): Promise<Job | undefined> {
  const row = await db.selectFrom("jobs").selectAll().where("job_id", "=", jobId).executeTakeFirst();
  // MySQL takes "x " for "x".
  return row?.job_id === jobId ? jobOf(row) : undefined;
}

/** Whether an update found its row. */
export function found(results: readonly { readonly numUpdatedRows: bigint }[]): boolean {
  return results.some(({ numUpdatedRows }) => numUpdatedRows > 0n);
}
