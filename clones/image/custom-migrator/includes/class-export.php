<?php
/**
 * Writes a site as an archive, slice by slice.
 *
 * @package Custom_Migrator
 */

/**
 * Each step writes one frame and a ticket behind it, which has all that a later request needs to go on: nothing is kept on
 * the site. Tables come first, by their keys, then files in order. Tables that come or go meanwhile end the export, for the
 * manifest has promised them; rows and files may come and go.
 *
 * A file has the size that it had at its first part. One that shrinks meanwhile is filled up with zeros and counted as
 * `changed`; one that grows ends where it ended then.
 */
final class Custom_Migrator_Export {
	/** A slice's `seconds` of work and `bytes`, about; `walk` seconds for counting files before the manifest. */
	const DEFAULTS = array(
		'seconds' => 20,
		'bytes'   => 67108864,
		'walk'    => 8,
	);

	/** Bytes of rows that are promised for each: MySQL's largest row without long texts. */
	const ROW_BYTES = 65535;

	/** Bytes that are promised in any case, for a site that grows. */
	const SPARE_BYTES = 1073741824;

	/**
	 * Tables.
	 *
	 * @var Custom_Migrator_Site_Tables
	 */
	private $tables;

	/**
	 * Absolute path of each folder.
	 *
	 * @var array<string, string>
	 */
	private $roots;

	/**
	 * Files.
	 *
	 * @var Custom_Migrator_File_Walk
	 */
	private $walk;

	/**
	 * Of this site.
	 *
	 * @var Custom_Migrator_Ticket
	 */
	private $tickets;

	/**
	 * Bounds of a slice.
	 *
	 * @var array{seconds: int|float, bytes: int, walk: int|float}
	 */
	private $bounds;

	/**
	 * Which import this is for, scopes, names of tables (or their checksum), place, and what was left out before.
	 *
	 * @var array<string, mixed>
	 */
	private $place;

	/**
	 * Names of the tables.
	 *
	 * @var string[]
	 */
	private $names;

	/**
	 * How many tables an archive can't carry.
	 *
	 * @var int
	 */
	private $odd;

	/**
	 * Files that are left, once files are written.
	 *
	 * @var Generator|null
	 */
	private $files = null;

	/**
	 * Begins, or goes on with a ticket.
	 *
	 * @param Custom_Migrator_Site_Tables $tables  Of the site.
	 * @param array<string, string>       $roots   Absolute path of each folder that the scopes mean, and of no others.
	 * @param Custom_Migrator_Ticket      $tickets Of the site.
	 * @param string                      $job     Whoever reads it.
	 * @param string[]                    $scopes  Checked.
	 * @param string|null                 $ticket  Null begins.
	 * @param array<string, int|float>    $bounds  Instead of DEFAULTS.
	 * @throws Custom_Migrator_Error `EXPORT_TICKET`, `EXPORT_CHANGED`.
	 */
	public function __construct( $tables, array $roots, Custom_Migrator_Ticket $tickets, $job, array $scopes, $ticket = null, array $bounds = array() ) {
		$this->tables  = $tables;
		$this->roots   = $roots;
		$this->walk    = new Custom_Migrator_File_Walk( $roots );
		$this->tickets = $tickets;
		$this->bounds  = $bounds + self::DEFAULTS;
		$this->names   = $tables->names( $scopes );
		$this->odd     = count( $tables->left_out() );
		$digest        = hash( 'sha256', implode( "\n", $this->names ) );
		if ( null === $ticket ) {
			$this->place = array(
				'job'    => $job,
				'scopes' => $scopes,
				'tables' => $digest,
				'writer' => null,
				'table'  => 0,
				'begun'  => false,
				'rows'   => null,
				'file'   => '',
				'size'   => 0,
				'offset' => 0,
				'left'   => array(),
			);
			return;
		}
		$this->place = $tickets->read( $ticket );
		if ( $this->place['job'] !== $job || $this->place['scopes'] !== $scopes ) {
			throw new Custom_Migrator_Error( 'EXPORT_TICKET', 'ticket: is of another job, or of other scopes. Begin anew, without a ticket.' );
		}
		if ( $this->place['tables'] !== $digest ) {
			throw new Custom_Migrator_Error( 'EXPORT_CHANGED', 'tables: came or went since the export began, such as by a plugin that was installed. Begin anew, without a ticket.' );
		}
	}

	/**
	 * Writes frames until time or size is used up, or the archive ends.
	 *
	 * @param resource             $stream Writable.
	 * @param array<string, mixed> $site   For the manifest.
	 * @param callable             $flush  Called behind each frame.
	 * @return bool Whether the archive is whole now.
	 * @throws Custom_Migrator_Error Of tables and writer; frames before it are whole, with their tickets.
	 */
	public function slice( $stream, array $site, $flush ) {
		$until  = microtime( true ) + $this->bounds['seconds'];
		$writer = null === $this->place['writer'] ? null : new Custom_Migrator_Archive_Writer( $stream, $this->place['writer'] );
		$before = null === $writer ? 0 : $writer->state()['bytes'];
		do {
			if ( null === $writer ) {
				$most   = $this->most();
				$writer = new Custom_Migrator_Archive_Writer( $stream );
				$writer->manifest( $site, $this->names, $most );
			} elseif ( ! $this->table_step( $writer ) && ! $this->file_step( $writer ) ) {
				$writer->finish( $this->left_out() );
				$flush();
				return true;
			}
			$this->place['writer'] = $writer->state();
			$ticket                = $this->place;
			$ticket['left']        = $this->left_out();
			$writer->ticket( $this->tickets->write( $ticket ) );
			$flush();
		} while ( microtime( true ) < $until && $writer->state()['bytes'] - $before < $this->bounds['bytes'] );
		return false;
	}

	/**
	 * Writes the next frame of tables.
	 *
	 * @param Custom_Migrator_Archive_Writer $writer Of this slice.
	 * @return bool False behind the last table.
	 */
	private function table_step( Custom_Migrator_Archive_Writer $writer ) {
		$count = count( $this->names );
		while ( $this->place['table'] < $count ) {
			$name = $this->names[ $this->place['table'] ];
			if ( ! $this->place['begun'] ) {
				$form = $this->tables->describe( $name );
				$writer->table( $name, $form['columns'], $form['keys'] );
				$this->place['begun'] = true;
				return true;
			}
			$batch = $this->tables->export( $name )->batch( $this->place['rows'] );
			if ( $batch['rows'] ) {
				$writer->batch( $name, $batch['rows'] );
				$this->place['rows'] = $batch['cursor'];
				return true;
			}
			++$this->place['table'];
			$this->place['begun'] = false;
			$this->place['rows']  = null;
		}
		return false;
	}

	/**
	 * Writes the next part of a file.
	 *
	 * @param Custom_Migrator_Archive_Writer $writer Of this slice.
	 * @return bool False behind the last file.
	 */
	private function file_step( Custom_Migrator_Archive_Writer $writer ) {
		if ( $this->place['offset'] < $this->place['size'] ) {
			$this->part( $writer, $this->roots[ explode( '/', $this->place['file'] )[0] ] . '/' . explode( '/', $this->place['file'], 2 )[1] );
			return true;
		}
		if ( null === $this->files ) {
			$this->files = $this->walk->files( $this->place['file'] );
		} else {
			$this->files->next();
		}
		while ( $this->files->valid() ) {
			$file = $this->files->current();
			clearstatcache( true, $file['file'] );
			$size = @filesize( $file['file'] ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- it may have gone.
			if ( false !== $size ) {
				$this->place['file']   = $file['folder'] . '/' . $file['path'];
				$this->place['size']   = $size;
				$this->place['offset'] = 0;
				$this->part( $writer, $file['file'] );
				return true;
			}
			$this->files->next();
		}
		return false;
	}

	/**
	 * Writes a part of the file at hand.
	 *
	 * @param Custom_Migrator_Archive_Writer $writer Of this slice.
	 * @param string                         $file   Absolute.
	 */
	private function part( Custom_Migrator_Archive_Writer $writer, $file ) {
		$length = min( Custom_Migrator_Archive_Format::GOOD_BODY, $this->place['size'] - $this->place['offset'] );
		$bytes  = $length > 0 && ! is_link( $file ) ? @file_get_contents( $file, false, null, $this->place['offset'], $length ) : null; // phpcs:ignore WordPress.PHP.NoSilencedErrors, WordPress.WP.AlternativeFunctions -- a local file that may have gone.
		if ( strlen( (string) $bytes ) < $length ) {
			$bytes = str_pad( (string) $bytes, $length, "\0" );

			$this->place['left']['changed'] = ( isset( $this->place['left']['changed'] ) ? $this->place['left']['changed'] : 0 ) + 1;
		}
		list( $folder, $path ) = explode( '/', $this->place['file'], 2 );
		$writer->file_chunk( $folder, $path, $this->place['size'], $this->place['offset'], (string) $bytes );
		$this->place['offset'] += $length;
	}

	/**
	 * What was left out, before this slice and in it.
	 *
	 * @return array<string, int>
	 */
	private function left_out() {
		$all = $this->place['left'];
		if ( $this->odd > 0 ) {
			// The same ones in each slice.
			$all['tables'] = $this->odd;
		}
		foreach ( $this->walk->left_out() as $reason => $count ) {
			$all[ $reason ] = ( isset( $all[ $reason ] ) ? $all[ $reason ] : 0 ) + $count;
		}
		return $all;
	}

	/**
	 * What won't be exceeded: twice what is there, if that can be counted in time.
	 *
	 * @return array{rows: int, files: int, bytes: int}
	 */
	private function most() {
		$limits = Custom_Migrator_Archive_Reader::DEFAULTS;
		$rows   = 0;
		foreach ( $this->names as $name ) {
			$rows += $this->tables->rows_at_most( $name );
		}
		$count = Custom_Migrator_Site_Status::count_files( $this->roots, $this->bounds['walk'] );
		$files = $count['whole'] ? 2 * $count['files'] + 1000 : $limits['files'];
		$bytes = $count['whole'] ? 2 * $count['bytes'] + $rows * self::ROW_BYTES + self::SPARE_BYTES : $limits['bytes'];
		return array(
			'rows'  => min( $rows, $limits['rows'] ),
			'files' => min( $files, $limits['files'] ),
			'bytes' => min( $bytes, $limits['bytes'] ),
		);
	}
}
