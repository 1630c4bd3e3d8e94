<?php
/**
 * Writes an archive frame by frame, to whoever reads at the other end.
 *
 * @package Custom_Migrator
 */

/**
 * Order: manifest(), then of each table table() and rows(), then file_chunk() in the order of paths, then finish(). Files are
 * ordered by `scope/path` as bytes, so that a reader knows with one name which it has. Nothing is held but the frame at hand.
 */
class Custom_Migrator_Archive_Writer {
	/**
	 * Where to.
	 *
	 * @var resource
	 */
	private $stream;

	/**
	 * What a later writer needs to go on behind the last frame.
	 *
	 * @var array{next: int, digest: string, tables: int, rows: int, files: int, bytes: int}
	 */
	private $state;

	/**
	 * Begins an archive, or goes on with one.
	 *
	 * @param resource                  $stream Writable.
	 * @param array<string, mixed>|null $state  Of state(), behind the last frame that the reader has; null begins.
	 * @throws Custom_Migrator_Error `ARCHIVE_WRITE`.
	 */
	public function __construct( $stream, $state = null ) {
		$this->stream = $stream;
		if ( null !== $state ) {
			$this->state = $state;
			return;
		}
		$this->state = array(
			'next'   => 0,
			'digest' => bin2hex( Custom_Migrator_Archive_Format::first_digest() ),
			'tables' => 0,
			'rows'   => 0,
			'files'  => 0,
			'bytes'  => 0,
		);
		$this->write( Custom_Migrator_Archive_Format::MAGIC );
	}

	/**
	 * What is to come.
	 *
	 * @param array<string, mixed>                     $site   What the importer needs to know of the site; no secrets.
	 * @param string[]                                 $tables Names without prefix.
	 * @param array{rows: int, files: int, bytes: int} $most   What won't be exceeded, even if the site grows meanwhile.
	 */
	public function manifest( array $site, array $tables, array $most ) {
		$this->frame(
			Custom_Migrator_Archive_Format::MANIFEST,
			array(
				'site'   => (object) $site,
				'tables' => $tables,
				'most'   => $most,
			),
			''
		);
	}

	/**
	 * A table's form.
	 *
	 * @param string                           $name    Without prefix.
	 * @param array<int, array<string, mixed>> $columns As Custom_Migrator_Archive_Rules::table() has them.
	 * @param array<int, array<string, mixed>> $keys    The same.
	 */
	public function table( $name, array $columns, array $keys ) {
		$this->frame(
			Custom_Migrator_Archive_Format::TABLE,
			array(
				'table'   => $name,
				'columns' => $columns,
				'keys'    => $keys,
			),
			''
		);
		++$this->state['tables'];
	}

	/**
	 * Rows of the table that was written last, in frames of a good size.
	 *
	 * @param string                            $table Its name.
	 * @param iterable<array<int, string|null>> $rows  Values in the order of its columns.
	 * @throws Custom_Migrator_Error `ARCHIVE_ROW_SIZE` for a row that no frame can hold.
	 */
	public function rows( $table, $rows ) {
		$body  = '';
		$count = 0;
		foreach ( $rows as $row ) {
			$bytes = Custom_Migrator_Archive_Format::encode_row( $row );
			if ( strlen( $bytes ) > Custom_Migrator_Archive_Format::MAX_BODY ) {
				throw new Custom_Migrator_Error( 'ARCHIVE_ROW_SIZE', "table $table: got a row of " . strlen( $bytes ) . ' bytes; a frame holds ' . Custom_Migrator_Archive_Format::MAX_BODY . '. Leave that table out, or shorten the row.' );
			}
			if ( $count > 0 && strlen( $body ) + strlen( $bytes ) > Custom_Migrator_Archive_Format::GOOD_BODY ) {
				$this->rows_frame( $table, $count, $body );
				$body  = '';
				$count = 0;
			}
			$body .= $bytes;
			++$count;
		}
		if ( $count > 0 ) {
			$this->rows_frame( $table, $count, $body );
		}
	}

	/**
	 * A part of a file; parts of one file come one behind the other.
	 *
	 * @param string $scope  One of Custom_Migrator_Archive_Rules::SCOPES.
	 * @param string $path   Below it.
	 * @param int    $size   Of the whole file, in bytes.
	 * @param int    $offset Of this part, in bytes.
	 * @param string $bytes  GOOD_BODY at most is wise; empty only for an empty file.
	 */
	public function file_chunk( $scope, $path, $size, $offset, $bytes ) {
		$head = array(
			'scope'  => $scope,
			'path'   => $path,
			'size'   => $size,
			'offset' => $offset,
		);
		$this->frame( Custom_Migrator_Archive_Format::FILE, $head, $bytes );
		$this->state['files'] += $offset + strlen( $bytes ) === $size ? 1 : 0;
	}

	/**
	 * Rows in one frame and no more, so that one ticket stands behind all of them.
	 *
	 * @param string                              $table Its name.
	 * @param array<int, array<int, string|null>> $rows  One batch of Custom_Migrator_Table_Export; one at least.
	 * @throws Custom_Migrator_Error `ARCHIVE_ROW_SIZE` for what no frame can hold.
	 */
	public function batch( $table, array $rows ) {
		$body = '';
		foreach ( $rows as $row ) {
			$body .= Custom_Migrator_Archive_Format::encode_row( $row );
		}
		if ( strlen( $body ) > Custom_Migrator_Archive_Format::MAX_BODY ) {
			throw new Custom_Migrator_Error( 'ARCHIVE_ROW_SIZE', "table $table: got a row of " . strlen( $body ) . ' bytes; a frame holds ' . Custom_Migrator_Archive_Format::MAX_BODY . '. Leave that table out, or shorten the row.' );
		}
		$this->rows_frame( $table, count( $rows ), $body );
	}

	/**
	 * A ticket behind the last frame.
	 *
	 * @param string $text What the exporter wants to get back when it is asked to go on from here; MAX_TICKET bytes at most.
	 * @throws Custom_Migrator_Error `ARCHIVE_FRAME_SIZE`, `ARCHIVE_WRITE`.
	 */
	public function ticket( $text ) {
		if ( '' === $text || strlen( $text ) > Custom_Migrator_Archive_Format::MAX_TICKET ) {
			throw new Custom_Migrator_Error( 'ARCHIVE_FRAME_SIZE', "frame {$this->state['next']}: its ticket is larger than one may be. Shorten the keys of that table, or leave it out." );
		}
		$preamble = Custom_Migrator_Archive_Format::TICKET . pack( 'NNN', $this->state['next'], 0, strlen( $text ) );
		$this->write( $preamble . $text . hash( 'sha256', $preamble . $text, true ) );
	}

	/**
	 * Writes the end marker: now the archive is whole.
	 *
	 * @param array<string, int> $left_out Counts of what a site has and an archive may not, by reason; told in the end marker.
	 */
	public function finish( array $left_out = array() ) {
		$totals = array_intersect_key( $this->state, array_flip( array( 'tables', 'rows', 'files', 'bytes' ) ) );
		if ( $left_out ) {
			$totals['left_out'] = $left_out;
		}
		$this->frame( Custom_Migrator_Archive_Format::END, $totals, '' );
	}

	/**
	 * What another writer needs to go on behind the last frame. For json_encode().
	 *
	 * @return array<string, mixed>
	 */
	public function state() {
		return $this->state;
	}

	/**
	 * A frame of rows.
	 *
	 * @param string $table Its name.
	 * @param int    $count Rows in the body.
	 * @param string $body  As encoded.
	 */
	private function rows_frame( $table, $count, $body ) {
		$head = array(
			'table' => $table,
			'count' => $count,
		);
		$this->frame( Custom_Migrator_Archive_Format::ROWS, $head, $body );
		$this->state['rows'] += $count;
	}

	/**
	 * Any frame.
	 *
	 * @param string               $type One of the format's.
	 * @param array<string, mixed> $head For JSON.
	 * @param string               $body Any bytes.
	 * @throws Custom_Migrator_Error `ARCHIVE_HEAD` for what JSON can't carry, `ARCHIVE_FRAME_SIZE`, `ARCHIVE_WRITE`.
	 */
	private function frame( $type, array $head, $body ) {
		$json = json_encode( $head, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ); // phpcs:ignore WordPress.WP.AlternativeFunctions.json_encode_json_encode -- must fail, not repair.
		if ( ! is_string( $json ) ) {
			throw new Custom_Migrator_Error( 'ARCHIVE_HEAD', "frame {$this->state['next']}: a name is no UTF-8. Rename it, or leave it out." );
		}
		if ( strlen( $json ) > Custom_Migrator_Archive_Format::MAX_HEAD || strlen( $body ) > Custom_Migrator_Archive_Format::MAX_BODY ) {
			throw new Custom_Migrator_Error( 'ARCHIVE_FRAME_SIZE', "frame {$this->state['next']}: is larger than a frame may be. Write smaller parts." );
		}
		$preamble = $type . pack( 'NNN', $this->state['next'], strlen( $json ), strlen( $body ) );
		$digest   = Custom_Migrator_Archive_Format::digest( hex2bin( $this->state['digest'] ), $preamble, $json, $body );
		$this->write( $preamble . $json );
		$this->write( $body );
		$this->write( $digest );
		++$this->state['next'];
		$this->state['digest'] = bin2hex( $digest );
		$this->state['bytes'] += strlen( $body );
	}

	/**
	 * All bytes, however many the stream takes at once.
	 *
	 * @param string $bytes Any.
	 * @throws Custom_Migrator_Error `ARCHIVE_WRITE`.
	 */
	private function write( $bytes ) {
		for ( $at = 0, $end = strlen( $bytes ); $at < $end; $at += $written ) {
			$written = @fwrite( $this->stream, substr( $bytes, $at, 262144 ) ); // phpcs:ignore WordPress.PHP.NoSilencedErrors, WordPress.WP.AlternativeFunctions -- its answer is checked; a stream.
			if ( ! $written ) {
				throw new Custom_Migrator_Error( 'ARCHIVE_WRITE', "frame {$this->state['next']}: the reader has gone. Go on behind its last frame." );
			}
		}
	}
}
