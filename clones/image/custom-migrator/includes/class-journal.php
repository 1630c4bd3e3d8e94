<?php
/**
 * What an import is doing to the site, on disk before it is done: so that a request after a kill can go on.
 *
 * @package Custom_Migrator
 */

/**
 * `wp-content/custom-migrator/<job>/journal.json`, there from the moment when the site begins to change until nothing is saved
 * any more. Phases: `swapping` (goes forward until all is in its place), `swapped` (until its window ends), `rolling-back`,
 * `rolled-back` (only leftovers are there). It has paths and scopes, and no secrets.
 */
final class Custom_Migrator_Journal {
	/** Name of the file. */
	const FILE = 'journal.json';

	/**
	 * Absolute path of the file.
	 *
	 * @var string
	 */
	private $path;

	/**
	 * What it says; null before it was written.
	 *
	 * @var array<string, mixed>|null
	 */
	private $data = null;

	/**
	 * Reads it, if it is there.
	 *
	 * @param string $home Folder of the import.
	 */
	public function __construct( $home ) {
		$this->path = $home . '/' . self::FILE;
		$text       = is_file( $this->path ) ? file_get_contents( $this->path ) : false; // phpcs:ignore WordPress.WP.AlternativeFunctions -- a local file.
		$data       = is_string( $text ) ? json_decode( $text, true ) : null;
		$this->data = is_array( $data ) && isset( $data['phase'], $data['job'] ) ? $data : null;
	}

	/**
	 * All journals below a folder.
	 *
	 * @param string $home Folder of all imports.
	 * @return self[]
	 */
	public static function all( $home ) {
		$found    = glob( $home . '/*/' . self::FILE );
		$journals = array();
		foreach ( $found ? $found : array() as $path ) {
			$journals[] = new self( dirname( $path ) );
		}
		return array_values(
			array_filter(
				$journals,
				static function ( $journal ) {
					return '' !== $journal->phase();
				}
			)
		);
	}

	/**
	 * The phase, or empty without a journal.
	 *
	 * @return string
	 */
	public function phase() {
		return null === $this->data ? '' : (string) $this->data['phase'];
	}

	/**
	 * A value of it.
	 *
	 * @param string $key Of the data.
	 * @return mixed Null if it isn't there.
	 */
	public function get( $key ) {
		return null !== $this->data && isset( $this->data[ $key ] ) ? $this->data[ $key ] : null;
	}

	/**
	 * The folder of its import.
	 *
	 * @return string
	 */
	public function home() {
		return dirname( $this->path );
	}

	/**
	 * Writes what is to happen: all of it, or nothing.
	 *
	 * @param array<string, mixed> $changes Over what it says.
	 * @throws Custom_Migrator_Error `JOURNAL_WRITE`.
	 */
	public function write( array $changes ) {
		$data = $changes + ( null === $this->data ? array() : $this->data );
		$text = json_encode( $data, JSON_UNESCAPED_SLASHES ); // phpcs:ignore WordPress.WP.AlternativeFunctions.json_encode_json_encode -- must fail, not repair.
		$next = $this->path . '.new';
		// phpcs:disable WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- all answers are checked.
		$file  = is_string( $text ) ? @fopen( $next, 'wb' ) : false;
		$is_ok = $file && fwrite( $file, $text ) === strlen( $text ) && fflush( $file );
		if ( $is_ok && function_exists( 'fsync' ) ) {
			// PHP 8.1; some file systems can't, which is no reason to stop.
			@fsync( $file );
		}
		if ( $file ) {
			$is_ok = fclose( $file ) && $is_ok;
		}
		if ( ! $is_ok || ! @rename( $next, $this->path ) ) {
			throw new Custom_Migrator_Error( 'JOURNAL_WRITE', 'journal: could not be written, so nothing is changed. Look for free space, for the permissions of wp-content, and for names that are no UTF-8.' );
		}
		// phpcs:enable
		$this->data = $data;
	}

	/**
	 * Forgets it: nothing is to be done any more.
	 *
	 * @throws Custom_Migrator_Error `JOURNAL_WRITE`.
	 */
	public function remove() {
		if ( is_file( $this->path ) && ! unlink( $this->path ) ) { // phpcs:ignore WordPress.WP.AlternativeFunctions -- its answer is checked.
			throw new Custom_Migrator_Error( 'JOURNAL_WRITE', 'journal: could not be removed. Look for the permissions of wp-content.' );
		}
		$this->data = null;
	}
}
