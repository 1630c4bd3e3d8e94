/** MySQL and MariaDB: production. */
import { MysqlDialect, sql } from "kysely";
import { ColumnTypes, faultOf, SqlDialect, Trouble } from "./dialect";
import { storeUrlInvalid } from "./errors";
import { BoundedPool, MySqlLimits, MySqlServer } from "./mysql-pool";

const PORT = 3306;

const TYPES: ColumnTypes = {
  time: "TIMESTAMP",
  fineTime: "TIMESTAMP(3)",
  json: "JSON",
  choice,
  // Words behind the last one change no row, and so no table is copied.
  widenChoice: (table, column, _, after) => [`ALTER TABLE ${table} MODIFY ${column} ${choice(column, after)} NOT NULL`],
  counter: "BIGINT UNSIGNED NOT NULL AUTO_INCREMENT",
  keyBesideCounter: "PRIMARY KEY",
  now: "DEFAULT CURRENT_TIMESTAMP",
  fineNow: "DEFAULT CURRENT_TIMESTAMP(3)",
  touched: " ON UPDATE CURRENT_TIMESTAMP",
  // Ids and hashes are compared as they are, not as people read them.
  tableEnd: " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
  indexesInside: true,
};

function choice(_column: string, words: readonly string[]): string {
  return `ENUM(${words.map((word) => `'${word}'`).join(", ")})`;
}

const TROUBLES: readonly (readonly [Trouble, readonly string[]])[] = [
  ["duplicate", ["ER_DUP_ENTRY"]],
  ["conflict", ["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT"]],
  ["schema", ["ER_NO_SUCH_TABLE", "ER_BAD_DB_ERROR"]],
  ["lost", ["PROTOCOL_CONNECTION_LOST", "ECONNRESET", "EPIPE", "ER_SERVER_SHUTDOWN", "ER_CONNECTION_KILLED"]],
  [
    "refused",
    [
      ...["ER_ACCESS_DENIED_ERROR", "ER_DBACCESS_DENIED_ERROR", "ER_TABLEACCESS_DENIED_ERROR"],
      ...["ER_COLUMNACCESS_DENIED_ERROR", "ER_SPECIFIC_ACCESS_DENIED_ERROR", "ER_MUST_CHANGE_PASSWORD"],
    ],
  ],
  [
    "away",
    [
      "POOL_WAIT",
      "PROTOCOL_SEQUENCE_TIMEOUT",
      ...["ECONNREFUSED", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ECONNABORTED"],
      ...["HANDSHAKE_NO_SSL_SUPPORT", "HANDSHAKE_SSL_ERROR", "HANDSHAKE_UNKNOWN_ERROR"],
      ...["ER_CON_COUNT_ERROR", "ER_TOO_MANY_USER_CONNECTIONS", "ER_USER_LIMIT_REACHED", "ER_HOST_IS_BLOCKED"],
      ...["ER_OPTION_PREVENTS_STATEMENT", "ER_READ_ONLY_MODE", "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION"],
      ...["ER_DISK_FULL", "ER_RECORD_FILE_FULL", "ER_QUERY_INTERRUPTED"],
    ],
  ],
];

/** One clock for all: leases are compared across machines, whose own clocks differ. */
export function mysqlDialect(server: MySqlServer, limits?: MySqlLimits): SqlDialect {
  return {
    name: "mysql",
    kysely: new MysqlDialect({ pool: () => Promise.resolve(new BoundedPool(server, limits)) }),
    types: TYPES,
    now: () => sql<Date>`CURRENT_TIMESTAMP(3)`,
    // MySQL would round the fraction up, into the future.
    nowInSeconds: () => sql<Date>`CURRENT_TIMESTAMP`,
    later: (seconds) => sql<Date>`CURRENT_TIMESTAMP(3) + INTERVAL ${sql.lit(seconds)} SECOND`,
    moment: (date) => date,
    troubleOf,
  };
}

/**
 * @param url `mysql://user:password@host:3306/database?tls=true`
 * @throws {InvalidInputError} STORE_URL
 */
export function mysqlServerOf(url: string): MySqlServer {
  if (!URL.canParse(url)) throw storeUrlInvalid("it is no URL");
  const parsed = new URL(url);
  if (parsed.protocol !== "mysql:" || parsed.hostname === "") throw storeUrlInvalid("it names no MySQL server");
  const tls = parsed.searchParams.get("tls") ?? "false";
  const unknown = [...parsed.searchParams.keys()].find((name) => name !== "tls");
  if (unknown !== undefined) throw storeUrlInvalid(`the option ${JSON.stringify(unknown)} is unknown`);
  if (tls !== "true" && tls !== "false") throw storeUrlInvalid("tls is neither true nor false");
  const database = decoded(parsed.pathname.slice(1));
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: parsed.port === "" ? PORT : Number(parsed.port),
    user: decoded(parsed.username),
    password: decoded(parsed.password),
    database: database === "" ? undefined : database,
    tls: tls === "true",
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw storeUrlInvalid("a percent sign in it isn't followed by two hexadecimal digits");
  }
}

function troubleOf(error: unknown): Trouble | undefined {
  const { code, fatal } = faultOf(error);
  return TROUBLES.find(([, codes]) => codes.includes(code))?.[0] ?? (fatal ? "lost" : undefined);
}
