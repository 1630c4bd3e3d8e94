<?php
/**
 * One at a time: whoever changes the site holds the lock, and the operating system lets go of it when a process is killed.
 *
 * @package Custom_Migrator
 */

/** A lock on a file. */
final class Custom_Migrator_Lock {
	/** Seconds to wait for whoever has it: a request that lost its client goes on for a moment. */
	const WAIT_SECONDS = 5;

	/** Microseconds between two tries. */
	const PAUSE = 50000;

	/**
	 * The file, while it is locked.
	 *
	 * @var resource
	 */
	private $file;

	/**
	 * Holds a locked file.
	 *
	 * @param resource $file Locked.
	 */
	private function __construct( $file ) {
		$this->file = $file;
	}

	/**
	 * Takes the lock.
	 *
	 * @param string    $home    Folder that is there.
	 * @param int|float $seconds To wait, at most.
	 * @return self|null Null if somebody else has it.
	 */
	public static function take( $home, $seconds = self::WAIT_SECONDS ) {
		$file = @fopen( $home . '/lock', 'cb' ); // phpcs:ignore WordPress.PHP.NoSilencedErrors, WordPress.WP.AlternativeFunctions -- its answer is checked.
		if ( ! $file ) {
			return null;
		}
		$until = microtime( true ) + $seconds;
		while ( ! flock( $file, LOCK_EX | LOCK_NB ) ) {
			if ( microtime( true ) >= $until ) {
				fclose( $file ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a lock.
				return null;
			}
			usleep( self::PAUSE );
		}
		return new self( $file );
	}

	/**
	 * Takes the lock, or refuses.
	 *
	 * @param string $home Folder that is there.
	 * @return self
	 * @throws Custom_Migrator_Error `IMPORT_LOCKED`.
	 */
	public static function need( $home ) {
		$lock = self::take( $home );
		if ( null === $lock ) {
			throw new Custom_Migrator_Error( 'IMPORT_LOCKED', 'import: another request works on it. Ask for its state in a moment, and go on from there.' );
		}
		return $lock;
	}

	/** Lets go; so does the end of the process. */
	public function release() {
		if ( is_resource( $this->file ) ) {
			flock( $this->file, LOCK_UN );
			fclose( $this->file ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a lock.
		}
	}

	/** Lets go. */
	public function __destruct() {
		$this->release();
	}
}
