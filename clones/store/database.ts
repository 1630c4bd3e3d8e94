/** Runs what the store asks of its database: bounded tries, one kind of error for a database that is away, one span. */
import { SpanKind } from "@opentelemetry/api";
import { Kysely, Transaction } from "kysely";
import { ServiceError } from "../errors";
import { Clock, systemClock } from "../provisioner/clock";
import { inSpan } from "../telemetry/trace";
import type { SqlDialect, Trouble } from "./dialect";
import { schemaOld, StoreUnavailable } from "./errors";
import type { StoreTables } from "./schema";

export type Db = Kysely<StoreTables>;
export type Tx = Transaction<StoreTables>;

export interface RunOptions {
  /** Whether it may be done again when it isn't known if it was done. @default true */
  readonly repeatable?: boolean;
}

export interface SqlDatabaseOptions {
  /** For the pauses between tries. @default the system's */
  readonly clock?: Clock;
  /** From 0 to 1, to spread those who collided. @default Math.random */
  readonly random?: () => number;
}

/**
 * Transactions that collided come back within milliseconds; a connection that broke is replaced once. No try begins
 * after `withinMilliseconds`: whoever waits is told rather than kept.
 */
const PAUSE = { firstMilliseconds: 5, mostMilliseconds: 100, withinMilliseconds: 2_500 } as const;
const REPLACED = 1;

export class SqlDatabase {
  readonly db: Db;
  private readonly clock: Clock;
  private readonly random: () => number;

  constructor(
    readonly dialect: SqlDialect,
    { clock = systemClock, random = Math.random }: SqlDatabaseOptions = {},
  ) {
    this.db = new Kysely<StoreTables>({ dialect: dialect.kysely });
    this.clock = clock;
    this.random = random;
  }

  /**
   * Reads, or makes one statement that may be made twice.
   *
   * @throws {StoreUnavailable} STORE_UNAVAILABLE
   */
  async run<T>(name: string, work: (db: Db) => Promise<T>, options?: RunOptions): Promise<T> {
    return await this.tried(name, () => work(this.db), options);
  }

  /**
   * All of it or nothing. What it throws by itself goes through after the roll-back.
   *
   * @param work is told whether an earlier try may have been committed: the connection broke before that was known
   * @throws {StoreUnavailable} STORE_UNAVAILABLE
   */
  async transact<T>(name: string, work: (tx: Tx, again: boolean) => Promise<T>, options?: RunOptions): Promise<T> {
    const once = (again: boolean) => this.db.transaction().execute((tx) => work(tx, again));
    return await this.tried(name, once, options);
  }

  isDuplicate(error: unknown): boolean {
    return this.dialect.troubleOf(error) === "duplicate";
  }

  async close(): Promise<void> {
    await this.db.destroy();
  }

  private async tried<T>(
    name: string,
    work: (again: boolean) => Promise<T>,
    { repeatable = true }: RunOptions = {},
  ): Promise<T> {
    const attributes = { "db.system.name": this.dialect.name, "db.operation.name": name };
    return await inSpan(`store ${name}`, attributes, () => this.retried(work, repeatable), { kind: SpanKind.CLIENT });
  }

  private async retried<T>(work: (again: boolean) => Promise<T>, repeatable: boolean): Promise<T> {
    const begun = Date.now();
    let lost = 0;
    for (let tries = 1; ; tries += 1) {
      try {
        return await work(lost > 0);
      } catch (error) {
        if (error instanceof ServiceError) throw error;
        const trouble = this.dialect.troubleOf(error);
        if (trouble === "lost") lost += 1;
        const mayHelp = trouble === "conflict" || (trouble === "lost" && repeatable && lost <= REPLACED);
        if (!mayHelp || Date.now() - begun > PAUSE.withinMilliseconds) throw told(trouble, error);
        await this.clock.sleep(this.pause(tries));
      }
    }
  }

  private pause(tries: number): number {
    return Math.min(PAUSE.mostMilliseconds, PAUSE.firstMilliseconds * 2 ** (tries - 1)) * (0.5 + this.random());
  }
}

/** The driver's own sentence stays the cause: it may name host and user, which callers needn't know. */
function told(trouble: Trouble | undefined, cause: unknown): unknown {
  switch (trouble) {
    case "away":
      return new StoreUnavailable("the database can't be reached or takes no writes", { cause });
    case "refused":
      return new StoreUnavailable("the database refuses the service's user, its password, or its rights", { cause });
    case "lost":
      return new StoreUnavailable("the connection to the database broke", { cause });
    case "conflict":
      return new StoreUnavailable("the database is too busy with others", { cause });
    case "schema":
      return schemaOld("001-jobs");
    default:
      return cause;
  }
}
