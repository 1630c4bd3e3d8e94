/** Brings a database to the schema that this code needs, and says whether it is there. */
import { Kysely, Migrator } from "kysely";
import type { SqlDialect } from "./dialect";
import { schemaOld } from "./errors";
import { migrations } from "./migrations";
import type { StoreTables } from "./schema";

/**
 * Runs what is missing, under a lock: of several that start at once, one does it and the others wait. A schema that is
 * newer than the code stays as it is, so that an older version can start during a roll-back.
 *
 * @returns names of the migrations that it ran
 */
export async function migrate(db: Kysely<StoreTables>, dialect: SqlDialect): Promise<readonly string[]> {
  if ((await missingMigrations(db, dialect)).length === 0) return [];
  const provider = { getMigrations: () => Promise.resolve(migrations(dialect.types)) };
  const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest();
  // Kysely types it as unknown; what its driver throws are errors.
  if (error !== undefined) throw error as Error;
  return results.map(({ migrationName }) => migrationName);
}

/** @throws {ServiceError} STORE_SCHEMA */
export async function checkSchema(db: Kysely<StoreTables>, dialect: SqlDialect): Promise<void> {
  const [missing] = await missingMigrations(db, dialect);
  if (missing !== undefined) throw schemaOld(missing);
}

async function missingMigrations(db: Kysely<StoreTables>, dialect: SqlDialect): Promise<string[]> {
  const needed = Object.keys(migrations(dialect.types));
  const done = await executedMigrations(db, dialect);
  return needed.filter((name) => !done.includes(name));
}

async function executedMigrations(db: Kysely<StoreTables>, dialect: SqlDialect): Promise<string[]> {
  try {
    const rows = await db.selectFrom("kysely_migration").select("name").execute();
    return rows.map(({ name }) => name);
  } catch (error) {
    if (dialect.troubleOf(error) === "schema") return [];
    throw error;
  }
}
