<?php
/**
 * Plugin Name: Custom Migrator (must-use)
 * Description: Loads Custom Migrator from the folder beside: WordPress doesn't look into folders of must-use plugins.
 * Requires PHP: 7.4
 * License: GPL-2.0-or-later
 *
 * @package Custom_Migrator
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

require_once __DIR__ . '/custom-migrator/custom-migrator.php';
