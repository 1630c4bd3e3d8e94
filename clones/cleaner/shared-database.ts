/** The schemas of clones on the shared database: KRO can make them, by a Job, but it can't drop them. */
import { createConnection } from "mysql2/promise";
import { CloneError } from "../provisioner/errors";

export interface SharedDatabase {
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

/** Schema and user have the same name. */
export class MySqlSharedDatabase implements SharedDatabase {
  constructor(private readonly options: MySqlOptions) {}

  async drop(name: string): Promise<void> {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no schema of a clone`);
    const connection = await createConnection({ ...this.options, connectTimeout: CONNECT_MILLISECONDS });
    try {
      for (const sql of [
        `SET SESSION lock_wait_timeout = ${LOCK_SECONDS}`,
        `DROP DATABASE IF EXISTS \`${name}\``,
        `DROP USER IF EXISTS '${name}'@'%'`,
      ]) {
        await connection.query({ sql, timeout: QUERY_MILLISECONDS });
      }
    } finally {
      connection.destroy();
    }
  }
}

/** Where nothing was configured: a clone on a shared database keeps its finalizer, and somebody gets to know. */
export const noSharedDatabase: SharedDatabase = {
  drop: (name) =>
    Promise.reject(
      new CloneError({
        code: "CLONE_SHARED_DATABASE",
        path: "SHARED_DATABASE_HOST",
        value: undefined,
        reason: `the schema ${name} is on the shared database, and the cleaner wasn't told where that is`,
        remedy: "Give it SHARED_DATABASE_HOST, SHARED_DATABASE_USER and SHARED_DATABASE_PASSWORD",
      }),
    ),
};

/** Reads `SHARED_DATABASE_HOST`, `_PORT`, `_USER`, `_PASSWORD`, as a Secret gives them. */
export function sharedDatabaseOf(env: Readonly<Record<string, string | undefined>>): SharedDatabase {
  const { SHARED_DATABASE_HOST: host = "", SHARED_DATABASE_PORT: port = "3306" } = env;
  const { SHARED_DATABASE_USER: user = "", SHARED_DATABASE_PASSWORD: password = "" } = env;
  return host === "" ? noSharedDatabase : new MySqlSharedDatabase({ host, port: Number(port), user, password });
}
