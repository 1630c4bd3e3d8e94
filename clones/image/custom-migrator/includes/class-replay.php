<?php
/**
 * Ends at the next request what a killed one has begun, before anything else of WordPress sees it.
 *
 * @package Custom_Migrator
 */

/** Runs while plugins are loaded. A site without a journal pays for one look into a folder that isn't there. */
final class Custom_Migrator_Replay {
	/** Seconds after which a visitor may come again while folders are swapped. */
	const RETRY_SECONDS = 5;

	/** Goes through all journals. */
	public static function run() {
		$home = self::home();
		if ( ! is_dir( $home ) || is_multisite() ) {
			return;
		}
		Custom_Migrator_Classes::all();
		foreach ( Custom_Migrator_Journal::all( $home ) as $journal ) {
			if ( in_array( $journal->phase(), array( 'swapping', 'rolling-back' ), true ) ) {
				self::go_on( $home, $journal );
			} elseif ( Custom_Migrator_Finish::is_over( $journal ) ) {
				add_action( 'shutdown', array( __CLASS__, 'clean' ), 100 );
			}
		}
	}

	/** Cleans up behind a page, for a short time; the next page goes on. */
	public static function clean() {
		$home = self::home();
		if ( function_exists( 'fastcgi_finish_request' ) ) {
			fastcgi_finish_request();
		}
		$lock = Custom_Migrator_Lock::take( $home, 0 );
		if ( null === $lock ) {
			return;
		}
		try {
			array_map( array( 'Custom_Migrator_Finish', 'clean' ), Custom_Migrator_Journal::all( $home ) );
			Custom_Migrator_Site::close();
		} catch ( Throwable $error ) {
			// Tried again behind the next page; status shows the journal meanwhile.
			unset( $error );
		}
		$lock->release();
	}

	/** Ends an import whose client has gone, once WordPress is there. */
	public static function after() {
		$home = self::home();
		$lock = Custom_Migrator_Lock::take( $home, 0 );
		if ( null === $lock ) {
			return;
		}
		foreach ( Custom_Migrator_Journal::all( $home ) as $journal ) {
			if ( 'swapping' === $journal->phase() && 'after' === $journal->get( 'step' ) ) {
				Custom_Migrator_Finish::after( $journal );
			}
		}
		$lock->release();
	}

	/**
	 * Folder of all imports.
	 *
	 * @return string
	 */
	private static function home() {
		return WP_CONTENT_DIR . '/' . Custom_Migrator_Scopes::OWN;
	}

	/**
	 * Goes on with a journal, unless somebody else does.
	 *
	 * @param string                  $home    Folder of all imports.
	 * @param Custom_Migrator_Journal $journal In `swapping` or `rolling-back`.
	 */
	private static function go_on( $home, Custom_Migrator_Journal $journal ) {
		if ( 'after' === $journal->get( 'step' ) && 'swapping' === $journal->phase() ) {
			if ( ! Custom_Migrator_Rest::is_ours() ) {
				add_action( 'wp_loaded', array( __CLASS__, 'after' ), 0 );
			}
			return;
		}
		$lock = Custom_Migrator_Lock::take( $home, Custom_Migrator_Rest::is_ours() ? Custom_Migrator_Lock::WAIT_SECONDS : 1 );
		if ( null === $lock && Custom_Migrator_Rest::is_ours() ) {
			// The route says so, in JSON.
			return;
		}
		if ( null === $lock ) {
			// Somebody swaps right now: neither the old site nor the new one is there as a whole.
			header( 'Retry-After: ' . self::RETRY_SECONDS );
			wp_die( 'This site is being changed. It is back in a moment.', '', array( 'response' => 503 ) );
		}
		try {
			Custom_Migrator_Finish::resume( new Custom_Migrator_Journal( $journal->home() ) );
			Custom_Migrator_Site::close();
		} catch ( Throwable $error ) {
			$lock->release();
			if ( Custom_Migrator_Rest::is_ours() ) {
				// The route tries again, and says what hinders it.
				return;
			}
			header( 'Retry-After: 60' );
			// The client of the import learns the reason; visitors needn't.
			unset( $error );
			wp_die( 'This site is being changed. It is back in a moment.', '', array( 'response' => 503 ) );
		}
		$lock->release();
		wp_cache_flush();
	}
}
