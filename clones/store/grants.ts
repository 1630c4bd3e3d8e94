/** What the service's own user of the database may do: the documents' rights on the jobs, and the least on each other table. */
import type { StoreTables } from "./schema";

/** As MySQL's GRANT takes them. Nobody deletes jobs; what holds secrets is only ever written anew or deleted. */
export const GRANTS: Readonly<Record<keyof StoreTables, string>> = {
  jobs: "SELECT, INSERT, UPDATE",
  job_steps: "SELECT, INSERT, UPDATE",
  job_events: "SELECT, INSERT",
  job_secrets: "SELECT, INSERT, DELETE",
  idempotency_keys: "SELECT, INSERT, DELETE",
  api_keys: "SELECT, INSERT, UPDATE (revoked_at)",
  // The purge takes away those that are over.
  webhook_deliveries: "SELECT, INSERT, UPDATE, DELETE",
  // Whether the schema is the one that the code needs.
  kysely_migration: "SELECT",
};

/** Names are put in as they are: {@link prepareDatabase} has looked at them. */
export function grantStatements(database: string, user: string): readonly string[] {
  return Object.entries(GRANTS).map(
    ([table, rights]) => `GRANT ${rights} ON \`${database}\`.${table} TO '${user}'@'%'`,
  );
}
