/** What workers do with the jobs that they hold. */
import type { UpdateObject } from "kysely";
import { JobStatus } from "../domain/job";
import type { SqlDatabase, Tx } from "./database";
import {
  endOf,
  found,
  heldBy,
  isFree,
  jobWithin,
  mayBecome,
  recordEnd,
  recordEvent,
  WebhookPayload,
} from "./job-changes";
import { clipped, ERROR_LENGTH, jsonText, stepsOf, wholePercent } from "./job-rows";
import type { ClaimedJob, Hold, JobStore, Outcome, Progress, StepRecord } from "./job-store";
import type { StoreTables } from "./schema";

type Held = Pick<JobStore, "claim" | "heartbeat" | "report" | "saveStep" | "setClone" | "finish" | "release">;
type JobUpdate = UpdateObject<StoreTables, "jobs">;

export class JobHolds implements Held {
  constructor(
    private readonly database: SqlDatabase,
    private readonly leaseSeconds: number,
    private readonly payloadOf: WebhookPayload,
  ) {}

  /** Not repeatable: if nobody knows whether it was committed, the lease runs out and the job comes back. */
  async claim(jobId: string, workerId: string): Promise<ClaimedJob | undefined> {
    const { dialect } = this.database;
    const work = async (tx: Tx): Promise<ClaimedJob | undefined> => {
      const results = await tx
        .updateTable("jobs")
        .set((eb) => ({
          status: "running",
          worker_id: workerId,
          attempt: eb("attempt", "+", 1),
          events: eb("events", "+", 1),
          lease_until: dialect.later(this.leaseSeconds),
          run_after: null,
          updated_at: dialect.nowInSeconds(),
        }))
        .where("job_id", "=", jobId)
        .where(mayBecome("running"))
        .where(isFree(dialect))
        .execute();
      if (!found(results)) return undefined;
      await recordEvent(tx, dialect, jobId);
      return await this.claimed(tx, jobId, workerId);
    };
    return await this.database.transact("claim", work, { repeatable: false });
  }

  async heartbeat(hold: Hold): Promise<"held" | "cancel" | "lost"> {
    const { dialect } = this.database;
    return await this.database.run("heartbeat", async (db) => {
      const results = await db
        .updateTable("jobs")
        // MySQL would take it for a change of the job.
        .set((eb) => ({ lease_until: dialect.later(this.leaseSeconds), updated_at: eb.ref("updated_at") }))
        .where(heldBy(hold))
        .execute();
      if (!found(results)) return "lost";
      const job = await jobWithin(db, hold.jobId);
      return job?.cancelRequestedAt === undefined ? "held" : "cancel";
    });
  }

  async report(hold: Hold, { progress, message }: Progress): Promise<boolean> {
    const change = { progress: wholePercent(progress), status_message: clipped(message) };
    return await this.changed("report", hold, change, async (tx) => {
      await recordEvent(tx, this.database.dialect, hold.jobId);
    });
  }

  async setClone(hold: Hold, cloneId: string): Promise<boolean> {
    const { dialect } = this.database;
    return await this.database.run("setClone", async (db) => {
      const update = db.updateTable("jobs").set({ clone_id: cloneId, updated_at: dialect.nowInSeconds() });
      return found(await update.where(heldBy(hold)).execute());
    });
  }

  async saveStep(hold: Hold, step: string, { state, output }: StepRecord): Promise<boolean> {
    const { dialect } = this.database;
    const values = { state, output: output === undefined ? null : jsonText(output), updated_at: dialect.now() };
    return await this.database.transact("saveStep", async (tx) => {
      // The update takes the row's lock, so that a claim can't come between.
      const touch = tx.updateTable("jobs").set({ updated_at: dialect.nowInSeconds() }).where(heldBy(hold));
      if (!found(await touch.execute())) return false;
      const update = tx.updateTable("job_steps").set(values).where("job_id", "=", hold.jobId).where("step", "=", step);
      if (found(await update.execute())) return true;
      await tx
        .insertInto("job_steps")
        .values({ ...values, job_id: hold.jobId, step })
        .execute();
      return true;
    });
  }

  async finish(hold: Hold, outcome: Outcome): Promise<boolean> {
    const { dialect } = this.database;
    return await this.database.transact("finish", async (tx, again) => {
      const update = tx
        .updateTable("jobs")
        .set((eb) => ({
          ...endOf(outcome, dialect),
          completed_at: dialect.nowInSeconds(),
          updated_at: dialect.nowInSeconds(),
          lease_until: null,
          events: eb("events", "+", 1),
        }))
        .where(heldBy(hold))
        .where(mayBecome(outcome.status))
        .$if(outcome.status === "completed", (query) => query.where("cancel_requested_at", "is", null));
      if (!found(await update.execute())) return again && (await this.wasLeft(tx, hold, outcome.status));
      if (outcome.status === "completed" && outcome.resultSecrets !== undefined) {
        const secrets = { job_id: hold.jobId, purpose: "result", sealed: outcome.resultSecrets } as const;
        await tx.insertInto("job_secrets").values(secrets).execute();
      }
      const message = outcome.status === "failed" ? outcome.failure.message : undefined;
      await recordEnd(tx, dialect, hold.jobId, this.payloadOf, message);
      return true;
    });
  }

  async release(hold: Hold, retry?: Parameters<JobStore["release"]>[1]): Promise<boolean> {
    const { dialect } = this.database;
    return await this.database.transact("release", async (tx, again) => {
      const update = tx
        .updateTable("jobs")
        .set((eb) => ({
          status: "pending",
          lease_until: null,
          updated_at: dialect.nowInSeconds(),
          events: eb("events", "+", 1),
          ...(retry && {
            failures: eb("failures", "+", 1),
            error: clipped(retry.failure.message, ERROR_LENGTH),
            error_code: retry.failure.code,
            // A cancellation doesn't wait for another try.
            run_after: eb
              .case()
              .when("cancel_requested_at", "is", null)
              .then(dialect.moment(retry.runAfter))
              .else(null)
              .end(),
          }),
        }))
        .where(heldBy(hold))
        .where(mayBecome("pending"));
      if (!found(await update.execute())) return again && (await this.wasLeft(tx, hold, "pending"));
      await recordEvent(tx, dialect, hold.jobId, retry?.failure.message);
      return true;
    });
  }

  private async claimed(tx: Tx, jobId: string, workerId: string): Promise<ClaimedJob | undefined> {
    const job = await jobWithin(tx, jobId);
    if (job === undefined) return undefined;
    const steps = await tx.selectFrom("job_steps").selectAll().where("job_id", "=", jobId).execute();
    const secrets = await tx
      .selectFrom("job_secrets")
      .select("sealed")
      .where("job_id", "=", jobId)
      .where("purpose", "=", "request")
      .executeTakeFirst();
    const hold = { jobId, workerId, attempt: job.attempt };
    return { job, hold, steps: stepsOf(steps), secrets: secrets?.sealed };
  }

  private async changed(
    name: string,
    hold: Hold,
    change: JobUpdate,
    beside: (tx: Tx) => Promise<void>,
  ): Promise<boolean> {
    const { dialect } = this.database;
    return await this.database.transact(name, async (tx) => {
      const update = tx
        .updateTable("jobs")
        .set((eb) => ({ ...change, updated_at: dialect.nowInSeconds(), events: eb("events", "+", 1) }))
        .where(heldBy(hold));
      if (!found(await update.execute())) return false;
      await beside(tx);
      return true;
    });
  }

  /** Whether this very hold brought it there: a connection that broke at the commit has us ask twice. */
  private async wasLeft(tx: Tx, { jobId, workerId, attempt }: Hold, status: JobStatus): Promise<boolean> {
    const row = await tx
      .selectFrom("jobs")
      .select("job_id")
      .where((eb) => eb.and({ job_id: jobId, status, worker_id: workerId, attempt }))
      .executeTakeFirst();
    return row !== undefined;
  }
}
