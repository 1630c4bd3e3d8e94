/** Tables written once for both databases. */
import { Kysely, sql } from "kysely";
import type { ColumnTypes } from "../dialect";

export interface TablePlan {
  readonly name: string;
  /** Lines between the brackets: columns, then keys. */
  readonly lines: readonly string[];
  /** Columns by the index's name. */
  readonly indexes?: Readonly<Record<string, string>>;
}

/**
 * Makes it, or nothing if it is there: MySQL commits each statement by itself, so a migration that was cut off is run
 * again from its beginning.
 */
export async function makeTable(db: Kysely<unknown>, types: ColumnTypes, plan: TablePlan): Promise<void> {
  const indexes = Object.entries(plan.indexes ?? {});
  const inside = types.indexesInside ? indexes.map(([name, columns]) => `INDEX ${name} (${columns})`) : [];
  const body = [...plan.lines, ...inside].join(",\n  ");
  await run(db, `CREATE TABLE IF NOT EXISTS ${plan.name} (\n  ${body}\n)${types.tableEnd}`);
  if (types.indexesInside) return;
  for (const [name, columns] of indexes) {
    await run(db, `CREATE INDEX IF NOT EXISTS ${name} ON ${plan.name} (${columns})`);
  }
}

async function run(db: Kysely<unknown>, statement: string): Promise<void> {
  await sql.raw(statement).execute(db);
}
