<?php
/**
 * Applies the frames of a request to an import.
 *
 * @package Custom_Migrator
 */

/** Holds one frame at a time. What it refuses changes neither the site nor what came before. */
final class Custom_Migrator_Frame_Sink {
	/** Files that are written into the clone's book at once. */
	const BOOK_ROWS = 200;

	/**
	 * What is saved of the import.
	 *
	 * @var array<string, mixed>
	 */
	private $state;

	/**
	 * Where it is saved.
	 *
	 * @var Custom_Migrator_Import_Store
	 */
	private $store;

	/**
	 * The database.
	 *
	 * @var Custom_Migrator_Database
	 */
	private $database;

	/**
	 * The import's tables; made anew when the manifest came.
	 *
	 * @var Custom_Migrator_Staged_Tables
	 */
	private $tables;

	/**
	 * Staging of files, by folder.
	 *
	 * @var array<string, Custom_Migrator_File_Staging>
	 */
	private $staging = array();

	/**
	 * Files that are whole, and not in the clone's book yet, by folder: key and hashes.
	 *
	 * @var array<string, array<int, array{0: string, 1: string, 2: string}>>
	 */
	private $whole = array();

	/**
	 * Where the state was saved last, of microtime().
	 *
	 * @var float
	 */
	private $saved = 0.0;

	/**
	 * Goes on with an import.
	 *
	 * @param array<string, mixed>         $state    As loaded.
	 * @param Custom_Migrator_Import_Store $store    Where it is saved.
	 * @param Custom_Migrator_Database     $database The same that the store has.
	 */
	public function __construct( array $state, $store, Custom_Migrator_Database $database ) {
		$this->state    = $state;
		$this->store    = $store;
		$this->database = $database;
		$this->tables   = Custom_Migrator_Site::staged( $state['job'] );
	}

	/**
	 * Applies frames until the stream ends, or time is up; one at least.
	 *
	 * @param resource  $stream Frames, from the next one on; it can be sought.
	 * @param float     $until  Of microtime().
	 * @param int|float $pause  Seconds between two saves of files.
	 * @throws Custom_Migrator_Error `IMPORT_PLACE`, `IMPORT_SCOPE`, `IMPORT_WORDPRESS`, `ARCHIVE_…`, `STAGING_…`, `DATABASE`.
	 */
	public function take( $stream, $until, $pause ) {
		$this->see_place( $stream );
		$reader = new Custom_Migrator_Archive_Reader( $stream, array(), $this->state['reader'] );
		do {
			$frame = $reader->next();
			if ( null === $frame ) {
				break;
			}
			if ( Custom_Migrator_Archive_Format::TICKET === $frame['type'] ) {
				$this->keep_ticket( $frame['ticket'], $reader->state()['next'] );
			} else {
				$this->state['reader'] = $reader->state();
				if ( Custom_Migrator_Archive_Format::TICKET === self::peek( $stream ) ) {
					$this->keep_ticket( $reader->next()['ticket'], $this->state['reader']['next'] );
				}
				$this->apply( $frame, $pause );
			}
		} while ( '' !== self::peek( $stream ) && microtime( true ) < $until );
		$this->save();
	}

	/**
	 * Sees that the stream begins with the next frame.
	 *
	 * @param resource $stream At its beginning.
	 * @throws Custom_Migrator_Error `IMPORT_PLACE`.
	 */
	private function see_place( $stream ) {
		// phpcs:disable WordPress.WP.AlternativeFunctions -- a stream.
		$magic = strlen( Custom_Migrator_Archive_Format::MAGIC );
		$start = (string) fread( $stream, $magic );
		$begun = Custom_Migrator_Archive_Format::MAGIC !== $start;
		if ( $begun ) {
			fseek( $stream, 0 );
		}
		$preamble = (string) fread( $stream, Custom_Migrator_Archive_Format::PREAMBLE );
		// phpcs:enable
		fseek( $stream, 0 );
		$next   = null === $this->state['reader'] ? 0 : $this->state['reader']['next'];
		$number = Custom_Migrator_Archive_Format::PREAMBLE === strlen( $preamble ) ? unpack( 'N', $preamble, 1 )[1] : $next;
		// What is no frame at all is the reader's to refuse.
		if ( $number !== $next && ( ! $begun || false !== strpos( Custom_Migrator_Archive_Format::TYPES . Custom_Migrator_Archive_Format::TICKET, $preamble[0] ) ) ) {
			throw new Custom_Migrator_Error( 'IMPORT_PLACE', "frame $number: the next one is $next. Ask for the state, and go on from there." );
		}
	}

	/**
	 * Applies one frame, and saves where the import stands.
	 *
	 * @param array<string, mixed> $frame Of the reader.
	 * @param int|float            $pause Seconds between two saves of files.
	 * @throws Custom_Migrator_Error `ARCHIVE_…`, `IMPORT_…`, or what the parts say.
	 */
	private function apply( array $frame, $pause ) {
		$head                   = $frame['head'];
		$this->state['touched'] = time();
		switch ( $frame['type'] ) {
			case Custom_Migrator_Archive_Format::MANIFEST:
				$this->manifest( $head );
				break;
			case Custom_Migrator_Archive_Format::TABLE:
				if ( ! Custom_Migrator_Scopes::has_table( $head['table'], $this->state['job']['scopes'] ) ) {
					throw self::not_asked_for( 'table ' . $head['table'] );
				}
				$this->tables->create( $head );
				$this->save();
				break;
			case Custom_Migrator_Archive_Format::ROWS:
				$this->database->transaction(
					function () use ( $head, $frame ) {
						$this->tables->insert( $head['table'], $frame['rows'] );
						$this->save();
					}
				);
				break;
			case Custom_Migrator_Archive_Format::FILE:
				$this->file( $head, $frame['bytes'] );
				if ( microtime( true ) - $this->saved > $pause ) {
					$this->save();
				}
				break;
			default:
				$this->state['phase']    = 'received';
				$this->state['left_out'] = isset( $head['left_out'] ) ? $head['left_out'] : array();
				$this->save();
		}
	}

	/**
	 * The manifest: whether this site can be what the other one is.
	 *
	 * @param array<string, mixed> $head Of the frame.
	 * @throws Custom_Migrator_Error `IMPORT_WORDPRESS`, `ARCHIVE_HEAD`.
	 */
	private function manifest( array $head ) {
		$site = $head['site'];
		foreach ( array( 'home', 'siteurl', 'uploads_url', 'prefix', 'wordpress', 'charset', 'theme', 'php' ) as $key ) {
			if ( ! isset( $site[ $key ] ) || ! is_string( $site[ $key ] ) ) {
				throw new Custom_Migrator_Error( 'ARCHIVE_HEAD', "frame 0: its manifest has no $key. Export the site anew with this plugin." );
			}
		}
		if ( ! isset( $site['db_version'] ) || ! is_int( $site['db_version'] ) ) {
			throw new Custom_Migrator_Error( 'ARCHIVE_HEAD', 'frame 0: its manifest has no db_version. Export the site anew with this plugin.' );
		}
		if ( $site['db_version'] > $this->state['job']['db_version'] && ! $this->state['job']['force_old'] ) {
			throw new Custom_Migrator_Error( 'IMPORT_WORDPRESS', 'manifest: the other site has a newer WordPress than this one. Update this one, or force it by force_old.' );
		}
		$this->state['job']['site'] = $site;
		$this->tables               = Custom_Migrator_Site::staged( $this->state['job'] );
		$this->save();
	}

	/**
	 * A part of a file.
	 *
	 * @param array<string, mixed> $head  Of the frame.
	 * @param string               $bytes Its body.
	 * @throws Custom_Migrator_Error `IMPORT_SCOPE`, or what the staging says.
	 */
	private function file( array $head, $bytes ) {
		$folder = $head['scope'];
		if ( ! isset( $this->state['plans'][ $folder ] ) || ! Custom_Migrator_Scopes::has_file( $folder, $head['path'], $this->state['job']['scopes'] ) ) {
			throw self::not_asked_for( "a file of $folder" );
		}
		if ( ! isset( $this->staging[ $folder ] ) ) {
			$this->staging[ $folder ] = new Custom_Migrator_File_Staging( $this->state['plans'][ $folder ]['home'] . '/staged' );
		}
		$this->staging[ $folder ]->write( $folder, $head['path'], $head['offset'], $bytes );
		if ( 'clone' === $this->state['job']['mode'] && $head['offset'] + strlen( $bytes ) === $head['size'] ) {
			$hash = Custom_Migrator_Fingerprint_Stream::hash_of( $this->state['plans'][ $folder ]['home'] . "/staged/$folder/{$head['path']}" );

			$this->whole[ $folder ][] = array( Custom_Migrator_Fingerprint_Stream::key_of( $head['path'] ), (string) $hash, (string) $hash );
		}
	}

	/**
	 * Keeps a ticket for whoever resumes.
	 *
	 * @param string $ticket As it came.
	 * @param int    $next   Number of the frame that it leads to.
	 */
	private function keep_ticket( $ticket, $next ) {
		$this->state['ticket']      = $ticket;
		$this->state['ticket_next'] = $next;
	}

	/** Saves where the import stands, and in the clone's book what came before it. */
	private function save() {
		$this->database->transaction(
			function () {
				$book = new Custom_Migrator_Clone_Base( $this->database, Custom_Migrator_Site::prefix() );
				foreach ( $this->whole as $folder => $files ) {
					foreach ( array_chunk( $files, self::BOOK_ROWS ) as $some ) {
						$book->add( $folder, $some );
					}
				}
				$this->store->save( $this->state['job']['job'], $this->state );
			}
		);
		$this->whole = array();
		$this->saved = microtime( true );
	}

	/**
	 * The next byte, which stays where it is.
	 *
	 * @param resource $stream It can be sought.
	 * @return string Empty at the end.
	 */
	private static function peek( $stream ) {
		$byte = (string) fread( $stream, 1 ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
		if ( '' !== $byte ) {
			fseek( $stream, -1, SEEK_CUR );
		}
		return $byte;
	}

	/**
	 * The refusal of what nobody asked for.
	 *
	 * @param string $what Short.
	 * @return Custom_Migrator_Error
	 */
	private static function not_asked_for( $what ) {
		return new Custom_Migrator_Error( 'IMPORT_SCOPE', "$what: is in none of this import's scopes. Export the same scopes that the import has." );
	}
}
