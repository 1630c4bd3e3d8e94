/** Opens the store that a URL names. */
import { Clock, systemClock } from "../provisioner/clock";
import { ApiKeyStore } from "./api-keys";
import { SqlDatabase } from "./database";
import type { SqlDialect } from "./dialect";
import { storeUrlInvalid } from "./errors";
import type { JobStore } from "./job-store";
import { migrate } from "./migrate";
import { mysqlDialect, mysqlServerOf } from "./mysql";
import type { MySqlLimits } from "./mysql-pool";
import { purge, Purged, PurgeOptions } from "./purge";
import { SqlJobStore, SqlJobStoreOptions } from "./sql-job-store";
import { sqliteDialect } from "./sqlite";
import { WebhookOutbox } from "./webhook-outbox";

export interface StoreOptions extends SqlJobStoreOptions {
  /** SQLite's time, and when keys expire; MySQL has a clock of its own, which all its clients share. @default the system's */
  readonly clock?: Clock;
  /** Of connections to MySQL. */
  readonly limits?: MySqlLimits;
}

export interface Store {
  readonly jobs: JobStore;
  readonly apiKeys: ApiKeyStore;
  readonly webhooks: WebhookOutbox;
  /**
   * Runs what the schema lacks; safe twice, and by several at once.
   *
   * @returns names of the migrations that it ran
   */
  migrate(): Promise<readonly string[]>;
  /** Takes away idempotency keys, webhooks and result secrets whose time is over. */
  purge(options?: PurgeOptions): Promise<Purged>;
  close(): Promise<void>;
}

/**
 * Connects to nothing yet.
 *
 * @param url `mysql://user:password@host:3306/database`, `sqlite:<file>` or `sqlite::memory:`
 * @throws {InvalidInputError} STORE_URL
 */
export function openStore(url: string, options: StoreOptions = {}): Store {
  const database = new SqlDatabase(dialectOf(url, options));
  return {
    jobs: new SqlJobStore(database, options),
    apiKeys: new ApiKeyStore(database, options),
    webhooks: new WebhookOutbox(database),
    migrate: () => database.run("migrate", (db) => migrate(db, database.dialect)),
    purge: (purgeOptions) => purge(database, purgeOptions),
    close: () => database.close(),
  };
}

function dialectOf(url: string, { clock = systemClock, limits }: StoreOptions): SqlDialect {
  const scheme = url.slice(0, Math.max(0, url.indexOf(":")));
  const rest = url.slice(scheme.length + 1);
  if (scheme === "mysql") return mysqlDialect(mysqlServerOf(url), limits);
  if (scheme === "sqlite" && rest !== "") return sqliteDialect(rest, clock);
  throw storeUrlInvalid(`${JSON.stringify(scheme)} is no database that the store knows`);
}
