/** Jobs of type `copy`. Rows stay as they are, and so do the questions of code that knows of no such job. */
import { Migration, sql } from "kysely";
import type { ColumnTypes } from "../dialect";
import { FIRST_JOB_TYPES } from "./001-jobs";

const JOB_TYPES = [...FIRST_JOB_TYPES, "copy"] as const;

export function copiesMigration(types: ColumnTypes): Migration {
  return {
    async up(db) {
      for (const statement of types.widenChoice("jobs", "type", FIRST_JOB_TYPES, JOB_TYPES)) {
        await sql.raw(statement).execute(db);
      }
    },
  };
}
