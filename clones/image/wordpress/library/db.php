<?php
/**
 * Drop-in: has a clone live on SQLite. The implementation stands outside of WordPress, so that no import takes it away.
 *
 * @package Wordpress_Clone
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}
define( 'SQLITE_DB_DROPIN_VERSION', '1.8.0' );
define( 'DATABASE_TYPE', 'sqlite' );
define( 'DB_ENGINE', 'sqlite' );
require_once '/usr/local/lib/wordpress-clone/sqlite-database-integration/wp-includes/sqlite/db.php';
