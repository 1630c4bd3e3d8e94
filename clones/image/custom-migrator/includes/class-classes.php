<?php
/**
 * Finds the plugin's classes.
 *
 * @package Custom_Migrator
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** A visitor's page loads the few that it needs; a request that moves folders, perhaps the plugin's own, has all of them before. */
final class Custom_Migrator_Classes {
	/** What the names of all classes begin with. */
	const PREFIX = 'Custom_Migrator_';

	/** Files that aren't named after their class. */
	const FILES = array(
		'Custom_Migrator_Database' => 'interface-database.php',
		'Custom_Migrator_Error'    => 'class-migrator-error.php',
	);

	/** Lets PHP ask for a class when it comes upon its name. */
	public static function register() {
		spl_autoload_register( array( __CLASS__, 'load' ) );
	}

	/**
	 * Loads one class, if it is ours.
	 *
	 * @param string $name Of the class.
	 */
	public static function load( $name ) {
		// Names may come from serialized data of anybody: nothing but letters becomes part of a path.
		if ( ! preg_match( '/^' . self::PREFIX . '[A-Za-z_]+$/D', $name ) ) {
			return;
		}
		$words = str_replace( '_', '-', substr( $name, strlen( self::PREFIX ) ) );
		$file  = __DIR__ . '/' . ( isset( self::FILES[ $name ] ) ? self::FILES[ $name ] : 'class-' . strtolower( $words ) . '.php' );
		if ( is_file( $file ) ) {
			require_once $file;
		}
	}

	/** Loads all of them. */
	public static function all() {
		foreach ( (array) glob( __DIR__ . '/*.php' ) as $file ) {
			require_once $file;
		}
	}
}
