<?php
/**
 * Takes archives: what comes is kept beside the site, until all is there.
 *
 * @package Custom_Migrator
 */

/**
 * One import at a time. Its state is saved with the rows that came, in one transaction; files are written again from where
 * the state stands. A frame and the ticket behind it count as one, so that whoever asks for the state gets the ticket that
 * belongs to the next frame.
 */
final class Custom_Migrator_Imports {
	/** Seconds without progress behind which another import may take the place. */
	const STALE_SECONDS = 3600;

	/** Seconds of work of a request, about: the next one goes on. */
	const SLICE_SECONDS = 20;

	/** Seconds between two saves while files come. */
	const SAVE_SECONDS = 2;

	/**
	 * Begins an import, or finds it.
	 *
	 * @param array<string, mixed> $request As it came.
	 * @return array<string, mixed> The state.
	 * @throws Custom_Migrator_Error `IMPORT_…`, `MIGRATOR_SCOPES`, `FILES_PERMISSION`.
	 */
	public static function begin( array $request ) {
		$job     = self::checked( $request );
		$folders = Custom_Migrator_Site_Folders::of_site();
		Custom_Migrator_Site_Folders::make( $folders->home() );
		$lock  = Custom_Migrator_Lock::need( $folders->home() );
		$store = Custom_Migrator_Site::store();
		$found = $store->load( $job['job'] );
		if ( null === $found ) {
			self::make_room( $job['job'] );
			// From here on it is in the database, and in every backup of it.
			$job['admin'] = Custom_Migrator_Clone_Setup::sealed( $job['admin'] );
			$store->save(
				$job['job'],
				array(
					'job'         => $job,
					'reader'      => null,
					'ticket'      => null,
					'ticket_next' => -1,
					'phase'       => 'receiving',
					'touched'     => time(),
					'plans'       => $folders->prepare( $job['job'], $job['scopes'], 'restore' === $job['mode'] ),
					'left_out'    => array(),
				)
			);
			// The first save of a job must not be in a transaction; the tables' own part of the state comes to be now, too.
			Custom_Migrator_Site::staged( $job );
		} elseif ( $found['job']['mode'] !== $job['mode'] || $found['job']['scopes'] !== $job['scopes'] || $found['job']['url'] !== $job['url'] ) {
			throw new Custom_Migrator_Error( 'IMPORT_BUSY', 'job: is known with another mode, URL or scopes. Roll it back, or take another id.' );
		}
		$lock->release();
		return self::state( $job['job'] );
	}

	/**
	 * Where an import stands.
	 *
	 * @param mixed $job Its id.
	 * @return array<string, mixed>
	 * @throws Custom_Migrator_Error `IMPORT_UNKNOWN`.
	 */
	public static function state( $job ) {
		$state   = self::load( $job );
		$journal = new Custom_Migrator_Journal( Custom_Migrator_Site_Folders::of_site()->job( $job ) );
		$reader  = $state['reader'] ? $state['reader'] : ( new Custom_Migrator_Archive_Reader( null ) )->state();
		$answer  = array(
			'job'      => $job,
			'phase'    => '' === $journal->phase() ? $state['phase'] : $journal->phase(),
			'next'     => $reader['next'],
			'ticket'   => $state['ticket_next'] === $reader['next'] ? $state['ticket'] : null,
			'ended'    => $reader['ended'],
			'totals'   => array_intersect_key( $reader, array_flip( array( 'tables', 'rows', 'files', 'bytes' ) ) ),
			'table'    => '' === $reader['file'] && ! $reader['ended'] ? $reader['table'] : null,
			'problems' => Custom_Migrator_Site::staged( $state['job'] )->problems(),
		);
		foreach ( $state['left_out'] as $reason => $count ) {
			$answer['problems'][] = array(
				'code'  => 'LEFT_OUT_' . strtoupper( $reason ),
				'count' => $count,
			);
		}
		if ( null !== $journal->get( 'until' ) ) {
			$answer['until'] = gmdate( 'Y-m-d\TH:i:s\Z', $journal->get( 'until' ) );
		}
		return $answer;
	}

	/**
	 * Applies frames.
	 *
	 * @param mixed    $job    Id of the import.
	 * @param resource $stream Frames; it can be sought.
	 * @return array<string, mixed> The state: a slow site may take a part of them, and `next` tells.
	 * @throws Custom_Migrator_Error `IMPORT_UNKNOWN`, `IMPORT_PLACE`, `IMPORT_…`, `ARCHIVE_…`, `STAGING_…`, `DATABASE`.
	 */
	public static function put( $job, $stream ) {
		self::load( $job );
		$lock  = Custom_Migrator_Lock::need( Custom_Migrator_Site_Folders::of_site()->home() );
		$state = self::load( $job );
		if ( 'receiving' !== $state['phase'] ) {
			throw new Custom_Migrator_Error( 'IMPORT_PLACE', 'import: has all frames already. Ask for its state, and finish it.' );
		}
		$frames = new Custom_Migrator_Frame_Sink( $state, Custom_Migrator_Site::store(), Custom_Migrator_Site::database() );
		$frames->take( $stream, microtime( true ) + self::SLICE_SECONDS, self::SAVE_SECONDS );
		$lock->release();
		return self::state( $job );
	}

	/**
	 * What is saved of an import.
	 *
	 * @param mixed $job Its id.
	 * @return array<string, mixed>
	 * @throws Custom_Migrator_Error `IMPORT_UNKNOWN`.
	 */
	public static function load( $job ) {
		$state = is_string( $job ) && preg_match( Custom_Migrator_Import_Store::JOB, $job ) ? Custom_Migrator_Site::store()->load( $job ) : null;
		if ( null === $state ) {
			throw new Custom_Migrator_Error( 'IMPORT_UNKNOWN', 'job: there is no import of this id. Begin one by POST import.' );
		}
		return $state;
	}

	/**
	 * The journal that matters most: one that goes on, or the last one whose window is open.
	 *
	 * @return array{job: string, phase: string, until: string|null}|null
	 */
	public static function journal() {
		$answer = null;
		foreach ( Custom_Migrator_Journal::all( Custom_Migrator_Site_Folders::of_site()->home() ) as $journal ) {
			if ( 'rolled-back' !== $journal->phase() && ( null === $answer || 'swapped' !== $journal->phase() ) ) {
				$until  = $journal->get( 'until' );
				$answer = array(
					'job'   => $journal->get( 'job' ),
					'phase' => $journal->phase(),
					'until' => null === $until ? null : gmdate( 'Y-m-d\TH:i:s\Z', $until ),
				);
			}
		}
		return $answer;
	}

	/**
	 * Forgets an import that wasn't finished: its tables, its files, its state.
	 *
	 * @param string $job Its id.
	 */
	public static function discard( $job ) {
		$state = Custom_Migrator_Site::store()->load( $job );
		if ( null !== $state ) {
			Custom_Migrator_Site::staged( $state['job'] )->discard();
			foreach ( $state['plans'] as $plan ) {
				Custom_Migrator_Site_Folders::remove( $plan['home'] );
			}
		}
		Custom_Migrator_Site_Folders::remove( Custom_Migrator_Site_Folders::of_site()->job( $job ) );
		Custom_Migrator_Site::store()->forget( $job );
	}

	/**
	 * Sees that no other import is going on.
	 *
	 * @param string $job Id of the new one.
	 * @throws Custom_Migrator_Error `IMPORT_BUSY`.
	 */
	private static function make_room( $job ) {
		$folders = Custom_Migrator_Site_Folders::of_site();
		foreach ( array_unique( array_merge( Custom_Migrator_Site::store()->jobs(), $folders->jobs() ) ) as $other ) {
			$journal = new Custom_Migrator_Journal( $folders->job( $other ) );
			if ( 'swapped' === $journal->phase() || 'rolled-back' === $journal->phase() ) {
				continue;
			}
			$state = Custom_Migrator_Site::store()->load( $other );
			if ( '' !== $journal->phase() || ( null !== $state && $other !== $job && $state['touched'] + self::STALE_SECONDS > time() ) ) {
				throw new Custom_Migrator_Error( 'IMPORT_BUSY', 'import: another one is going on. Wait for its end, roll it back, or come again an hour after its last progress.' );
			}
			self::discard( $other );
		}
	}

	/**
	 * The job of a request.
	 *
	 * @param array<string, mixed> $request As it came.
	 * @return array<string, mixed>
	 * @throws Custom_Migrator_Error `IMPORT_REQUEST`, `MIGRATOR_SCOPES`.
	 */
	private static function checked( array $request ) {
		$request += array_fill_keys( array( 'job', 'mode', 'scopes', 'url', 'anonymize', 'admin', 'force_old' ), null );
		if ( ! is_string( $request['job'] ) || ! preg_match( Custom_Migrator_Import_Store::JOB, $request['job'] ) ) {
			throw new Custom_Migrator_Error( 'IMPORT_REQUEST', 'job: is no id of letters, digits, - and _, up to 64. Give one.' );
		}
		if ( ! in_array( $request['mode'], array( 'clone', 'restore' ), true ) ) {
			throw new Custom_Migrator_Error( 'IMPORT_REQUEST', 'mode: is neither clone nor restore. Give one.' );
		}
		if ( ! is_string( $request['url'] ) || ! preg_match( '~^https?://[^\s?#]+$~Di', $request['url'] ) ) {
			throw new Custom_Migrator_Error( 'IMPORT_REQUEST', 'url: is no http or https URL. Give the one under which this site will be seen.' );
		}
		$admin = $request['admin'];
		if ( null !== $admin ) {
			foreach ( array( 'username', 'password', 'email' ) as $key ) {
				if ( ! is_array( $admin ) || ! isset( $admin[ $key ] ) || ! is_string( $admin[ $key ] ) || '' === $admin[ $key ] ) {
					throw new Custom_Migrator_Error( 'IMPORT_REQUEST', "admin.$key: is missing. Give username, password and email, or no admin." );
				}
			}
			$admin = array_intersect_key( $admin, array_flip( array( 'username', 'password', 'email' ) ) );
		}
		return array(
			'job'        => $request['job'],
			'mode'       => $request['mode'],
			'scopes'     => Custom_Migrator_Scopes::checked( $request['scopes'] ),
			'url'        => rtrim( $request['url'], '/' ),
			'anonymize'  => true === $request['anonymize'],
			'admin'      => $admin,
			'force_old'  => true === $request['force_old'],
			'site'       => null,
			'own'        => self::own( rtrim( $request['url'], '/' ) ),
			'db_version' => (int) $GLOBALS['wp_db_version'],
		);
	}

	/**
	 * This site's own URLs, as they will be under the one that it is seen by.
	 *
	 * @param string $url Without a slash at its end.
	 * @return array{home: string, siteurl: string, uploads_url: string}
	 */
	private static function own( $url ) {
		$home    = rtrim( (string) get_option( 'home' ), '/' );
		$uploads = wp_get_upload_dir();
		$own     = array( 'home' => $url );
		foreach ( array(
			'siteurl'     => (string) get_option( 'siteurl' ),
			'uploads_url' => $uploads['baseurl'],
		) as $key => $value ) {
			$own[ $key ] = $value === $home || 0 === strpos( $value, $home . '/' ) ? $url . substr( $value, strlen( $home ) ) : $value;
		}
		return $own;
	}
}
