<?php
/**
 * Ends imports: prepares, swaps, goes back, cleans up.
 *
 * @package Custom_Migrator
 */

/** Slices of bounded time: whoever calls goes on until the phase is `swapped`. */
final class Custom_Migrator_Finish {
	/** Seconds of preparing in a request, about. */
	const SLICE_SECONDS = 15;

	/** Seconds in which an import can be taken back. */
	const WINDOW_SECONDS = 86400;

	/** Seconds of cleaning up behind somebody's page, at most. */
	const CLEAN_SECONDS = 3;

	/** Seconds of cleaning up in a request of the plugin's own. */
	const OWN_CLEAN_SECONDS = 15;

	/**
	 * One slice towards `swapped`.
	 *
	 * @param mixed $job Id of the import.
	 * @return array<string, mixed> The state.
	 * @throws Custom_Migrator_Error `IMPORT_INCOMPLETE`, and whatever hinders it; then the site is as it was.
	 */
	public static function slice( $job ) {
		$state = Custom_Migrator_Imports::load( $job );
		ignore_user_abort( true );
		$folders = Custom_Migrator_Site_Folders::of_site();
		$lock    = Custom_Migrator_Lock::need( $folders->home() );
		$journal = new Custom_Migrator_Journal( $folders->job( $job ) );
		if ( '' !== $journal->phase() ) {
			self::resume( $journal );
			if ( 'swapping' === $journal->phase() ) {
				self::after( $journal );
			}
		} elseif ( 'receiving' === $state['phase'] ) {
			throw new Custom_Migrator_Error( 'IMPORT_INCOMPLETE', 'import: its archive has not ended yet. Send the rest first.' );
		} elseif ( 'received' === $state['phase'] ) {
			self::prepare( $state );
		} else {
			self::swap( $state, $journal );
		}
		$lock->release();
		return Custom_Migrator_Imports::state( $job );
	}

	/**
	 * Takes an import back, or discards it.
	 *
	 * @param mixed $job Its id; an unknown one is as good as taken back.
	 * @return array{job: mixed, phase: string}
	 * @throws Custom_Migrator_Error `ROLLBACK_GONE`, and whatever hinders it; then the next request tries again.
	 */
	public static function rollback( $job ) {
		$answer  = array(
			'job'   => $job,
			'phase' => 'rolled-back',
		);
		$folders = Custom_Migrator_Site_Folders::of_site();
		if ( ! is_string( $job ) || ! preg_match( Custom_Migrator_Import_Store::JOB, $job ) || ! is_dir( $folders->home() ) ) {
			return $answer;
		}
		ignore_user_abort( true );
		$lock    = Custom_Migrator_Lock::need( $folders->home() );
		$journal = new Custom_Migrator_Journal( $folders->job( $job ) );
		if ( '' === $journal->phase() ) {
			Custom_Migrator_Imports::discard( $job );
			return $answer;
		}
		if ( 'swapped' === $journal->phase() ) {
			if ( $journal->get( 'until' ) < time() ) {
				throw new Custom_Migrator_Error( 'ROLLBACK_GONE', 'job: its window for going back is over, or a later import took its place. Restore a backup instead.' );
			}
			self::write_loader( $journal );
		}
		if ( 'swapped' === $journal->phase() || 'swapping' === $journal->phase() ) {
			$journal->write( array( 'keys' => (string) get_option( Custom_Migrator_Keys::OPTION, '[]' ) ) );
		}
		self::back( $journal );
		Custom_Migrator_Swap::of( $journal )->clean( microtime( true ) + self::OWN_CLEAN_SECONDS );
		$lock->release();
		return $answer;
	}

	/**
	 * Removes all that imports have left, finished or not. What was being done is ended first.
	 *
	 * @throws Custom_Migrator_Error If something stays.
	 */
	public static function reset() {
		$folders = Custom_Migrator_Site_Folders::of_site();
		Custom_Migrator_Site_Folders::make( $folders->home() );
		$lock  = Custom_Migrator_Lock::need( $folders->home() );
		$until = microtime( true ) + self::OWN_CLEAN_SECONDS;
		foreach ( Custom_Migrator_Journal::all( $folders->home() ) as $journal ) {
			self::resume( $journal );
			if ( 'swapping' === $journal->phase() ) {
				self::after( $journal );
			}
			self::remove_loader( $journal );
			if ( '' !== $journal->phase() && ! Custom_Migrator_Swap::of( $journal )->clean( $until ) ) {
				throw new Custom_Migrator_Error( 'RESET_UNFINISHED', 'reset: there is more to remove than fits into one request. Ask again.' );
			}
		}
		foreach ( array_unique( array_merge( Custom_Migrator_Site::store()->jobs(), $folders->jobs() ) ) as $job ) {
			Custom_Migrator_Imports::discard( $job );
		}
		Custom_Migrator_Staged_Tables::remove_all( Custom_Migrator_Site::database(), Custom_Migrator_Site::prefix() );
		Custom_Migrator_Leftovers::forget_options();
		foreach ( $folders->roots( Custom_Migrator_Scopes::ALL ) as $folder => $root ) {
			if ( 'plugins' !== $folder ) {
				Custom_Migrator_Site_Folders::remove( $root . '/' . Custom_Migrator_Scopes::OWN );
			}
		}
		$lock->release();
		Custom_Migrator_Site_Folders::remove( $folders->home() );
	}

	/**
	 * Ends what a killed request has begun. The caller has the lock.
	 *
	 * @param Custom_Migrator_Journal $journal Of any import.
	 */
	public static function resume( Custom_Migrator_Journal $journal ) {
		if ( 'swapping' === $journal->phase() && 'after' !== $journal->get( 'step' ) ) {
			Custom_Migrator_Swap::of( $journal )->forward();
			Custom_Migrator_Site::refresh();
		} elseif ( 'rolling-back' === $journal->phase() ) {
			self::back( $journal );
		}
	}

	/**
	 * What is left to do with WordPress running on the new tables. May be cut and run again.
	 *
	 * @param Custom_Migrator_Journal $journal In phase `swapping`, step `after`.
	 */
	public static function after( Custom_Migrator_Journal $journal ) {
		Custom_Migrator_Site::close();
		Custom_Migrator_Site::refresh();
		self::stay_active();
		delete_option( 'rewrite_rules' );
		if ( (int) get_option( 'db_version' ) !== (int) $GLOBALS['wp_db_version'] ) {
			require_once ABSPATH . 'wp-admin/includes/upgrade.php';
			wp_upgrade();
		}
		Custom_Migrator_Site::refresh();
		$journal->write(
			array(
				'phase' => 'swapped',
				'until' => time() + self::WINDOW_SECONDS,
			)
		);
		self::remove_loader( $journal );
	}

	/**
	 * Removes what is kept for imports whose window is over, and leftovers. The caller has the lock.
	 *
	 * @param Custom_Migrator_Journal $journal Of any import.
	 */
	public static function clean( Custom_Migrator_Journal $journal ) {
		if ( self::is_over( $journal ) ) {
			Custom_Migrator_Swap::of( $journal )->clean( microtime( true ) + self::CLEAN_SECONDS );
		}
	}

	/**
	 * Whether there are only leftovers of an import.
	 *
	 * @param Custom_Migrator_Journal $journal Of any import.
	 * @return bool
	 */
	public static function is_over( Custom_Migrator_Journal $journal ) {
		return 'rolled-back' === $journal->phase() || ( 'swapped' === $journal->phase() && $journal->get( 'until' ) < time() );
	}

	/**
	 * Puts all back but the keys: whoever asked for it came by one that the options of before may not have, and asks again.
	 *
	 * @param Custom_Migrator_Journal $journal Of any import.
	 */
	private static function back( Custom_Migrator_Journal $journal ) {
		Custom_Migrator_Swap::of( $journal )->back();
		self::remove_loader( $journal );
		Custom_Migrator_Site::close();
		Custom_Migrator_Site::refresh();
		Custom_Migrator_Keys::keep( (string) $journal->get( 'keys' ) );
	}

	/**
	 * Prepares the new tables and folders.
	 *
	 * @param array<string, mixed> $state Of the import.
	 */
	private static function prepare( array $state ) {
		$until  = microtime( true ) + self::SLICE_SECONDS;
		$tables = Custom_Migrator_Site::staged( $state['job'] );
		$files  = new Custom_Migrator_Keepsakes( $state['plans'], isset( $state['kept'] ) ? $state['kept'] : '' );
		$done   = false;
		while ( ! $done && microtime( true ) < $until ) {
			$done = $tables->prepare();
		}
		if ( $done && 'restore' === $state['job']['mode'] ) {
			$done          = $files->keep( $until );
			$state['kept'] = $files->place();
		}
		if ( $done ) {
			$state['phase'] = 'prepared';
			// Nobody needs it any more.
			$state['job']['admin'] = null;
		}
		$state['touched'] = time();
		Custom_Migrator_Site::store()->save( $state['job']['job'], $state );
	}

	/**
	 * Swaps. What was saved of an import before is given up for it: there is one way back at a time.
	 *
	 * @param array<string, mixed>    $state   Of the import.
	 * @param Custom_Migrator_Journal $journal Not there yet.
	 * @throws Custom_Migrator_Error `FILES_CHANGED`, `JOURNAL_WRITE`.
	 * @throws Throwable What ended the swap.
	 */
	private static function swap( array $state, Custom_Migrator_Journal $journal ) {
		foreach ( Custom_Migrator_Journal::all( dirname( $journal->home() ) ) as $other ) {
			if ( ! Custom_Migrator_Swap::of( $other )->clean( microtime( true ) + self::SLICE_SECONDS ) ) {
				return;
			}
		}
		// Folders may have become mounts since the import began.
		$plans = Custom_Migrator_Site_Folders::of_site()->prepare( $state['job']['job'], $state['job']['scopes'], 'restore' === $state['job']['mode'] );
		if ( $plans !== $state['plans'] ) {
			throw new Custom_Migrator_Error( 'FILES_CHANGED', 'wp-content: its folders were moved or mounted since the import began. Roll it back, and begin anew.' );
		}
		$journal->write(
			array(
				'job'    => $state['job']['job'],
				'phase'  => 'swapping',
				'step'   => 'tables',
				'until'  => null,
				'tables' => array( 'admin' => null ) + $state['job'],
				'groups' => Custom_Migrator_Folder_Swap::groups( $plans ),
				'homes'  => array_values( array_unique( array_column( $plans, 'home' ) ) ),
				'loader' => null,
			)
		);
		self::write_loader( $journal );
		try {
			Custom_Migrator_Swap::of( $journal )->forward();
		} catch ( Throwable $error ) {
			self::remove_loader( $journal );
			throw $error;
		}
		Custom_Migrator_Site::refresh();
	}

	/**
	 * Makes WordPress load this plugin before all others while plugins are swapped: half of one may end every request.
	 *
	 * @param Custom_Migrator_Journal $journal Is told where the loader is, before it is made.
	 */
	private static function write_loader( Custom_Migrator_Journal $journal ) {
		if ( 0 === strpos( wp_normalize_path( CUSTOM_MIGRATOR_FILE ), wp_normalize_path( WPMU_PLUGIN_DIR ) . '/' ) || ( ! is_dir( WPMU_PLUGIN_DIR ) && ! wp_mkdir_p( WPMU_PLUGIN_DIR ) ) ) {
			return;
		}
		$loader = WPMU_PLUGIN_DIR . '/0-custom-migrator-swap.php';
		$path   = var_export( CUSTOM_MIGRATOR_FILE, true ); // phpcs:ignore WordPress.PHP.DevelopmentFunctions -- a literal of PHP.
		$journal->write( array( 'loader' => $loader ) );
		@file_put_contents( $loader, "<?php\n// Made by Custom Migrator while it swaps folders; it removes this itself.\nif ( is_file( $path ) ) {\n\trequire_once $path;\n}\n" ); // phpcs:ignore WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- without it, only a kill in these moments needs a look by hand.
	}

	/**
	 * Removes the loader.
	 *
	 * @param Custom_Migrator_Journal $journal Knows where it is.
	 */
	private static function remove_loader( Custom_Migrator_Journal $journal ) {
		$loader = WPMU_PLUGIN_DIR . '/0-custom-migrator-swap.php';
		if ( $loader === $journal->get( 'loader' ) && is_file( $loader ) ) {
			@unlink( $loader ); // phpcs:ignore WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- does nothing but load the plugin.
		}
	}

	/** Sees that this plugin stays active, if it is an ordinary one: the copied list may not have it. */
	private static function stay_active() {
		$name   = plugin_basename( CUSTOM_MIGRATOR_FILE );
		$active = (array) get_option( 'active_plugins', array() );
		if ( is_file( WP_PLUGIN_DIR . '/' . $name ) && 0 === strpos( wp_normalize_path( CUSTOM_MIGRATOR_FILE ), wp_normalize_path( WP_PLUGIN_DIR ) . '/' ) && ! in_array( $name, $active, true ) ) {
			$active[] = $name;
			sort( $active );
			update_option( 'active_plugins', $active );
		}
	}
}
