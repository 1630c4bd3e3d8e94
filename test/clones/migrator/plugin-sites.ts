/** What the process tests of the plugin in WordPress have in common. */
import { TestSite, TestSiteOptions } from "../../support/wordpress";
import { ALL_SCOPES, call, KEY } from "./plugin-client";

/** A small host's: what the plugin has to do with. */
export const SMALL = { memory_limit: "128M", post_max_size: "8M", max_execution_time: "30" };
export const OPTIONS: TestSiteOptions = { plugin: "mu", ini: SMALL, environment: { MIGRATION_API_KEY: KEY } };
export const ADMIN = { username: "keeper", password: "a password of the clone's own", email: "keeper@clone.example" };
/** Of a restore: what production keeps stays. */
export const CONTENT = ["content", "uploads", "plugins", "themes"];

/** What a site is: hashes of all rows and files that count. */
export async function fingerprint(site: TestSite): Promise<string[]> {
  const { bytes } = await call(site.url, "POST", "fingerprint", { scopes: ALL_SCOPES, of: "site" });
  const lines = bytes.toString().trimEnd().split("\n");
  if (lines.at(-1) !== '{"end":true}') throw new Error(`fingerprint: ${lines.at(-1)}`);
  return lines.slice(0, -1).sort();
}

export const tablesOf = (site: TestSite) =>
  site.evaluate(`
    global $wpdb;
    $names = $wpdb->get_col( 'SHOW TABLES' );
    sort( $names );
    return $names;`) as Promise<string[]>;
