/** Makes database, user and tables of the service: what the schema job does, as an administrator, before each release. */
import { sql } from "kysely";
import { assertNoProblems, Problem } from "../../constructs/shared/problems";
import { Db, SqlDatabase } from "./database";
import { grantStatements } from "./grants";
import { migrate } from "./migrate";
import { mysqlDialect, mysqlServerOf } from "./mysql";
import { MySqlServer, PATIENT_LIMITS } from "./mysql-pool";

export interface PrepareOptions {
  /** `mysql://admin:password@host:3306/database`; the database needn't be there yet. */
  readonly adminUrl: string;
  /** The service's own user; its rights are those of grants.ts. @default job_store */
  readonly user?: string;
  /** What its Secret says. The database's is set to it each time, so that the two are one also after either was lost. */
  readonly password: string;
}

const DEFAULTS = { user: "job_store" } as const;
const NAME = { database: /^\w{1,64}$/, user: /^\w{1,32}$/ } as const;

/**
 * Safe twice, and by several at once.
 *
 * @returns names of the migrations that it ran
 * @throws {InvalidInputError} STORE_URL, STORE_ACCOUNT
 * @throws {StoreUnavailable} STORE_UNAVAILABLE
 */
export async function prepareDatabase(options: PrepareOptions): Promise<readonly string[]> {
  const { adminUrl, user, password } = { ...DEFAULTS, ...options };
  const { database = "", ...server } = mysqlServerOf(adminUrl);
  assertNoProblems(problemsOf(database, user, password, server));
  const above = new SqlDatabase(mysqlDialect(server, PATIENT_LIMITS));
  const within = new SqlDatabase(mysqlDialect({ ...server, database }, PATIENT_LIMITS));
  const account = sql.raw(`'${user}'@'%'`);
  try {
    await above.run("prepareAccount", async (db) => {
      await run(db, `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
      await sql`CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ${password}`.execute(db);
      await sql`ALTER USER ${account} IDENTIFIED BY ${password}`.execute(db);
    });
    const done = await within.run("migrate", (db) => migrate(db, within.dialect));
    await above.run("grant", async (db) => {
      for (const statement of grantStatements(database, user)) await run(db, statement);
    });
    return done;
  } finally {
    await Promise.all([above.close(), within.close()]);
  }
}

async function run(db: Db, statement: string): Promise<void> {
  await sql.raw(statement).execute(db);
}

function problemsOf(database: string, user: string, password: string, server: MySqlServer): Problem[] {
  const problems: Problem[] = [];
  const add = (path: string, value: string, reason: string, remedy: string) =>
    problems.push({ code: "STORE_ACCOUNT", path, value, reason, remedy });
  const letters = "Use letters, digits and underscores";
  if (!NAME.database.test(database)) add("database", database, "it can be no database's name", letters);
  if (!NAME.user.test(user)) add("user", user, "it can be no user's name", letters);
  if (password === "") add("password", "(hidden)", "it is empty", "Give the one of the service's Secret");
  if (user === server.user) {
    add("user", user, "it is the administrator, whose password would be changed", "Give the service a user of its own");
  }
  return problems;
}
