/** What a site has, by PHP of its own: texts, files, and what is in serialized values. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestSite } from "../../../support/wordpress";

/**
 * Every text of every table, but for the plugin's own note of the import, that has the word: `table.column`, its row, and what stands around it.
 */
const SCAN = `global $wpdb; $found = array();
foreach ( $wpdb->get_col( 'SHOW TABLES' ) as $table ) {
	if ( $table === $wpdb->prefix . 'cm_import' ) { continue; }
	foreach ( $wpdb->get_results( "SELECT * FROM \`$table\`", ARRAY_A ) as $row ) {
		foreach ( $row as $column => $value ) {
			$at = stripos( (string) $value, $input['word'] );
			if ( false !== $at ) {
				$found[] = "$table.$column of " . substr( implode( ' ', array_slice( $row, 0, 2 ) ), 0, 60 ) . ': ' . substr( $value, max( 0, $at - 40 ), 90 );
			}
		}
	}
}
return $found;`;

/** Where in the database a word stands, in whatever form a URL around it has. */
export async function mentionsIn(site: TestSite, word: string): Promise<string[]> {
  return (await site.evaluate(SCAN, { word })) as string[];
}

/**
 * What the demo site's shop hasn't: each form of a URL at each depth, and values that a careless rewriting breaks. Keys of
 * arrays aren't among them: they stay as they are, and the plugin tells of them.
 */
const PLANT = `$home = $input['home']; $host = preg_replace( '~^https?://(www\\.)?~', '', $home ); $forms = array(
	'plain'    => "$home/cart/", 'https' => "https://www.$host/cart/", 'relative' => "//www.$host/cart/?a=1", 'bare' => "http://$host/x/",
	'escaped'  => str_replace( '/', '\\\\/', "$home/cart/" ), 'encoded' => rawurlencode( "$home/cart/?b=ü" ), 'json' => wp_json_encode( array( 'to' => array( "$home/a/", "https://$host/b/" ) ) ),
	'html'     => "<a href='$home/?x=1&amp;y=2'>Grüße – 🚢</a> and $home, too", 'upper' => 'HTTP://WWW.' . strtoupper( $host ) . '/LOUD/',
);
$object = new stdClass(); $object->url = "$home/object/"; $object->list = array( 1, 2.5, null, true, "$home/list/" );
$deep = serialize( array( 'again' => serialize( array( "$home/deep/", 'x' => serialize( $forms ) ) ) ) );
$value = array( 'forms' => $forms, 'object' => $object, 'deep' => $deep, 7 => -0.1, 'no' => false, 'text' => 's:5:"fake";', 'long' => str_repeat( "ä $home/ ", 3000 ) );
update_option( 'proof_settings', $value );
update_option( 'blog_public', '1' );
update_option( 'proof_same', array( $value, $value ) );
foreach ( $forms as $name => $form ) {
	update_option( "proof_$name", $form );
	add_post_meta( 1, "proof_$name", wp_slash( array( $form ) ) );
	add_user_meta( 1, "proof_$name", wp_slash( $form ) );
}
set_transient( 'proof', $value, 3600 );
return true;`;

/** @param home the site's own address */
export async function plant(site: TestSite, home: string): Promise<void> {
  await site.evaluate(PLANT, { home });
}

/** Options whose value says something of the site that has it. */
const OWN_OPTIONS = [
  "cron",
  "active_plugins",
  "rewrite_rules",
  "recently_activated",
  "auto_core_update_notified",
  "can_compress_scripts",
];
const READ = `global $wpdb;
$open = static function ( $value ) use ( &$open ) {
	if ( is_string( $value ) && is_serialized( $value ) ) {
		$inner = @unserialize( $value );
		return false === $inner && 'b:0;' !== $value ? $value : array( 'serialized' => $open( $inner ) );
	}
	if ( is_object( $value ) ) { return array( get_class( $value ) => $open( (array) $value ) ); }
	if ( is_float( $value ) ) { return "float $value"; }
	if ( ! is_array( $value ) ) { return $value; }
	$pairs = array();
	foreach ( $value as $key => $each ) { $pairs[] = array( $key, $open( $each ) ); }
	return array( 'array' => $pairs );
};
$read = array();
foreach ( $wpdb->get_results( "SELECT option_name AS name, option_value AS value FROM $wpdb->options" ) as $row ) {
	if ( ! preg_match( '~transient|^custom_migrator|^wp_user_roles_backup~', $row->name ) && ! in_array( $row->name, $input['own'], true ) ) {
		$name = $wpdb->prefix . 'user_roles' === $row->name ? 'user_roles' : $row->name;
		$read[ "option $name" ] = $open( $row->value );
	}
}
foreach ( $wpdb->get_results( "SELECT meta_id AS id, meta_key AS name, meta_value AS value FROM $wpdb->postmeta" ) as $row ) {
	$read[ "postmeta $row->id $row->name" ] = $open( $row->value );
}
return $read;`;

/** All options and meta of posts, opened as PHP does it, down to the last serialized text in another. */
export async function valuesOf(site: TestSite): Promise<Record<string, unknown>> {
  return (await site.evaluate(READ, { own: OWN_OPTIONS })) as Record<string, unknown>;
}

/** Text with each URL of `from` as one of `to`, in the forms that {@link plant} writes. Both have a port. */
export function moved(text: string, from: string, to: string): string {
  const [old, own] = [new URL(from), new URL(to)];
  const name = old.host.replace(/^www\./, "").replaceAll(".", String.raw`\.`);
  const scheme = String.raw`(https?(?::|%3A))?`;
  return text
    .replaceAll(new RegExp(String.raw`${scheme}((?:\\*/){2})(?:www\.)?${name}`, "gi"), (_all, before, slashes) => {
      return `${before === undefined ? "" : own.protocol}${String(slashes)}${own.host}`;
    })
    .replaceAll(new RegExp(`${scheme}%2F%2F(?:www\\.)?${name.replace(":", "%3A")}`, "gi"), () =>
      encodeURIComponent(to),
    );
}

/** Hash by path of all files below. */
export function filesIn(folder: string, skipped = /^$/): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isFile() && !skipped.test(name))
      files[name] = createHash("sha256").update(readFileSync(path)).digest("hex");
  }
  return files;
}
