<?php
/**
 * Runs one PHP file within a site, for the program that owns the site: `php run.php FILE < input.json`.
 *
 * The file sees `$input`, and what it returns is printed as JSON behind a mark, since plugins may print what they like.
 *
 * @package Loomworks
 */

$loomworks_file = $argv[1] ?? getenv( 'CLONES_RUN' );
$loomworks_from = getenv( 'CLONES_INPUT' );
$input          = json_decode( (string) file_get_contents( false === $loomworks_from ? 'php://stdin' : $loomworks_from ), true );
$loomworks_url  = parse_url( (string) getenv( 'CLONES_URL' ) );

$_SERVER['HTTP_HOST']       = $loomworks_url['host'] . ( isset( $loomworks_url['port'] ) ? ':' . $loomworks_url['port'] : '' );
$_SERVER['SERVER_NAME']     = $loomworks_url['host'];
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD']  = 'GET';
$_SERVER['REQUEST_URI']     = '/';
$_SERVER['REMOTE_ADDR']     = '127.0.0.1';
if ( 'https' === $loomworks_url['scheme'] ) {
	$_SERVER['HTTPS'] = 'on';
}
if ( ! empty( $input['installing'] ) ) {
	define( 'WP_INSTALLING', true );
}
require getenv( 'CLONES_CORE' ) . '/wp-load.php';
$loomworks_result = require $loomworks_file;
echo "\n", 'loomworks-result:', wp_json_encode( $loomworks_result ), "\n";
