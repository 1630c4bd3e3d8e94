<?php
/**
 * Plugin Name: Custom migrator (loader)
 * Description: WordPress loads no folders of must-use plugins, so this file does.
 *
 * @package Wordpress_Clone
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}
require __DIR__ . '/custom-migrator/custom-migrator.php';
