<?php
/**
 * The running WordPress, as the plugin's parts need it.
 *
 * @package Custom_Migrator
 */

/** Makes the parts for this site, each once in a request. */
final class Custom_Migrator_Site {
	/**
	 * The connection of this request.
	 *
	 * @var Custom_Migrator_Wpdb_Database|null
	 */
	private static $database = null;

	/**
	 * The connection, set for copying; see close().
	 *
	 * @return Custom_Migrator_Wpdb_Database
	 */
	public static function database() {
		if ( null === self::$database ) {
			self::$database = new Custom_Migrator_Wpdb_Database( $GLOBALS['wpdb'] );
		}
		return self::$database;
	}

	/** Gives the connection back to WordPress as it was. */
	public static function close() {
		if ( null !== self::$database ) {
			self::$database->close();
			self::$database = null;
		}
	}

	/**
	 * Prefix of the site's tables.
	 *
	 * @return string
	 */
	public static function prefix() {
		return $GLOBALS['wpdb']->prefix;
	}

	/**
	 * The site's tables.
	 *
	 * @return Custom_Migrator_Site_Tables
	 */
	public static function tables() {
		return new Custom_Migrator_Site_Tables( self::database(), self::prefix() );
	}

	/**
	 * An import's tables.
	 *
	 * @param array<string, mixed> $job As Custom_Migrator_Staged_Tables has it.
	 * @return Custom_Migrator_Staged_Tables
	 */
	public static function staged( array $job ) {
		return new Custom_Migrator_Staged_Tables( self::database(), self::prefix(), $job );
	}

	/**
	 * What imports know about themselves.
	 *
	 * @return Custom_Migrator_Import_Store
	 */
	public static function store() {
		return new Custom_Migrator_Import_Store( self::database(), self::prefix() );
	}

	/**
	 * Tickets of a purpose.
	 *
	 * @param string $purpose `export` or `fingerprint`.
	 * @return Custom_Migrator_Ticket
	 */
	public static function tickets( $purpose ) {
		return new Custom_Migrator_Ticket( wp_salt( 'auth' ), $purpose );
	}

	/** Forgets what PHP and WordPress remember of the site before it changed. */
	public static function refresh() {
		clearstatcache( true );
		wp_cache_flush();
		if ( function_exists( 'opcache_reset' ) && ! ini_get( 'opcache.restrict_api' ) ) {
			@opcache_reset(); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- not allowed on some hosts.
		}
	}

	/**
	 * What an importer needs to know of the site; no secrets.
	 *
	 * @return array<string, mixed>
	 */
	public static function manifest() {
		$uploads = wp_get_upload_dir();
		$clone   = json_decode( (string) get_option( Custom_Migrator_Clone::OPTION, '' ), true );
		return array(
			'home'        => get_option( 'home' ),
			'siteurl'     => get_option( 'siteurl' ),
			'uploads_url' => $uploads['baseurl'],
			'prefix'      => self::prefix(),
			'wordpress'   => get_bloginfo( 'version' ),
			'db_version'  => (int) get_option( 'db_version' ),
			'charset'     => get_option( 'blog_charset' ),
			'theme'       => get_stylesheet(),
			'php'         => PHP_VERSION,
			'database'    => Custom_Migrator_Site_Status::database(),
			// A clone without persons must not bring that to whom it was copied from.
			'anonymized'  => is_array( $clone ) && ! empty( $clone['anonymized'] ),
		);
	}
}
