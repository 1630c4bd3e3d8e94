/** Stands where no way of copying WordPress is built in: it refuses before anything is made. */
import { MigrationError, SiteMigrator } from "./site-migrator";

function refuse(): Promise<never> {
  const message = "This installation has no way of copying WordPress built in; nothing was made.";
  return Promise.reject(new MigrationError("MIGRATION_UNAVAILABLE", message, false));
}

export const NO_MIGRATOR: SiteMigrator = {
  check: refuse,
  copy: refuse,
  plan: refuse,
  restore: refuse,
  undoRestore: () => Promise.resolve(),
};
