<?php
/**
 * Drop-in: has WordPress live on SQLite. The implementation stands beside WordPress's files, so that neither a copy of
 * the site's plugins nor their removal takes it away.
 *
 * @package Loomworks
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}
define( 'SQLITE_DB_DROPIN_VERSION', '1.8.0' );
define( 'DATABASE_TYPE', 'sqlite' );
define( 'DB_ENGINE', 'sqlite' );
require_once dirname( ABSPATH ) . '/sqlite-database-integration/wp-includes/sqlite/db.php';
