/** SQLite through libsql: the embedded mode, and unit tests. One file, one machine, any number of processes. */
import Libsql from "libsql";
import { CompiledQuery, DatabaseConnection, sql, SqliteAdapter, SqliteDialect, SqliteDriver } from "kysely";
import type { Dialect, SqliteDialectConfig } from "kysely";
import type { Clock } from "../provisioner/clock";
import { ColumnTypes, faultOf, SqlDialect, Trouble } from "./dialect";

/** Milliseconds that one process waits for another's write. The wait holds the whole process up, so it is short. */
const BUSY_MILLISECONDS = 2_000;

const TYPES: ColumnTypes = {
  time: "TIMESTAMP",
  fineTime: "TIMESTAMP",
  json: "JSON",
  choice: (column, words) => `VARCHAR(16) CHECK (${column} IN (${words.map((word) => `'${word}'`).join(", ")}))`,
  counter: "INTEGER PRIMARY KEY AUTOINCREMENT",
  keyBesideCounter: "NOT NULL UNIQUE",
  now: "DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
  fineNow: "DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
  touched: "",
  tableEnd: "",
  indexesInside: false,
};

const TROUBLES: readonly (readonly [RegExp, Trouble])[] = [
  [/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)/, "duplicate"],
  [/^SQLITE_(BUSY|LOCKED)/, "conflict"],
  [/^SQLITE_(IOERR|FULL|CANTOPEN|READONLY|CORRUPT|NOTADB|PERM)/, "away"],
];

/** @param file path, or `:memory:` */
export function sqliteDialect(file: string, clock: Clock): SqlDialect {
  const at = (milliseconds: number) => new Date(milliseconds).toISOString();
  return {
    name: "sqlite",
    kysely: new LockingSqliteDialect({ database: () => Promise.resolve(openFile(file)) }),
    types: TYPES,
    now: () => sql<Date>`${at(clock.now().getTime())}`,
    nowInSeconds: () => sql<Date>`${at(clock.now().getTime())}`,
    later: (seconds) => sql<Date>`${at(clock.now().getTime() + seconds * 1000)}`,
    moment: (date) => date.toISOString(),
    troubleOf,
  };
}

function openFile(file: string): Libsql.Database {
  const database = new Libsql(file, { timeout: BUSY_MILLISECONDS });
  // Readers don't wait for writers, and a commit outlives the process; NORMAL risks only the last ones at a power cut.
  if (file !== ":memory:") database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec("PRAGMA foreign_keys = ON");
  return database;
}

function troubleOf(error: unknown): Trouble | undefined {
  const { code, message } = faultOf(error);
  if (message.includes("no such table")) return "schema";
  // libsql gives it no code.
  if (message.includes("Unable to open")) return "away";
  return TROUBLES.find(([pattern]) => pattern.test(code))?.[1];
}

/**
 * Transactions take the lock for writing at once: one that read first and then wants to write is refused by SQLite when
 * another process wrote in between, and no waiting helps. Migrations run inside of one, so two processes take turns.
 */
class LockingSqliteDialect extends SqliteDialect implements Dialect {
  private readonly settings: SqliteDialectConfig;

  constructor(settings: SqliteDialectConfig) {
    super(settings);
    this.settings = settings;
  }

  override createDriver(): SqliteDriver {
    return new LockingSqliteDriver(this.settings);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class LockingSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
