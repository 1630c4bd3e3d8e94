/** All that a site is: by content, whatever wrote it. */
import { createHash } from "node:crypto";
import type { TestSite } from "../../../support/wordpress";
import { filesIn } from "./content";

/** Left out: what every request may write, logins, and what the plugin notes for itself. */
const TABLES = `global $wpdb; $state = array();
foreach ( $wpdb->get_col( 'SHOW TABLES' ) as $table ) {
	if ( 0 === strpos( $table, $wpdb->prefix . 'cm_' ) ) { continue; }
	$rows = array();
	foreach ( $wpdb->get_results( "SELECT * FROM \`$table\`", ARRAY_A ) as $row ) {
		if ( preg_match( '~transient_|^cron$|^rewrite_rules$|^custom_migrator_keys$~', $row['option_name'] ?? '' ) || 'session_tokens' === ( $row['meta_key'] ?? '' ) ) { continue; }
		unset( $row['option_id'], $row['umeta_id'] );
		$rows[] = serialize( $row );
	}
	sort( $rows );
	$state[ substr( $table, strlen( $wpdb->prefix ) ) ] = count( $rows ) . ' rows ' . md5( implode( "\\n", $rows ) );
}
return $state;`;
const OWN_FILES = /^custom-migrator\/|^plugins\/custom-migrator\/|^upgrade/;

export type State = Readonly<Record<string, string>>;

/** Hash by table and by top folder of its wp-content. Must-use plugins and drop-ins count too: none may be left behind. */
export async function stateOf(site: TestSite): Promise<State> {
  const tables = (await site.evaluate(TABLES)) as Record<string, string>;
  const folders: Record<string, string[]> = {};
  for (const [path, hash] of Object.entries(filesIn(site.content, OWN_FILES)).sort()) {
    (folders[path.split("/")[0] ?? ""] ??= []).push(`${path} ${hash}`);
  }
  const files = Object.entries(folders).map(([folder, lines]) => {
    const hash = createHash("md5").update(lines.join("\n")).digest("hex");
    return [`wp-content/${folder}`, `${lines.length} files ${hash}`] as const;
  });
  return { ...tables, ...Object.fromEntries(files) };
}
