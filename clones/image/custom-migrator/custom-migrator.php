<?php
/**
 * Plugin Name: Custom Migrator
 * Description: Copies this site to a clone and back, by HTTP, in parts that small hosts can carry.
 * Version: 1.0.0
 * Requires at least: 6.2
 * Requires PHP: 7.4
 * License: GPL-2.0-or-later
 * License URI: https://www.gnu.org/licenses/gpl-2.0.html
 *
 * @package Custom_Migrator
 */

// Once: it may be an ordinary plugin and a must-use one at the same time.
if ( ! defined( 'ABSPATH' ) || defined( 'CUSTOM_MIGRATOR_VERSION' ) ) {
	return;
}

define( 'CUSTOM_MIGRATOR_VERSION', '1.0.0' );
define( 'CUSTOM_MIGRATOR_PROTOCOL', 1 );
define( 'CUSTOM_MIGRATOR_FILE', __FILE__ );

require_once __DIR__ . '/includes/class-classes.php';

Custom_Migrator_Classes::register();
Custom_Migrator_Rest::register();
Custom_Migrator_Replay::run();
Custom_Migrator_Clone::register();
