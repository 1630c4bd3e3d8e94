/** Takes away what nobody needs any more. Jobs stay: the service's user may not delete them. */
import type { SqlDatabase } from "./database";

export interface PurgeOptions {
  /** For which an idempotency key is remembered. @default 24 */
  readonly keyHours?: number;
  /** For which webhooks that were delivered or given up can be looked up. @default 7 */
  readonly deliveryDays?: number;
}

/** Rows that went. */
export interface Purged {
  readonly idempotencyKeys: number;
  readonly webhookDeliveries: number;
  readonly resultSecrets: number;
}

const DEFAULTS = { keyHours: 24, deliveryDays: 7 } as const;
const HOUR = 3_600;

/** Safe at any time, and by several at once. */
export async function purge(database: SqlDatabase, options: PurgeOptions = {}): Promise<Purged> {
  const { keyHours, deliveryDays } = { ...DEFAULTS, ...options };
  const { dialect } = database;
  const keys = await database.run("purgeIdempotencyKeys", (db) =>
    db
      .deleteFrom("idempotency_keys")
      .where("created_at", "<", dialect.later(-keyHours * HOUR))
      .execute(),
  );
  const deliveries = await database.run("purgeWebhookDeliveries", (db) =>
    db
      .deleteFrom("webhook_deliveries")
      .where("next_attempt_at", "is", null)
      .where("created_at", "<", dialect.later(-deliveryDays * 24 * HOUR))
      .execute(),
  );
  const secrets = await database.run("purgeResultSecrets", (db) =>
    db
      .deleteFrom("job_secrets")
      .where("purpose", "=", "result")
      .where("job_id", "in", (eb) =>
        eb.selectFrom("jobs").select("jobs.job_id").where("jobs.ttl_expires_at", "<=", dialect.now()),
      )
      .execute(),
  );
  return { idempotencyKeys: sum(keys), webhookDeliveries: sum(deliveries), resultSecrets: sum(secrets) };
}

function sum(results: readonly { readonly numDeletedRows: bigint }[]): number {
  return results.reduce((total, { numDeletedRows }) => total + Number(numDeletedRows), 0);
}
