/** Sites of a given size, and what copying them costs each side. */
import { randomFillSync } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newJobId } from "../../../../clones/domain/job-id";
import { randomBytes } from "node:crypto";
import type { TestSite, TestSiteOptions } from "../../../support/wordpress";
import { restoreRequest } from "../support";
import type { Memory } from "./child";
import { NamedSite, SMALL_HOST, startSource, startTarget } from "./sites";
import { measured } from "./worker";

export interface Size {
  readonly posts: number;
  /** Media of 250 kB each, which nothing compresses. */
  readonly files: number;
}

/** The site of issue 6: 500 MB. */
export const LARGE: Size = { posts: 5_000, files: 2_000 };
const FILE_BYTES = 250_000;

/** Rows as imports of other systems leave them, 200 in a statement. Every post leads to the site, and has two metas. */
const FILL = `global $wpdb; $home = home_url();
$insert = static function ( $table, $columns, $rows ) use ( $wpdb ) {
	$quoted = array();
	foreach ( $rows as $row ) { $quoted[] = "('" . implode( "','", array_map( 'esc_sql', $row ) ) . "')"; }
	if ( false === $wpdb->query( "INSERT INTO $table ($columns) VALUES " . implode( ',', $quoted ) ) ) { throw new RuntimeException( $wpdb->last_error ); }
};
$columns = 'ID, post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt, post_status, post_name, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered, guid, post_type, post_mime_type';
$words   = str_repeat( 'Lamps, tea and paper boats — since 1911. ', 60 );
$posts   = array(); $metas = array();
for ( $index = 0; $index < $input['posts'] + $input['files']; $index++ ) {
	$id      = 1000 + $index; $date = '2026-02-01 10:00:00'; $file = $index - $input['posts'];
	$media   = $file >= 0; $path = sprintf( '2026/%02d/media-%d.jpg', 1 + $file % 12, $file );
	$url     = $media ? "$home/wp-content/uploads/$path" : "$home/?p=$id";
	$posts[] = array( $id, 1, $date, $date, $media ? '' : "<p><a href=\\"$home/shop/\\">$id</a> $words</p>", "Entry $id", '', $media ? 'inherit' : 'publish', "entry-$id", '', '', $date, $date, '', $url, $media ? 'attachment' : 'post', $media ? 'image/jpeg' : '' );
	$metas[] = $media ? array( $id, '_wp_attached_file', $path ) : array( $id, 'seen', serialize( array( 'at' => "$home/entry-$id/", 'count' => $index ) ) );
	$metas[] = array( $id, '_edit_last', '1' );
	if ( 200 === count( $posts ) || $index + 1 === $input['posts'] + $input['files'] ) {
		$insert( $wpdb->posts, $columns, $posts );
		$insert( $wpdb->postmeta, 'post_id, meta_key, meta_value', $metas );
		$posts = array(); $metas = array();
	}
}
return true;`;

/** Writes down what each request needed. */
const PEAKS = `<?php
register_shutdown_function( static function () {
	$seconds = microtime( true ) - $_SERVER['REQUEST_TIME_FLOAT'];
	file_put_contents( dirname( WP_CONTENT_DIR ) . '/peaks.txt', memory_get_peak_usage( true ) . " $seconds\\n", FILE_APPEND | LOCK_EX );
} );
`;

/** Small hosts both, of which every request is measured. */
export async function startSized(size: Size, from: TestSiteOptions, to: TestSiteOptions) {
  const [source, target] = await Promise.all([
    startSource({ ...from, ini: SMALL_HOST }),
    startTarget({ ...to, ini: SMALL_HOST }),
  ]);
  const stop = () => Promise.all([source, target].map(({ site }) => site.stop()));
  try {
    await source.site.evaluate(FILL, size);
    const bytes = Buffer.alloc(FILE_BYTES);
    for (let file = 0; file < size.files; file += 1) {
      const folder = join(source.site.content, "uploads", "2026", String(1 + (file % 12)).padStart(2, "0"));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `media-${file}.jpg`), randomFillSync(bytes));
    }
    for (const { site } of [source, target]) {
      mkdirSync(join(site.content, "mu-plugins"), { recursive: true });
      writeFileSync(join(site.content, "mu-plugins", "peaks.php"), PEAKS);
    }
    return { source, target, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface Cost {
  readonly seconds: number;
  readonly service: Memory;
  readonly source: Peaks;
  readonly target: Peaks;
}

/** Of the requests that a site answered: the most bytes of PHP's memory, and the longest. */
export interface Peaks {
  readonly bytes: number;
  readonly seconds: number;
}

/** In a process of its own, as the service's worker is one. */
export async function costOfCopy(source: NamedSite, target: NamedSite): Promise<Cost> {
  const jobId = newJobId(randomBytes);
  const publicUrl = target.site.url;
  const copy = { jobId, source: source.access, target: target.access, publicUrl, anonymize: false };
  return await cost(source, target, { copy });
}

/** Of all but users, from the clone to where it came from. */
export async function costOfRestore(clone: NamedSite, production: NamedSite): Promise<Cost> {
  return await cost(clone, production, { restore: restoreRequest(clone.access, production.access) });
}

async function cost(from: NamedSite, to: NamedSite, work: Parameters<typeof measured>[0]): Promise<Cost> {
  for (const { site } of [from, to]) rmSync(join(site.folder, "peaks.txt"), { force: true });
  const { seconds, memory: service } = await measured(work);
  return { seconds, service, source: peaksOf(from.site), target: peaksOf(to.site) };
}

function peaksOf({ folder }: TestSite): Peaks {
  const lines = readFileSync(join(folder, "peaks.txt"), "utf8").trimEnd().split("\n");
  const figures = lines.map((line) => line.split(" ").map(Number));
  const most = (at: number) => Math.max(...figures.map((each) => each[at] ?? 0));
  return { bytes: most(0), seconds: most(1) };
}
