<?php
/**
 * What the plugin tells of a site before anything is copied.
 *
 * @package Custom_Migrator
 */

/** Numbers without secrets; totals are estimates. */
final class Custom_Migrator_Site_Status {
	/** Seconds for counting files, at most: behind that, the count is what was seen. */
	const COUNT_SECONDS = 2;

	/** What is told where PHP has no limit; whoever reads it can calculate with it. */
	const NO_LIMIT_BYTES   = 1099511627776;
	const NO_LIMIT_SECONDS = 86400;

	/**
	 * The answer of GET status.
	 *
	 * @return array<string, mixed>
	 */
	public static function all() {
		$tables = Custom_Migrator_Site::tables();
		$names  = $tables->names( Custom_Migrator_Scopes::ALL );
		$rows   = 0;
		foreach ( $names as $name ) {
			$rows += $tables->rows_at_most( $name );
		}
		$site  = Custom_Migrator_Site::manifest();
		$count = self::count_files( Custom_Migrator_Site_Folders::of_site()->roots( Custom_Migrator_Scopes::ALL ), self::COUNT_SECONDS );
		return array(
			'protocol'    => CUSTOM_MIGRATOR_PROTOCOL,
			'plugin'      => CUSTOM_MIGRATOR_VERSION,
			'wordpress'   => $site['wordpress'],
			'db_version'  => $site['db_version'],
			'php'         => PHP_VERSION,
			'database'    => $site['database'],
			'home'        => $site['home'],
			'siteurl'     => $site['siteurl'],
			'uploads_url' => $site['uploads_url'],
			'theme'       => $site['theme'],
			'clone'       => Custom_Migrator_Clone::is_clone(),
			'limits'      => array(
				'memory_bytes' => self::bytes( 'memory_limit' ),
				'seconds'      => (int) ini_get( 'max_execution_time' ) > 0 ? (int) ini_get( 'max_execution_time' ) : self::NO_LIMIT_SECONDS,
				'post_bytes'   => self::bytes( 'post_max_size' ),
			),
			'totals'      => array(
				'tables' => count( $names ),
				'rows'   => $rows,
				'files'  => $count['files'],
				'bytes'  => $count['bytes'],
			),
			'journal'     => Custom_Migrator_Imports::journal(),
		);
	}

	/**
	 * Kind and version of the database.
	 *
	 * @return array{kind: string, version: string}
	 */
	public static function database() {
		if ( 'sqlite' === Custom_Migrator_Site::database()->kind() ) {
			$kind    = 'sqlite';
			$version = (string) Custom_Migrator_Site::database()->rows( 'SELECT sqlite_version()' )[0][0];
		} else {
			$version = (string) Custom_Migrator_Site::database()->rows( 'SELECT VERSION()' )[0][0];
			$kind    = false !== stripos( $version, 'mariadb' ) ? 'mariadb' : 'mysql';
		}
		return compact( 'kind', 'version' );
	}

	/**
	 * How much there is to copy below some folders.
	 *
	 * @param array<string, string> $roots   Absolute path by folder.
	 * @param int|float             $seconds To count, at most.
	 * @return array{files: int, bytes: int, whole: bool} `whole` is false if time was up.
	 */
	public static function count_files( array $roots, $seconds ) {
		$until = microtime( true ) + $seconds;
		$files = 0;
		$bytes = 0;
		$walk  = new Custom_Migrator_File_Walk( $roots );
		$whole = true;
		foreach ( $walk->files() as $file ) {
			++$files;
			$bytes += (int) @filesize( $file['file'] ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- it may have gone.
			if ( microtime( true ) > $until ) {
				$whole = false;
				break;
			}
		}
		return compact( 'files', 'bytes', 'whole' );
	}

	/**
	 * A limit of PHP's in bytes.
	 *
	 * @param string $name Of the setting.
	 * @return int
	 */
	private static function bytes( $name ) {
		$bytes = wp_convert_hr_to_bytes( ini_get( $name ) );
		return $bytes > 0 ? min( (int) $bytes, self::NO_LIMIT_BYTES ) : self::NO_LIMIT_BYTES;
	}
}
