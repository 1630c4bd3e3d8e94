<?php
/**
 * Installs WordPress into an empty database, with the clone's administrator: `php install.php`, in WordPress' folder. What
 * is installed stays as it is. The password comes by the environment: a command line is everybody's to read.
 *
 * @package Wordpress_Clone
 */

require __DIR__ . '/database.php';

/** Table that is there while WordPress is being installed: an installation that was cut off looks like a whole one otherwise. */
const CLONE_MARK = 'cm_installing';

$clone_user     = clone_variable( 'WORDPRESS_ADMIN_USER' );
$clone_password = clone_variable( 'WORDPRESS_ADMIN_PASSWORD' );
if ( '' === $clone_user || '' === $clone_password ) {
	clone_refuse( 'ADMIN_MISSING', 'WORDPRESS_ADMIN_USER, WORDPRESS_ADMIN_PASSWORD: one of them is empty. Give both: without an administrator anybody could install the site as theirs.', CLONE_MISCONFIGURED );
}

// Before wp-content is read: the drop-in leads to the image's own copy, which no import takes away with the plugins.
if ( clone_uses_sqlite() && ! is_file( 'wp-content/db.php' ) && ! copy( __DIR__ . '/db.php', 'wp-content/db.php' ) ) {
	clone_refuse( 'SQLITE_DROP_IN', 'wp-content/db.php: could not be written. Is the volume of the site full, or another user\'s?', CLONE_MISCONFIGURED );
}

define( 'WP_INSTALLING', true );
// Nobody knows the address before the import says it.
define( 'WP_SITEURL', 'http://localhost:8080' . rtrim( clone_variable( 'CLONE_PATH', '/' ), '/' ) );
$_SERVER['HTTP_HOST']      = 'localhost:8080';
$_SERVER['REQUEST_URI']    = '/';
$_SERVER['REQUEST_METHOD'] = 'GET';

/** WordPress would mail the new site's address and password-less greetings to its administrator. */
function wp_new_blog_notification() {
}

require getcwd() . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

global $wpdb;
$clone_mark = $wpdb->prefix . CLONE_MARK;
if ( null !== $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $clone_mark ) ) ) ) {
	fwrite( STDERR, "WordPress: its installation was cut off; it begins anew.\n" );
	foreach ( $wpdb->get_col( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $wpdb->prefix ) . '%' ) ) as $clone_table ) {
		if ( $clone_table !== $clone_mark ) {
			$wpdb->query( "DROP TABLE `$clone_table`" );
		}
	}
	wp_cache_flush();
}
if ( is_blog_installed() ) {
	fwrite( STDERR, "WordPress: is installed already.\n" );
	exit( 0 );
}
// It would ask itself for a page, and no web server runs yet.
add_filter( 'pre_http_request', static fn() => new WP_Error( 'installing', 'Not while WordPress installs itself.' ), PHP_INT_MAX );
$wpdb->query( "CREATE TABLE IF NOT EXISTS `$clone_mark` (id int)" );
$clone_title = 'true' === getenv( 'WARM_POOL_MODE' ) ? 'Waiting for a site' : 'Clone';
wp_install( $clone_title, $clone_user, $clone_user . '@clone.invalid', false, '', $clone_password );
$wpdb->query( "DROP TABLE `$clone_mark`" );
fwrite( STDERR, "WordPress: installed $GLOBALS[wp_version].\n" );
