<?php
/**
 * What a web server in front of WordPress does, for PHP's built-in one: `php -S ADDRESS router.php`.
 *
 * WordPress's files and the site's wp-content are in two folders, named by CLONES_CORE and CLONES_SITE.
 *
 * @package Loomworks
 */

/** Types of files that browsers take only by their right name. */
const LOOMWORKS_TYPES = array(
	'avif'  => 'image/avif',
	'css'   => 'text/css; charset=utf-8',
	'csv'   => 'text/csv; charset=utf-8',
	'gif'   => 'image/gif',
	'htm'   => 'text/html; charset=utf-8',
	'html'  => 'text/html; charset=utf-8',
	'ico'   => 'image/x-icon',
	'jpeg'  => 'image/jpeg',
	'jpg'   => 'image/jpeg',
	'js'    => 'text/javascript; charset=utf-8',
	'json'  => 'application/json',
	'map'   => 'application/json',
	'mjs'   => 'text/javascript; charset=utf-8',
	'mp3'   => 'audio/mpeg',
	'mp4'   => 'video/mp4',
	'ogg'   => 'audio/ogg',
	'otf'   => 'font/otf',
	'pdf'   => 'application/pdf',
	'png'   => 'image/png',
	'svg'   => 'image/svg+xml',
	'ttf'   => 'font/ttf',
	'txt'   => 'text/plain; charset=utf-8',
	'wasm'  => 'application/wasm',
	'wav'   => 'audio/wav',
	'webm'  => 'video/webm',
	'webp'  => 'image/webp',
	'woff'  => 'font/woff',
	'woff2' => 'font/woff2',
	'xml'   => 'text/xml; charset=utf-8',
	'xsl'   => 'text/xml; charset=utf-8',
	'zip'   => 'application/zip',
);

/**
 * The file that a path of the URL means, or null where visitors have none.
 *
 * @param string $path Decoded path.
 */
function loomworks_file( $path ) {
	if ( false !== strpos( $path, "\0" ) || preg_match( '#(^|/)\.#', $path ) ) {
		return null;
	}
	$content = 0 === strpos( $path, '/wp-content/' ) || '/wp-content' === $path;
	$root    = realpath( $content ? getenv( 'CLONES_SITE' ) : getenv( 'CLONES_CORE' ) );
	$file    = realpath( $root . $path );
	if ( false === $file || ( $file !== $root && 0 !== strpos( $file, $root . DIRECTORY_SEPARATOR ) ) ) {
		return null;
	}
	return $file;
}

/**
 * Whether visitors get nothing from here, as the rules for Apache that plugins write would have it.
 *
 * @param string $path Decoded path.
 */
function loomworks_closed( $path ) {
	return 1 === preg_match( '#^/wp-content/(custom-migrator|database|upgrade|upgrade-temp-backup)(/|$)#i', $path )
		|| 1 === preg_match( '#^/wp-content/uploads/.*\.(php\d?|phtml|phar|pht|phps)($|/|\.)#i', $path )
		|| 1 === preg_match( '#\.(sqlite|sql|log|ini|sh)$#i', $path );
}

/**
 * Answers with a file that is no PHP.
 *
 * @param string $file Path.
 */
function loomworks_send( $file ) {
	$extension = strtolower( pathinfo( $file, PATHINFO_EXTENSION ) );
	$tag       = '"' . dechex( (int) filemtime( $file ) ) . '-' . dechex( (int) filesize( $file ) ) . '"';
	header( 'Content-Type: ' . ( LOOMWORKS_TYPES[ $extension ] ?? 'application/octet-stream' ) );
	header( 'X-Content-Type-Options: nosniff' );
	header( 'X-Robots-Tag: noindex' );
	header( 'ETag: ' . $tag );
	header( 'Cache-Control: no-cache' );
	if ( ( $_SERVER['HTTP_IF_NONE_MATCH'] ?? '' ) === $tag ) {
		http_response_code( 304 );
		return;
	}
	header( 'Content-Length: ' . filesize( $file ) );
	if ( 'HEAD' !== $_SERVER['REQUEST_METHOD'] ) {
		readfile( $file );
	}
}

/**
 * Tells PHP and WordPress which script answers.
 *
 * @param string $name Its path of the URL.
 * @param string $file Its path.
 * @param string $info What of the URL's path stands behind it.
 */
function loomworks_script( $name, $file, $info = '' ) {
	$_SERVER['SCRIPT_NAME']     = $name;
	$_SERVER['PHP_SELF']        = $name . $info;
	$_SERVER['SCRIPT_FILENAME'] = $file;
	unset( $_SERVER['PATH_INFO'] );
	if ( '' !== $info ) {
		$_SERVER['PATH_INFO'] = $info;
	}
	chdir( dirname( $file ) );
	return $file;
}

/**
 * The script to run, or null if the answer is given already.
 */
function loomworks_route() {
	$path = rawurldecode( (string) parse_url( 'http://site' . $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );
	if ( loomworks_closed( $path ) ) {
		http_response_code( 404 );
		return null;
	}
	// A script with more path behind it: /index.php/hello/.
	$matched = preg_match( '#^(.*?\.php)(/.*)$#', $path, $parts );
	$name    = $matched ? $parts[1] : $path;
	$file    = loomworks_file( $name );
	if ( null !== $file && is_dir( $file ) && is_file( $file . '/index.php' ) ) {
		if ( '/' !== substr( $path, -1 ) ) {
			$query = (string) parse_url( 'http://site' . $_SERVER['REQUEST_URI'], PHP_URL_QUERY );
			header( 'Location: ' . implode( '/', array_map( 'rawurlencode', explode( '/', $path ) ) ) . '/' . ( '' === $query ? '' : '?' . $query ), true, 301 );
			return null;
		}
		return loomworks_script( $name . 'index.php', $file . '/index.php' );
	}
	if ( null !== $file && is_file( $file ) ) {
		if ( 'php' === strtolower( pathinfo( $file, PATHINFO_EXTENSION ) ) ) {
			return loomworks_script( $name, $file, $matched ? $parts[2] : '' );
		}
		loomworks_send( $file );
		return null;
	}
	// Permalinks; a missing file's 404 is WordPress's as well.
	return loomworks_script( '/index.php', getenv( 'CLONES_CORE' ) . '/index.php' );
}

$loomworks_script = loomworks_route();
if ( null !== $loomworks_script ) {
	require $loomworks_script;
}
