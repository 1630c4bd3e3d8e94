/** What is still to be told of jobs that are over. The rows came with the jobs' ends, in the same transactions. */
import type { Selectable } from "kysely";
import type { Db, SqlDatabase } from "./database";
import { clipped } from "./job-rows";
import type { WebhookDeliveriesTable } from "./schema";

export interface WebhookDelivery {
  /** The same in each attempt, for the receiver to know it by: `msg_<job id>`. */
  readonly id: string;
  readonly jobId: string;
  readonly url: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Counted from 1, this one included. */
  readonly attempt: number;
  readonly createdAt: Date;
}

export interface TakeOptions {
  /** @default 20 */
  readonly limit?: number;
  /** Until another may take what this one neither delivered nor failed. @default 60 */
  readonly leaseSeconds?: number;
}

const DEFAULTS = { limit: 20, leaseSeconds: 60 } as const;

export class WebhookOutbox {
  constructor(private readonly database: SqlDatabase) {}

  /** Deliveries that are due, oldest first; of several who take at once, each gets others. */
  async take(now: Date, options: TakeOptions = {}): Promise<readonly WebhookDelivery[]> {
    const { limit, leaseSeconds } = { ...DEFAULTS, ...options };
    const moment = this.database.dialect.moment(now);
    const until = this.database.dialect.moment(new Date(now.getTime() + leaseSeconds * 1000));
    const due = await this.database.run("dueWebhooks", (db) =>
      db
        .selectFrom("webhook_deliveries")
        .selectAll()
        .where("next_attempt_at", "<=", moment)
        .orderBy("next_attempt_at")
        .limit(limit)
        .execute(),
    );
    const taken: WebhookDelivery[] = [];
    for (const row of due) {
      const change = { attempts: row.attempts + 1, next_attempt_at: until };
      // A lost answer leaves it to the end of the lease.
      const isOurs = await this.database.run("takeWebhook", (db) => update(db, row.delivery_id, row.attempts, change), {
        repeatable: false,
      });
      if (isOurs) taken.push(deliveryOf(row));
    }
    return taken;
  }

  /** @returns whether nobody took it since */
  async delivered({ id, attempt }: WebhookDelivery): Promise<boolean> {
    const change = { delivered_at: this.database.dialect.now(), next_attempt_at: null, last_error: null };
    return await this.database.run("webhookDelivered", (db) => update(db, id, attempt, change));
  }

  /**
   * @param nextAttemptAt when to try again; nothing if it's given up
   * @param error a sentence without secrets
   * @returns whether nobody took it since
   */
  async failed({ id, attempt }: WebhookDelivery, nextAttemptAt: Date | undefined, error: string): Promise<boolean> {
    const next = nextAttemptAt === undefined ? null : this.database.dialect.moment(nextAttemptAt);
    const change = { next_attempt_at: next, last_error: clipped(error) };
    return await this.database.run("webhookFailed", (db) => update(db, id, attempt, change));
  }
}

type Change = Partial<Record<"attempts" | "next_attempt_at" | "delivered_at" | "last_error", unknown>>;

/** Attempts count up with each taking, so that one who was too slow changes nothing. */
async function update(db: Db, id: string, attempts: number, change: Change): Promise<boolean> {
  const results = await db
    .updateTable("webhook_deliveries")
    .set(change as object)
    .where("delivery_id", "=", id)
    .where("attempts", "=", attempts)
    .where("delivered_at", "is", null)
    .where("next_attempt_at", "is not", null)
    .execute();
  return results.some(({ numUpdatedRows }) => numUpdatedRows > 0n);
}

function deliveryOf(row: Selectable<WebhookDeliveriesTable>): WebhookDelivery {
  return {
    id: row.delivery_id,
    jobId: row.job_id,
    url: row.url,
    payload: JSON.parse(row.payload) as WebhookDelivery["payload"],
    attempt: row.attempts + 1,
    createdAt: new Date(row.created_at),
  };
}
