<?php
/**
 * The bytes of an archive: what writer and reader have to agree on.
 *
 * @package Custom_Migrator
 */

/**
 * An archive is a sequence of frames behind eight bytes that name the format:
 *
 *     Type (1 byte) · number (4) · length of head (4) · length of body (4) · head (JSON) · body (bytes) · SHA-256 (32)
 *
 * Binary frames with lengths, and not lines of JSON: files and columns are bytes of any kind, which JSON would take by a
 * third larger as base64, and a reader knows what a frame needs before it takes it. Nothing is compressed, so that no frame
 * is larger than what came over the wire; HTTP may compress. Numbers are big-endian.
 *
 * The checksum of a frame covers the one before it, and so everything before: a frame that was changed, left out, repeated
 * or taken from another archive is noticed at once, and whoever has all frames up to one can go on behind it. The last frame
 * is an end marker with all totals: without it, the archive was cut.
 */
final class Custom_Migrator_Archive_Format {
	/** First bytes; the digit is the version. */
	const MAGIC = "CMARCH1\n";

	/** Types of frames, in the order in which they come; rows follow their table. */
	const MANIFEST = 'M';
	const TABLE    = 'T';
	const ROWS     = 'R';
	const FILE     = 'F';
	const END      = 'E';
	const TYPES    = 'MTRFE';

	/**
	 * A ticket of the exporter behind any other frame but the last: opaque to the importer, who keeps the last one, so that
	 * whoever resumes can tell the exporter where. Its number is the next frame's, its head is empty, its checksum covers
	 * itself alone: it is neither in the chain nor in the totals.
	 */
	const TICKET = 'S';

	/** Largest ticket, in bytes: a path and a key of MySQL's largest size, base64 twice, with room. */
	const MAX_TICKET = 8192;

	/** Bytes before the head. */
	const PREAMBLE = 13;

	/** Bytes of a checksum. */
	const DIGEST = 32;

	/** Largest head, in bytes: a table of 4,096 columns, MySQL's most, or a manifest of as many tables. */
	const MAX_HEAD = 1048576;

	/** Largest body, in bytes; a row must fit. MySQL's own default for a packet of a client, and far below 128M of memory. */
	const MAX_BODY = 16777216;

	/** Body that a writer aims at, in bytes: lost by a cut stream, at most. */
	const GOOD_BODY = 1048576;

	/** Length that stands for SQL's NULL. */
	const NULL_LENGTH = 0xFFFFFFFF;

	/**
	 * Checksum before the first frame.
	 *
	 * @return string Raw bytes.
	 */
	public static function first_digest() {
		return hash( 'sha256', self::MAGIC, true );
	}

	/**
	 * Checksum of a frame and everything before.
	 *
	 * @param string $before   Raw checksum of the frame before.
	 * @param string $preamble First bytes of the frame.
	 * @param string $head     Its head.
	 * @param string $body     Its body.
	 * @return string Raw bytes.
	 */
	public static function digest( $before, $preamble, $head, $body ) {
		$hash = hash_init( 'sha256' );
		hash_update( $hash, $before );
		hash_update( $hash, $preamble );
		hash_update( $hash, $head );
		hash_update( $hash, $body );
		return hash_final( $hash, true );
	}

	/**
	 * A row as bytes: of each value its length, then itself.
	 *
	 * @param array<int, string|null> $row Values in the order of the table's columns.
	 * @return string
	 */
	public static function encode_row( array $row ) {
		$bytes = '';
		foreach ( $row as $value ) {
			$bytes .= null === $value ? pack( 'N', self::NULL_LENGTH ) : pack( 'N', strlen( $value ) ) . $value;
		}
		return $bytes;
	}

	/**
	 * Rows out of bytes.
	 *
	 * @param string $bytes   All of a body.
	 * @param int    $count   Rows that must be in it, and nothing else.
	 * @param int    $columns Values of each.
	 * @return array<int, array<int, string|null>>|null Null if the bytes are other than that.
	 */
	public static function decode_rows( $bytes, $count, $columns ) {
		if ( $count < 1 ) {
			return null;
		}
		$rows = array();
		$at   = 0;
		$end  = strlen( $bytes );
		for ( ; $count > 0; --$count ) {
			$row = array();
			for ( $left = $columns; $left > 0; --$left ) {
				if ( $at + 4 > $end ) {
					return null;
				}
				$length = unpack( 'N', $bytes, $at )[1];
				$at    += 4;
				if ( self::NULL_LENGTH === $length ) {
					$row[] = null;
					continue;
				}
				// One that goes beyond the end is noticed behind it.
				$row[] = substr( $bytes, $at, $length );
				$at   += $length;
			}
			$rows[] = $row;
		}
		return $at === $end ? $rows : null;
	}
}
