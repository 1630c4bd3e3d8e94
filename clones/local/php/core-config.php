<?php
/**
 * Stands above WordPress's files, which all sites of this machine share, and leads to the site that is meant.
 *
 * @package Loomworks
 */

$loomworks_site = getenv( 'CLONES_SITE' );
if ( false === $loomworks_site || ! is_file( $loomworks_site . '/wp-config.php' ) ) {
	http_response_code( 500 );
	exit( "CLONES_SITE names no folder of a site.\n" );
}
require $loomworks_site . '/wp-config.php';
require_once ABSPATH . 'wp-settings.php';
