/** The schemas of clones on the shared database: KRO speaks to the API server alone. */
import { createConnection } from "mysql2/promise";
import { CloneError } from "../provisioner/errors";

export interface SharedDatabase {
  /** Makes schema and user of this name, and gives the user this password. What is there already is fine. */
  make(name: string, password: string): Promise<void>;
  /** Drops schema and user of this name. What was never made is fine. */
  drop(name: string): Promise<void>;
}

export interface MySqlOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Longer than a failover of RDS would be of no use: the cleaner comes back. */
const CONNECT_MILLISECONDS = 10_000;

/**
 * A connection of a pod whose node died may hold locks on its tables until the server misses it. MySQL's own patience is a
 * year; a run of the cleaner must not hang for it, and comes back.
 */
const LOCK_SECONDS = 10;

/** For a server that no longer answers; longer than the one above, whose error says more. */
const QUERY_MILLISECONDS = 60_000;

/** The names of clones' schemas, and of no others. */
const NAME = /^clone_[0-9a-f]{24}$/;

interface Statement {
  readonly sql: string;
  readonly values?: string[];
}

/** Schema and user have the same name. */
export class MySqlSharedDatabase implements SharedDatabase {
  constructor(private readonly options: MySqlOptions) {}

  async make(name: string, password: string): Promise<void> {
    await this.run(name, [
      { sql: `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4` },
      { sql: `CREATE USER IF NOT EXISTS '${name}'@'%' IDENTIFIED BY ?`, values: [password] },
      // The Secret's, also where the user was there with another one.
      { sql: `ALTER USER '${name}'@'%' IDENTIFIED BY ?`, values: [password] },
      // An underscore would stand for any letter.
      { sql: `GRANT ALL PRIVILEGES ON \`${name.replace("_", "\\_")}\`.* TO '${name}'@'%'` },
    ]);
  }

  async drop(name: string): Promise<void> {
    await this.run(name, [
      { sql: `SET SESSION lock_wait_timeout = ${LOCK_SECONDS}` },
      { sql: `DROP DATABASE IF EXISTS \`${name}\`` },
      { sql: `DROP USER IF EXISTS '${name}'@'%'` },
    ]);
  }

  private async run(name: string, statements: readonly Statement[]): Promise<void> {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no schema of a clone`);
    const connection = await createConnection({ ...this.options, connectTimeout: CONNECT_MILLISECONDS });
    try {
      for (const statement of statements) await connection.query({ ...statement, timeout: QUERY_MILLISECONDS });
    } finally {
      connection.destroy();
    }
  }
}

function unknownServer(name: string): Promise<never> {
  return Promise.reject(
    new CloneError({
      code: "CLONE_SHARED_DATABASE",
      path: "SHARED_DATABASE_HOST",
      value: undefined,
      reason: `the schema ${name} is on the shared database, and the cleaner wasn't told where that is`,
      remedy: "Give it SHARED_DATABASE_HOST, SHARED_DATABASE_USER and SHARED_DATABASE_PASSWORD",
    }),
  );
}

/** Where nothing was configured: a clone on a shared database never begins or keeps its finalizer, and somebody gets to know. */
export const noSharedDatabase: SharedDatabase = { make: unknownServer, drop: unknownServer };

/** Reads `SHARED_DATABASE_HOST`, `_PORT`, `_USER`, `_PASSWORD`, as a Secret gives them. */
export function sharedDatabaseOf(env: Readonly<Record<string, string | undefined>>): SharedDatabase {
  const { SHARED_DATABASE_HOST: host = "", SHARED_DATABASE_PORT: port = "3306" } = env;
  const { SHARED_DATABASE_USER: user = "", SHARED_DATABASE_PASSWORD: password = "" } = env;
  return host === "" ? noSharedDatabase : new MySqlSharedDatabase({ host, port: Number(port), user, password });
}
