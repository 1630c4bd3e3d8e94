/** Which of the four databases a clone gets. */
import type { CloneSpec, Database } from "./clone";

type Wish = Pick<CloneSpec, "database" | "useDedicatedDatabase" | "warmPod">;

/**
 * The documents' flag and ours in one: a warm pod brings its own MySQL, the flag means a dedicated one.
 *
 * @param fallback what the stack gives those who asked for nothing
 * @returns nothing if the wishes contradict each other
 */
export function chooseDatabase(
  { database, useDedicatedDatabase, warmPod }: Wish,
  fallback: Database,
): Database | undefined {
  const wishes = new Set<Database>();
  if (database !== undefined) wishes.add(database);
  if (useDedicatedDatabase === true) wishes.add("dedicated");
  if (warmPod !== undefined && warmPod !== "") wishes.add("sidecar");
  if (wishes.size > 1) return undefined;
  return [...wishes][0] ?? fallback;
}

/**
 * Schema and user of a clone on the shared server, as the graph names them. Not read from status: whoever could write
 * there could have any schema dropped.
 */
export function sharedDatabaseName(uid: string): string {
  return `clone_${uid.replaceAll("-", "").slice(0, 24)}`;
}

/** The database that a clone has, as its resource says. */
export function databaseOf({ database, useDedicatedDatabase }: Wish): Database {
  return useDedicatedDatabase === true ? "dedicated" : (database ?? "shared");
}
