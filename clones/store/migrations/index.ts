/** Every migration, in order. Listed here rather than read from a folder, so that the service can be bundled. */
import type { Migration } from "kysely";
import type { ColumnTypes } from "../dialect";
import { jobsMigration } from "./001-jobs";
import { copiesMigration } from "./002-copies";

/** A migration that was released is never changed: what comes later is a new one, whose name sorts behind. */
export function migrations(types: ColumnTypes): Record<string, Migration> {
  return { "001-jobs": jobsMigration(types), "002-copies": copiesMigration(types) };
}
