/** How jobs come into the table, and how those who asked end them. */
import { createHash } from "node:crypto";
import type { Job } from "../domain/job";
import { newJobId } from "../domain/job-id";
import type { SqlDatabase, Tx } from "./database";
import { idempotencyMismatch } from "./errors";
import { refuseSecondRollback } from "./rollbacks";
import { found, jobWithin, mayBecome, recordEnd, recordEvent, WebhookPayload } from "./job-changes";
import { jsonText } from "./job-rows";
import type { JobStore, NewJob } from "./job-store";

type Intake = Pick<JobStore, "create" | "requestCancel" | "retry">;

const CANCEL_MESSAGE = "Cancellation requested";

export class JobIntake implements Intake {
  constructor(
    private readonly database: SqlDatabase,
    private readonly randomBytes: (size: number) => Uint8Array,
    private readonly payloadOf: WebhookPayload,
  ) {}

  async create(job: NewJob): Promise<{ readonly job: Job; readonly created: boolean }> {
    try {
      // A connection that broke at the commit has us look first: ids are made once.
      const work = async (tx: Tx, again: boolean) =>
        (again ? await jobWithin(tx, job.id) : undefined) ?? (await this.insert(tx, job));
      return { job: await this.database.transact("create", work), created: true };
    } catch (error) {
      if (!this.database.isDuplicate(error)) throw error;
      const earlier = await this.earlier(job);
      if (earlier === undefined) throw error;
      return { job: earlier, created: false };
    }
  }

  async requestCancel(jobId: string): Promise<Job | undefined> {
    return await this.database.transact("requestCancel", async (tx) => {
      if (!(await this.cancelAtOnce(tx, jobId))) await this.askToCancel(tx, jobId);
      return await jobWithin(tx, jobId);
    });
  }

  /**
   * A job that is over stays so; another one of the same request begins, once, however often it is asked for. Secrets
   * went with the first one's end, so what needs them can't be begun anew.
   */
  async retry(jobId: string): Promise<Job | undefined> {
    const id = newJobId(this.randomBytes);
    try {
      return await this.database.transact("retry", async (tx) => {
        const row = await tx.selectFrom("jobs").selectAll().where("job_id", "=", jobId).executeTakeFirst();
        if (row === undefined || !["failed", "cancelled"].includes(row.status) || row.needs_secrets !== 0) {
          return undefined;
        }
        const { tenant_id, type, request_payload, webhook_url } = row;
        // A clone that the first one made has gone with it.
        const clone_id = type === "clone" ? null : row.clone_id;
        const same = { tenant_id, type, request_payload, webhook_url, clone_id };
        return await this.insertRow(tx, { ...same, job_id: id, needs_secrets: 0, retry_of: jobId, traceparent: null });
      });
    } catch (error) {
      if (!this.database.isDuplicate(error)) throw error;
      return await this.database.run("retried", async (db) => {
        const again = await db.selectFrom("jobs").select("job_id").where("retry_of", "=", jobId).executeTakeFirst();
        return again && (await jobWithin(db, again.job_id));
      });
    }
  }

  /** The key comes first: of two that have it, the database lets the second wait for the first. */
  private async insert(tx: Tx, job: NewJob): Promise<Job> {
    const { dialect } = this.database;
    if (job.idempotency !== undefined) {
      const { key, fingerprint } = job.idempotency;
      const values = { tenant_id: job.tenantId, key_hash: hashOf(key), fingerprint, job_id: job.id };
      await tx
        .insertInto("idempotency_keys")
        .values({ ...values, created_at: dialect.now() })
        .execute();
    }
    if (job.rollbackOf !== undefined) await refuseSecondRollback(tx, job.rollbackOf);
    return await this.insertRow(
      tx,
      {
        job_id: job.id,
        tenant_id: job.tenantId,
        type: job.type,
        request_payload: jsonText(job.request),
        clone_id: job.cloneId ?? null,
        webhook_url: job.webhookUrl ?? null,
        traceparent: job.traceparent ?? null,
        needs_secrets: job.secrets === undefined ? 0 : 1,
        retry_of: null,
      },
      job.secrets,
    );
  }

  private async insertRow(tx: Tx, given: GivenColumns, secrets?: string): Promise<Job> {
    const { dialect } = this.database;
    const now = dialect.nowInSeconds();
    const times = { created_at: now, updated_at: now };
    const counters = { progress: 0, attempt: 0, failures: 0, events: 1 };
    await tx
      .insertInto("jobs")
      .values({ ...given, ...times, ...counters, status: "pending" })
      .execute();
    if (secrets !== undefined) {
      const row = { job_id: given.job_id, purpose: "request", sealed: secrets } as const;
      await tx.insertInto("job_secrets").values(row).execute();
    }
    await recordEvent(tx, dialect, given.job_id);
    const job = await jobWithin(tx, given.job_id);
    if (job === undefined) throw new Error(`${given.job_id} was inserted and isn't there`);
    return job;
  }

  /** The job that stands where this one was to come. */
  private async earlier({ tenantId, idempotency }: NewJob): Promise<Job | undefined> {
    return await this.database.run("earlier", async (db) => {
      if (idempotency === undefined) return undefined;
      const row = await db
        .selectFrom("idempotency_keys")
        .select(["job_id", "fingerprint"])
        .where("tenant_id", "=", tenantId)
        .where("key_hash", "=", hashOf(idempotency.key))
        .executeTakeFirst();
      if (row === undefined) return undefined;
      if (row.fingerprint !== idempotency.fingerprint) throw idempotencyMismatch();
      return await jobWithin(db, row.job_id);
    });
  }

  /** What never did anything, or was undone, needs no worker to end it. */
  private async cancelAtOnce(tx: Tx, jobId: string): Promise<boolean> {
    const { dialect } = this.database;
    const update = tx
      .updateTable("jobs")
      .set((eb) => ({
        status: "cancelled",
        cancel_requested_at: dialect.now(),
        completed_at: dialect.nowInSeconds(),
        updated_at: dialect.nowInSeconds(),
        worker_id: null,
        run_after: null,
        events: eb("events", "+", 1),
      }))
      .where("job_id", "=", jobId)
      .where("status", "=", "pending")
      .where(mayBecome("cancelled"))
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("job_steps")
              .select("job_steps.step")
              .whereRef("job_steps.job_id", "=", "jobs.job_id")
              .where("job_steps.state", "<>", "undone"),
          ),
        ),
      );
    if (!found(await update.execute())) return false;
    await recordEnd(tx, dialect, jobId, this.payloadOf, CANCEL_MESSAGE);
    return true;
  }

  /** Its worker hears of it with the next heartbeat; one that waits for another try is due at once, to be undone. */
  private async askToCancel(tx: Tx, jobId: string): Promise<void> {
    const { dialect } = this.database;
    const update = tx
      .updateTable("jobs")
      .set((eb) => ({
        cancel_requested_at: dialect.now(),
        updated_at: dialect.nowInSeconds(),
        run_after: null,
        events: eb("events", "+", 1),
      }))
      .where("job_id", "=", jobId)
      .where(mayBecome("cancelled"))
      .where("cancel_requested_at", "is", null);
    if (found(await update.execute())) await recordEvent(tx, dialect, jobId, CANCEL_MESSAGE);
  }
}

interface GivenColumns {
  readonly job_id: string;
  readonly tenant_id: string;
  readonly type: Job["type"];
  readonly request_payload: string;
  readonly clone_id: string | null;
  readonly webhook_url: string | null;
  readonly traceparent: string | null;
  readonly needs_secrets: number;
  readonly retry_of: string | null;
}

/** Keys may be of any length and alphabet; columns compare neither case nor trailing spaces as HTTP does. */
function hashOf(key: string): string {
  return createHash("sha256").update(key, "utf8").digest("hex");
}
