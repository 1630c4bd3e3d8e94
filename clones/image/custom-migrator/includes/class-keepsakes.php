<?php
/**
 * Keeps what a target has in its folders and no archive can bring: links, and in uploads what a web server obeys or runs.
 *
 * @package Custom_Migrator
 */

/**
 * An archive must not bring a `.htaccess` into uploads. But production has one there that closes paid downloads to visitors,
 * and a restore must not open them: what the walk leaves out is copied from the site into the staged folder, before the swap,
 * unless it is another plugin's backup. Nothing of the live site is touched.
 */
final class Custom_Migrator_Keepsakes {
	/** Largest file that is kept, in bytes: settings and small programs; larger ones stay among what is saved. */
	const LARGEST = 4194304;

	/**
	 * How each folder is swapped.
	 *
	 * @var array<string, array{root: string, mode: string, home: string}>
	 */
	private $plans;

	/**
	 * Last file that the walk came to.
	 *
	 * @var string
	 */
	private $place;

	/**
	 * Begins, or goes on.
	 *
	 * @param array<string, array{root: string, mode: string, home: string}> $plans Of Custom_Migrator_Site_Folders::prepare().
	 * @param string                                                         $place Of place(); empty begins.
	 */
	public function __construct( array $plans, $place = '' ) {
		$this->plans = $plans;
		$this->place = $place;
	}

	/**
	 * Goes through the site's folders until time is up.
	 *
	 * @param float $until Of microtime().
	 * @return bool Whether all is kept.
	 */
	public function keep( $until ) {
		$walk = new Custom_Migrator_File_Walk( array_combine( array_keys( $this->plans ), array_column( $this->plans, 'root' ) ), array( $this, 'witness' ) );
		foreach ( $walk->files( $this->place ) as $file ) {
			$this->place = $file['folder'] . '/' . $file['path'];
			if ( microtime( true ) > $until ) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Where to go on.
	 *
	 * @return string
	 */
	public function place() {
		return $this->place;
	}

	/**
	 * Keeps one thing that the walk left out.
	 *
	 * @param string $folder One of Custom_Migrator_Archive_Rules::SCOPES.
	 * @param string $path   Below it.
	 * @param string $place  Absolute.
	 * @throws Custom_Migrator_Error `STAGING_WRITE`.
	 */
	public function witness( $folder, $path, $place ) {
		$staged = $this->plans[ $folder ]['home'] . '/staged/' . $folder;
		$is_dir = ! is_link( $place ) && is_dir( $place );
		if ( $is_dir || file_exists( "$staged/$path" ) || is_link( "$staged/$path" ) ) {
			return;
		}
		// phpcs:disable WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- no credentials of FTP; all answers are checked.
		if ( ! is_link( $place ) && ( ! is_file( $place ) || ! is_readable( $place ) || filesize( $place ) > self::LARGEST ) ) {
			return;
		}
		$names = explode( '/', $path );
		array_pop( $names );
		$parent = $staged;
		foreach ( $names as $name ) {
			$parent .= '/' . $name;
			if ( is_link( $parent ) || ( file_exists( $parent ) && ! is_dir( $parent ) ) ) {
				// The new site has something else there.
				return;
			}
			Custom_Migrator_Site_Folders::make( $parent );
		}
		$is_ok = is_link( $place ) ? @symlink( readlink( $place ), "$staged/$path" ) : @copy( $place, "$staged/$path" );
		// phpcs:enable
		if ( ! $is_ok ) {
			throw new Custom_Migrator_Error( 'STAGING_WRITE', 'staging: a file of the site could not be kept. Look for free space and for the permissions of wp-content.' );
		}
	}
}
