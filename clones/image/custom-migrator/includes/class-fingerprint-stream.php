<?php
/**
 * Lists what a site has, as hashes, slice by slice.
 *
 * @package Custom_Migrator
 */

/**
 * One line of JSON for each row and file: `[table or folder, key or path, hash]`; then a ticket, or the end. `site` is what
 * there is now; on a clone, `base` is what the source had when it was copied, and `copy` the same as it was written here.
 */
final class Custom_Migrator_Fingerprint_Stream {
	/** Seconds of work of a slice, and lines of it, about. */
	const SECONDS = 20;
	const LINES   = 50000;

	/** Longest name of a file as its key, in bytes; a clone's book has 160 characters for it. */
	const LONGEST_NAME = 150;

	/** Hexadecimal digits of a hash; as many as rows have. */
	const DIGITS = 32;

	/**
	 * The database.
	 *
	 * @var Custom_Migrator_Database
	 */
	private $database;

	/**
	 * Of the tables.
	 *
	 * @var string
	 */
	private $prefix;

	/**
	 * Absolute paths of the folders that are asked for.
	 *
	 * @var array<string, string>
	 */
	private $roots;

	/**
	 * Of this purpose.
	 *
	 * @var Custom_Migrator_Ticket
	 */
	private $tickets;

	/**
	 * What is asked for, and where it stands.
	 *
	 * @var array<string, mixed>
	 */
	private $place;

	/**
	 * Begins, or goes on.
	 *
	 * @param Custom_Migrator_Database $database Of the site.
	 * @param string                   $prefix   Of its tables.
	 * @param array<string, string>    $roots    Absolute path of each folder that the scopes mean.
	 * @param Custom_Migrator_Ticket   $tickets  Of this purpose.
	 * @param string[]                 $scopes   Checked.
	 * @param mixed                    $of       `site`, `base` or `copy`.
	 * @param mixed                    $ticket   Null begins.
	 * @throws Custom_Migrator_Error `FINGERPRINT_OF`, `EXPORT_TICKET`.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix, array $roots, Custom_Migrator_Ticket $tickets, array $scopes, $of, $ticket ) {
		if ( ! in_array( $of, array( 'site', 'base', 'copy' ), true ) ) {
			throw new Custom_Migrator_Error( 'FINGERPRINT_OF', 'of: is none of site, base and copy. Give one.' );
		}
		$this->database = $database;
		$this->prefix   = $prefix;
		$this->roots    = $roots;
		$this->tickets  = $tickets;
		$this->place    = null !== $ticket ? $tickets->read( $ticket ) : array(
			'of'     => $of,
			'scopes' => $scopes,
			'table'  => '',
			'row'    => null,
			'file'   => '',
		);
		if ( $this->place['of'] !== $of || $this->place['scopes'] !== $scopes ) {
			throw new Custom_Migrator_Error( 'EXPORT_TICKET', 'ticket: is of another list. Begin anew, without a ticket.' );
		}
	}

	/**
	 * Writes lines until time is up, or all are written.
	 *
	 * @param resource $stream Writable.
	 * @param callable $flush  Called now and then.
	 */
	public function slice( $stream, $flush ) {
		$until = microtime( true ) + self::SECONDS;
		$lines = 0;
		foreach ( 'site' === $this->place['of'] ? $this->of_site() : $this->of_book() as $some ) {
			$text = '';
			foreach ( $some as $line ) {
				$text .= wp_json_encode( $line, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE ) . "\n";
			}
			fwrite( $stream, $text ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
			$flush();
			$lines += count( $some );
			if ( ( microtime( true ) > $until || $lines > self::LINES ) && empty( $this->place['ended'] ) ) {
				fwrite( $stream, wp_json_encode( array( 'ticket' => $this->tickets->write( $this->place ) ) ) . "\n" ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
				return;
			}
		}
		fwrite( $stream, "{\"end\":true}\n" ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
	}

	/**
	 * A file's key: its path, or of a long one the beginning and a hash.
	 *
	 * @param string $path Below its folder; UTF-8.
	 * @return string
	 */
	public static function key_of( $path ) {
		return strlen( $path ) <= self::LONGEST_NAME ? $path : preg_replace( '~[\x80-\xFF]+$~D', '', substr( $path, 0, 100 ) ) . '...' . substr( hash( 'sha256', $path ), 0, self::DIGITS );
	}

	/**
	 * A file's hash.
	 *
	 * @param string $file Absolute.
	 * @return string|null Null if it has gone.
	 */
	public static function hash_of( $file ) {
		$hash = @hash_file( 'sha256', $file ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- it may have gone.
		return is_string( $hash ) ? substr( $hash, 0, self::DIGITS ) : null;
	}

	/**
	 * Lines of what there is; behind each batch, the place is behind it.
	 *
	 * @return Generator<int, array<int, array<int, string>>>
	 */
	private function of_site() {
		$rows   = new Custom_Migrator_Fingerprint( $this->database, $this->prefix );
		$tables = new Custom_Migrator_Site_Tables( $this->database, $this->prefix );
		foreach ( $tables->names( $this->place['scopes'] ) as $table ) {
			if ( strcmp( $table, $this->place['table'] ) < 0 ) {
				continue;
			}
			$cursor = $table === $this->place['table'] ? $this->place['row'] : null;
			do {
				$batch  = $rows->rows( $table, $cursor );
				$cursor = $batch['cursor'];
				// A name with a space behind: that table is done, and no other lies between.
				$this->place['table'] = null === $cursor ? $table . ' ' : $table;
				$this->place['row']   = $cursor;
				yield self::with_first( $table, $batch['lines'] );
			} while ( null !== $cursor );
		}
		// Behind all tables.
		$this->place['table'] = '~';
		$walk                 = new Custom_Migrator_File_Walk( $this->roots );
		foreach ( $walk->files( $this->place['file'] ) as $file ) {
			$this->place['file'] = $file['folder'] . '/' . $file['path'];
			$hash                = self::hash_of( $file['file'] );
			if ( null !== $hash ) {
				yield array( array( $file['folder'], self::key_of( $file['path'] ), $hash ) );
			}
		}
	}

	/**
	 * Lines of the clone's book.
	 *
	 * @return Generator<int, array<int, array<int, string>>>
	 */
	private function of_book() {
		$book = new Custom_Migrator_Fingerprint( $this->database, $this->prefix );
		$own  = new Custom_Migrator_Site_Tables( $this->database, $this->prefix );
		$all  = $own->has( 'cm_base' ) ? array_column( $this->database->rows( 'SELECT DISTINCT tbl FROM ' . Custom_Migrator_Site_Tables::quoted( $this->prefix . 'cm_base' ) ), 0 ) : array();
		$some = array();
		foreach ( $all as $name ) {
			if ( isset( $this->roots[ $name ] ) || ( ! in_array( $name, Custom_Migrator_Archive_Rules::SCOPES, true ) && Custom_Migrator_Scopes::has_table( $name, $this->place['scopes'] ) ) ) {
				$some[] = $name;
			}
		}
		do {
			$batch              = $book->noted( $this->place['of'], $some, $this->place['row'] );
			$this->place['row'] = $batch['cursor'];
			// Behind the last line there is nothing to go on with.
			$this->place['ended'] = null === $batch['cursor'];
			yield $batch['lines'];
		} while ( ! $this->place['ended'] );
	}

	/**
	 * Lines with the name of their table.
	 *
	 * @param string                         $table Without prefix.
	 * @param array<int, array<int, string>> $lines Key and hash.
	 * @return array<int, array<int, string>>
	 */
	private static function with_first( $table, array $lines ) {
		foreach ( $lines as &$line ) {
			array_unshift( $line, $table );
		}
		return $lines;
	}
}
