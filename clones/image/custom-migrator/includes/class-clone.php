<?php
/**
 * What makes a site a clone, and what follows from it (decision 34): a copy of production that touches nothing outside.
 *
 * @package Custom_Migrator
 */

/** Whether this site is a clone, of what, and until when. On any other site nothing of this does anything. */
class Custom_Migrator_Clone {
	/** Option that an import in mode `clone` writes: JSON with `of` (the source's address), `ends` and `admin`. */
	const OPTION = 'custom_migrator_clone';

	/** Option with the plugins that were activated here by hand though the rules switch them off: a JSON list of files. */
	const BY_HAND = 'custom_migrator_switched_on';

	/**
	 * Whether this site is a clone: the environment variable CLONE_NAME, the constant CUSTOM_MIGRATOR_CLONE, or an import said so.
	 *
	 * @return bool
	 */
	public static function is_clone() {
		if ( defined( 'CUSTOM_MIGRATOR_CLONE' ) ) {
			return (bool) constant( 'CUSTOM_MIGRATOR_CLONE' );
		}
		return '' !== (string) getenv( 'CLONE_NAME' ) || false !== self::option( self::OPTION );
	}

	/**
	 * What the import said of the clone.
	 *
	 * @return array{of: string, ends: int, admin: string} Empty, or 0, where nobody said it; the end in seconds of Unix.
	 */
	public static function record() {
		$record = self::json( self::OPTION );
		$ends   = defined( 'CLONE_ENDS_AT' ) ? constant( 'CLONE_ENDS_AT' ) : getenv( 'CLONE_ENDS_AT' );
		if ( '' === (string) $ends ) {
			$ends = isset( $record['ends'] ) ? $record['ends'] : 0;
		}
		return array(
			'of'    => isset( $record['of'] ) && is_string( $record['of'] ) ? $record['of'] : '',
			'ends'  => is_numeric( $ends ) ? (int) $ends : (int) strtotime( (string) $ends ),
			'admin' => isset( $record['admin'] ) && is_string( $record['admin'] ) ? $record['admin'] : (string) getenv( 'WORDPRESS_ADMIN_USER' ),
		);
	}

	/** Makes the site behave as a clone, if it is one. Must-use plugins are loaded before any other, so nothing comes first. */
	public static function register() {
		if ( ! self::is_clone() ) {
			return;
		}
		self::define_constants();
		add_filter( 'option_active_plugins', array( __CLASS__, 'running_plugins' ), PHP_INT_MAX );
		add_action( 'activate_plugin', array( __CLASS__, 'note_activation' ) );
		add_action( 'deactivated_plugin', array( __CLASS__, 'forget_activation' ) );
		if ( 'true' === getenv( 'WARM_POOL_MODE' ) && false === self::option( self::OPTION ) ) {
			add_action( 'template_redirect', array( __CLASS__, 'close' ), -PHP_INT_MAX );
			add_action( 'login_init', array( __CLASS__, 'close' ), -PHP_INT_MAX );
		}
		Custom_Migrator_Clone_Quiet::register();
		Custom_Migrator_Kept_Mail::register();
		Custom_Migrator_Kept_Mail_Screen::register();
		Custom_Migrator_Login_Link::register();
		Custom_Migrator_Clone_Notice::register();
	}

	/**
	 * Filters the active plugins: without those that are switched off.
	 *
	 * @param mixed $active Of the database.
	 * @return array<int, string>
	 */
	public static function running_plugins( $active ) {
		return Custom_Migrator_Clone_Rules::running( $active, self::activated_by_hand() );
	}

	/**
	 * Files of the plugins that somebody activated here though the rules switch them off.
	 *
	 * @return string[]
	 */
	public static function activated_by_hand() {
		return array_values( array_filter( self::json( self::BY_HAND ), 'is_string' ) );
	}

	/**
	 * Somebody activates a plugin here: their word stands above the rules.
	 *
	 * @param string $plugin_file As in `active_plugins`.
	 */
	public static function note_activation( $plugin_file ) {
		if ( '' !== Custom_Migrator_Clone_Rules::switched_off( $plugin_file ) ) {
			$files = array_values( array_unique( array_merge( self::activated_by_hand(), array( $plugin_file ) ) ) );
			update_option( self::BY_HAND, wp_json_encode( $files ) );
		}
	}

	/**
	 * Somebody switches it off again.
	 *
	 * @param string $plugin_file As in `active_plugins`.
	 */
	public static function forget_activation( $plugin_file ) {
		$files = self::activated_by_hand();
		if ( in_array( $plugin_file, $files, true ) ) {
			update_option( self::BY_HAND, wp_json_encode( array_values( array_diff( $files, array( $plugin_file ) ) ) ) );
		}
	}

	/** Nothing is to be seen of a site that waits in the pool for its content, and nobody logs in to it. */
	public static function close() {
		nocache_headers();
		wp_die( 'This site waits for its content.', 'Not ready', array( 'response' => 503 ) );
	}

	/** What WordPress and others read as constants; whoever configured them already is heard. */
	private static function define_constants() {
		$constants = array(
			'DISABLE_WP_CRON'            => true,
			'AUTOMATIC_UPDATER_DISABLED' => true,
			'JETPACK_STAGING_MODE'       => true,
		);
		if ( false === getenv( 'WP_ENVIRONMENT_TYPE' ) ) {
			// Too late where wp-config.php leaves WP_DEBUG open: WordPress has asked for the type then, and keeps the answer.
			$constants['WP_ENVIRONMENT_TYPE'] = 'staging';
		}
		foreach ( $constants as $name => $value ) {
			if ( ! defined( $name ) ) {
				define( $name, $value );
			}
		}
	}

	/**
	 * An option as an array, whoever wrote it.
	 *
	 * @param string $name Of the option.
	 * @return array<mixed>
	 */
	private static function json( $name ) {
		$value = self::option( $name );
		$value = is_string( $value ) ? json_decode( $value, true ) : $value;
		return is_array( $value ) ? $value : array();
	}

	/**
	 * An option, also while WordPress installs itself and there is no table yet.
	 *
	 * @param string $name Of the option.
	 * @return mixed False if there is none.
	 */
	private static function option( $name ) {
		global $wpdb;
		$is_silent = $wpdb->suppress_errors( true );
		$value     = get_option( $name );
		$wpdb->suppress_errors( $is_silent );
		return $value;
	}
}
