<?php
/**
 * Removes whatever the plugin has left on a site, when it is deleted there.
 *
 * @package Custom_Migrator
 */

if ( ! defined( 'WP_UNINSTALL_PLUGIN' ) ) {
	exit;
}

if ( ! defined( 'CUSTOM_MIGRATOR_VERSION' ) ) {
	require_once __DIR__ . '/includes/class-classes.php';
	Custom_Migrator_Classes::register();
}
if ( ! is_multisite() ) {
	Custom_Migrator_Classes::all();
	Custom_Migrator_Finish::reset();
	Custom_Migrator_Site::close();
}
