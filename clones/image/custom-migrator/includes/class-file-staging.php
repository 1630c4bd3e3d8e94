<?php
/**
 * Keeps files of an archive in a folder of their own, until all are there and take their places at once.
 *
 * @package Custom_Migrator
 */

/**
 * The folder must be on the same file system as wp-content, for a rename is all that may happen at the end. What is written
 * again after a cut overwrites itself: a file goes on at the offset that its frame tells, whatever was written behind. No
 * link is followed, neither in the path nor at its end, should one have come into the folder by another way.
 */
class Custom_Migrator_File_Staging {
	/**
	 * The folder, without a slash at its end.
	 *
	 * @var string
	 */
	private $root;

	/**
	 * Makes the folder, or goes on with it.
	 *
	 * @param string $root Its path; the folder above must be there.
	 * @throws Custom_Migrator_Error `STAGING_WRITE`, `STAGING_LINK`.
	 */
	public function __construct( $root ) {
		$this->root = rtrim( $root, '/' );
		$this->folder( $this->root );
	}

	/**
	 * Writes a part of a file.
	 *
	 * @param string $scope  One of Custom_Migrator_Archive_Rules::SCOPES.
	 * @param string $path   Below it.
	 * @param int    $offset Of the part, in bytes; a file begins at 0, and grows without gaps.
	 * @param string $bytes  Of the part.
	 * @throws Custom_Migrator_Error `STAGING_LINK`, `STAGING_GAP`, `STAGING_WRITE`, or what the rules say.
	 */
	public function write( $scope, $path, $offset, $bytes ) {
		$refusal = Custom_Migrator_Archive_Rules::file( $scope, $path );
		if ( '' !== $refusal ) {
			throw new Custom_Migrator_Error( $refusal, 'staging: may not be written. Export the site anew with this plugin.' );
		}
		$place = $this->root;
		$names = explode( '/', $scope . '/' . $path );
		$last  = array_pop( $names );
		foreach ( $names as $name ) {
			$place .= '/' . $name;
			$this->folder( $place );
		}
		$place .= '/' . $last;
		clearstatcache( true, $place );
		if ( is_link( $place ) ) {
			throw new Custom_Migrator_Error( 'STAGING_LINK', 'staging: a link stands where a file should. Remove the staging folder, and begin anew.' );
		}
		if ( $offset > 0 && ( ! is_file( $place ) || filesize( $place ) < $offset ) ) {
			throw new Custom_Migrator_Error( 'STAGING_GAP', 'staging: a part that came before is not there. Remove the staging folder, and begin anew.' );
		}
		// phpcs:disable WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- parts at offsets; all answers are checked.
		$file  = @fopen( $place, 'cb' );
		$is_ok = $file && ftruncate( $file, $offset ) && 0 === fseek( $file, $offset ) && @fwrite( $file, $bytes ) === strlen( $bytes ) && fflush( $file );
		if ( $file ) {
			$is_ok = fclose( $file ) && $is_ok;
		}
		// phpcs:enable
		if ( ! $is_ok ) {
			throw new Custom_Migrator_Error( 'STAGING_WRITE', 'staging: a file could not be written. Look for free space and for the permissions of wp-content.' );
		}
	}

	/**
	 * Removes the folder and all in it; of links, the links.
	 *
	 * @throws Custom_Migrator_Error `STAGING_WRITE` if something stays.
	 */
	public function discard() {
		if ( ! $this->remove( $this->root ) ) {
			throw new Custom_Migrator_Error( 'STAGING_WRITE', 'staging: the folder could not be removed. Look for the permissions of wp-content.' );
		}
	}

	/**
	 * Makes a folder, unless it is there.
	 *
	 * @param string $place Its path; all above it are folders already.
	 * @throws Custom_Migrator_Error `STAGING_LINK`, `STAGING_WRITE`.
	 */
	private function folder( $place ) {
		if ( is_link( $place ) ) {
			throw new Custom_Migrator_Error( 'STAGING_LINK', 'staging: a link stands where a folder should. Remove the staging folder, and begin anew.' );
		}
		// phpcs:ignore WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- one level, no guesses; its answer is checked.
		if ( ! is_dir( $place ) && ! @mkdir( $place, 0755 ) && ! is_dir( $place ) ) {
			throw new Custom_Migrator_Error( 'STAGING_WRITE', 'staging: a folder could not be made. Look for the permissions of wp-content.' );
		}
	}

	/**
	 * Removes a file, a link, or a folder with all in it.
	 *
	 * @param string $place Its path.
	 * @return bool Whether it is gone.
	 */
	private function remove( $place ) {
		// phpcs:disable WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- no credentials of FTP; all answers are checked.
		if ( is_link( $place ) || ! is_dir( $place ) ) {
			return @unlink( $place ) || ( ! file_exists( $place ) && ! is_link( $place ) );
		}
		$names = @scandir( $place );
		$is_ok = is_array( $names );
		foreach ( array_diff( $is_ok ? $names : array(), array( '.', '..' ) ) as $name ) {
			$is_ok = $this->remove( $place . '/' . $name ) && $is_ok;
		}
		return @rmdir( $place ) && $is_ok;
		// phpcs:enable
	}
}
