/** A pool of connections to MySQL or MariaDB where nobody waits for longer than a few seconds, whatever the server does. */
import type { MysqlPool, MysqlPoolConnection } from "kysely";
import { createPool, Pool, PoolConnection } from "mysql2";

export interface MySqlLimits {
  /** @default 10 */
  readonly connections?: number;
  /** Requests that wait for a connection; more are turned away. @default 500 */
  readonly waiting?: number;
  /** Milliseconds for a new connection. @default 2000 */
  readonly connectMilliseconds?: number;
  /** Milliseconds that a request waits for a connection. @default 2500 */
  readonly waitMilliseconds?: number;
  /** Milliseconds for a statement; its connection is given up then. @default 3000 */
  readonly statementMilliseconds?: number;
}

export interface MySqlServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** @default none is chosen */
  readonly database?: string;
  /** Whether to ask for TLS with a certificate that Node trusts; NODE_EXTRA_CA_CERTS adds authorities. */
  readonly tls: boolean;
}

export const MYSQL_LIMITS: Required<MySqlLimits> = {
  connections: 10,
  waiting: 500,
  connectMilliseconds: 2_000,
  waitMilliseconds: 2_500,
  statementMilliseconds: 3_000,
};

/** For schema jobs: making an index over many rows takes as long as it takes. */
export const PATIENT_LIMITS: MySqlLimits = { connections: 2, statementMilliseconds: 3_600_000 };

/** An idle connection says goodbye within this, or is cut off. */
const GOODBYE_MILLISECONDS = 1_000;

/**
 * Times are UTC on both sides. Strict, so that nothing is cut to fit. Locks are waited for shorter than a statement may
 * take. READ COMMITTED locks the rows it changes and not the gaps beside them, where two inserts would block each other.
 */
const SESSION = [
  `SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = 2,
   sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
] as const;

/** What a request hears that got no connection. */
export class PoolWait extends Error {
  readonly code = "POOL_WAIT";
}

type Callback<T> = (error: unknown, value: T) => void;

export class BoundedPool implements MysqlPool {
  private readonly pool: Pool;
  private readonly limits: Required<MySqlLimits>;

  constructor({ host, port, user, password, database, tls }: MySqlServer, limits: MySqlLimits = {}) {
    this.limits = { ...MYSQL_LIMITS, ...limits };
    this.pool = createPool({
      host,
      port,
      user,
      password,
      database,
      ssl: tls ? { minVersion: "TLSv1.2", rejectUnauthorized: true } : undefined,
      connectionLimit: this.limits.connections,
      queueLimit: this.limits.waiting,
      connectTimeout: this.limits.connectMilliseconds,
      charset: "utf8mb4_bin",
      timezone: "Z",
      // MariaDB's JSON is a text; so is MySQL's with this.
      jsonStrings: true,
      // An object as a parameter would become several columns.
      stringifyObjects: true,
    });
    this.pool.on("connection", (connection) => {
      for (const sql of SESSION) {
        const timeout = this.limits.statementMilliseconds;
        // Statements wait for each other: the first of a request comes after these, or finds the connection gone.
        connection.query({ sql, timeout }, (error) => {
          if (error !== null) connection.destroy();
        });
      }
    });
  }

  getConnection(callback: Callback<MysqlPoolConnection>): void {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      fail(callback, new PoolWait(`no connection within ${this.limits.waitMilliseconds} ms`));
    }, this.limits.waitMilliseconds);
    this.pool.getConnection((error, connection) => {
      if (isLate) {
        if (error === null) connection.release();
        return;
      }
      clearTimeout(timer);
      if (error === null) callback(undefined, new BoundedConnection(connection, this.limits.statementMilliseconds));
      else fail(callback, error.message === "Queue limit reached." ? new PoolWait(error.message) : error);
    });
  }

  end(callback: (error: unknown) => void): void {
    let isOver = false;
    const once = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      callback(undefined);
    };
    const timer = setTimeout(once, GOODBYE_MILLISECONDS);
    // What can't say goodbye any more is gone, too.
    this.pool.end(once);
  }
}

/** After the first fatal error every statement hears of that one: a roll-back must not hide why it came to it. */
class BoundedConnection implements MysqlPoolConnection {
  private broken: Error | undefined;

  constructor(
    private readonly connection: PoolConnection,
    private readonly timeout: number,
  ) {}

  query(sql: string, parameters: unknown[]): never;
  query(sql: string, parameters: unknown[], callback: Callback<never>): void;
  query(sql: string, values: unknown[], callback?: Callback<never>): void {
    if (callback === undefined) throw new Error("streams aren't used");
    if (this.broken !== undefined) {
      fail(callback, this.broken);
      return;
    }
    this.connection.query({ sql, timeout: this.timeout, values }, (error, result) => {
      if (error === null) {
        callback(undefined, result as never);
        return;
      }
      // It holds the values, and errors find their way into logs.
      delete (error as { sql?: string }).sql;
      if (isFatal(error)) {
        this.broken = error;
        this.connection.destroy();
      }
      fail(callback, error);
    });
  }

  release(): void {
    if (this.broken === undefined) this.connection.release();
  }
}

/** Whether the connection is of no more use: it ended, or has an answer under way that nobody waits for any more. */
function isFatal(error: Error & { readonly fatal?: boolean; readonly code?: string }): boolean {
  return error.fatal === true || error.code === "PROTOCOL_SEQUENCE_TIMEOUT" || error.code === undefined;
}

function fail(callback: Callback<never>, error: Error): void {
  callback(error, undefined as never);
}
