/** What the plugin refuses, in the words of whoever asked for the job. */
import type { WordPressError } from "./answers";
import { quoted, siteError } from "./errors";
import type { MigrationError } from "./site-migrator";

/** Of the plugin's own codes those that mean something to others than its authors; nothing for all others. */
export function pluginError(site: string, { code, message }: WordPressError): MigrationError | undefined {
  const said = { site, reason: `the migration plugin there says ${quoted(message)}` };
  switch (code) {
    case "MIGRATOR_KEY": {
      const reason = "the key isn't one of the migration plugin there, or has expired";
      return siteError({ code: "SITE_KEY", site, reason, remedy: "Correct it, or give a user and a password" });
    }
    case "IMPORT_BUSY":
    case "IMPORT_LOCKED": {
      const reason = "another import is under way there";
      return siteError({ code: "SITE_BUSY", site, reason, remedy: "Ask again when it is over", retryable: true });
    }
    case "IMPORT_WORDPRESS": {
      const reason = "its WordPress is older than that of the site which it is to take in";
      return siteError({ code: "SITE_OLDER", site, reason, remedy: "Update WordPress there" });
    }
    case "ROLLBACK_GONE": {
      const reason = "what was saved before the restore isn't kept any more";
      return siteError({ code: "RESTORE_GONE", site, reason, remedy: "Take the host's own backup" });
    }
    case "STAGING_WRITE":
      return siteError({ code: "SITE_FULL", ...said, remedy: "Nothing was changed; make room there" });
    case "FILES_PERMISSION":
      return siteError({ code: "SITE_FILES", ...said, remedy: "Nothing was changed; correct that there" });
    default:
      if (!code.startsWith("ARCHIVE_")) return undefined;
      return siteError({ code: "ARCHIVE_REFUSED", ...said, remedy: "Nothing was changed; correct that on the source" });
  }
}
