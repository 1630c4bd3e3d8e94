/** SQLite through libsql: the embedded mode, and unit tests. One file, one machine, any number of processes. */
import Libsql from "libsql";
import { sql, SqliteAdapter, SqliteDialect, SqliteDriver } from "kysely";
import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult } from "kysely";
import type { Clock } from "../provisioner/clock";
import { ColumnTypes, faultOf, SqlDialect, Trouble } from "./dialect";

const TYPES: ColumnTypes = {
  time: "TIMESTAMP",
  fineTime: "TIMESTAMP",
  json: "JSON",
  choice,
  widenChoice,
  counter: "INTEGER PRIMARY KEY AUTOINCREMENT",
  keyBesideCounter: "NOT NULL UNIQUE",
  now: "DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
  fineNow: "DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
  touched: "",
  tableEnd: "",
  indexesInside: false,
};

function choice(column: string, words: readonly string[]): string {
  return `VARCHAR(16) CHECK (${column} IN (${words.map((word) => `'${word}'`).join(", ")}))`;
}

/** SQLite's own way to another CHECK without a new table (lang_altertable, "Making Other Kinds Of Table Schema Changes"). */
function widenChoice(table: string, column: string, before: readonly string[], after: readonly string[]): string[] {
  const quoted = (words: readonly string[]) => `'${choice(column, words).replaceAll("'", "''")}'`;
  return [
    "PRAGMA writable_schema = ON",
    `UPDATE sqlite_schema SET sql = replace(sql, ${quoted(before)}, ${quoted(after)}) WHERE name = '${table}'`,
    "PRAGMA writable_schema = RESET",
  ];
}

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
    kysely: new LockingSqliteDialect(() => openFile(file)),
    types: TYPES,
    now: () => sql<Date>`${at(clock.now().getTime())}`,
    nowInSeconds: () => sql<Date>`${at(clock.now().getTime())}`,
    later: (seconds) => sql<Date>`${at(clock.now().getTime() + seconds * 1000)}`,
    moment: (date) => date.toISOString(),
    troubleOf,
  };
}

function openFile(file: string): Libsql.Database {
  // No waiting for another's write in here: that would hold the whole process up. SqlDatabase tries again.
  const database = new Libsql(file, { timeout: 0 });
  try {
    // Readers don't wait for writers, and a commit outlives the process; NORMAL risks only the last at a power cut.
    if (file !== ":memory:") database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    database.exec("PRAGMA foreign_keys = ON");
  } catch (error) {
    database.close();
    throw error;
  }
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
 * Every write takes the lock for writing before anything else, and by `exec`. A transaction that read first and then
 * wants to write is refused by SQLite when another process wrote in between, and no waiting helps. And a statement that
 * libsql prepared and that met the lock stays open until its memory is collected; until then, its connection gets no lock
 * at all (seen with libsql 0.5.29).
 */
class LockingSqliteDialect extends SqliteDialect implements Dialect {
  constructor(private readonly open: () => Libsql.Database) {
    super({ database: () => Promise.resolve(open()) });
  }

  override createDriver(): SqliteDriver {
    return new LockingSqliteDriver(this.open);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class LockingSqliteDriver extends SqliteDriver {
  private readonly handle: { database?: Libsql.Database };

  constructor(open: () => Libsql.Database) {
    const handle: { database?: Libsql.Database } = {};
    super({ database: () => Promise.resolve((handle.database = open())) });
    this.handle = handle;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return new LockingConnection(await super.acquireConnection(), this.database());
  }

  override beginTransaction(): Promise<void> {
    this.database().exec("begin immediate");
    return Promise.resolve();
  }

  private database(): Libsql.Database {
    if (this.handle.database === undefined) throw new Error("used before it was opened");
    return this.handle.database;
  }
}

/** One write by itself is a transaction, too. */
class LockingConnection implements DatabaseConnection {
  constructor(
    private readonly inner: DatabaseConnection,
    private readonly database: Libsql.Database,
  ) {}

  async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    const { kind } = compiled.query;
    const isWrite = kind !== "SelectQueryNode" && kind !== "RawNode";
    if (!isWrite || this.isWithin()) return await this.inner.executeQuery<R>(compiled);
    this.database.exec("begin immediate");
    try {
      const result = await this.inner.executeQuery<R>(compiled);
      this.database.exec("commit");
      return result;
    } catch (error) {
      if (this.isWithin()) this.database.exec("rollback");
      throw error;
    }
  }

  streamQuery<R>(compiled: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(compiled, chunkSize);
  }

  private isWithin(): boolean {
    return this.database.inTransaction;
  }
}

/** Migrations run inside a transaction, so two processes take turns. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
