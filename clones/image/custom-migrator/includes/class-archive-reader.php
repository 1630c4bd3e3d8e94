<?php
/**
 * Reads an archive that nobody vouches for, frame by frame.
 *
 * @package Custom_Migrator
 */

/**
 * Method next() hands a frame on only when all of it is there, its checksum is right and its content is one that the rules allow at
 * this place; so whoever applies frames as they come never applies a part of a wrong one. After a refusal nothing comes any
 * more. state() stands behind the last frame that was handed on: keep it together with what was applied of that frame, and
 * give it to the next reader, whose stream begins with the frame behind.
 */
class Custom_Migrator_Archive_Reader {
	/** Most of all, unless the caller says otherwise: `bytes` of all bodies, `files`, `rows`, `tables`. */
	const DEFAULTS = array(
		'bytes'  => 53687091200,
		'files'  => 2000000,
		'rows'   => 50000000,
		'tables' => 4096,
	);

	/** Keys of each type's head: all of them, and no others, such as one that would make a link of a file. */
	const HEADS = array(
		'M' => array( 'site', 'tables', 'most' ),
		'T' => array( 'table', 'columns', 'keys' ),
		'R' => array( 'table', 'count' ),
		'F' => array( 'scope', 'path', 'size', 'offset' ),
		'E' => array( 'tables', 'rows', 'files', 'bytes' ),
	);

	/** Keys that a head may have besides: of the end, what was left out and how often. */
	const OPTIONAL = array( 'E' => array( 'left_out' ) );

	/**
	 * Where from.
	 *
	 * @var resource
	 */
	private $stream;

	/**
	 * Most of all.
	 *
	 * @var array<string, int>
	 */
	private $limits;

	/**
	 * Where the archive stands; all of it can be JSON.
	 *
	 * @var array<string, mixed>
	 */
	private $state;

	/**
	 * Why no frame comes any more.
	 *
	 * @var Custom_Migrator_Error|null
	 */
	private $refusal = null;

	/**
	 * Begins to read, or goes on.
	 *
	 * @param resource                  $stream Readable; bytes of the archive from its beginning, or behind the state's frame.
	 * @param array<string, int>        $limits Instead of DEFAULTS; a missing one is the default.
	 * @param array<string, mixed>|null $state  Of state(), from a place that only the importer writes to; null begins.
	 */
	public function __construct( $stream, array $limits = array(), $state = null ) {
		$this->stream = $stream;
		$this->limits = $limits + self::DEFAULTS;
		$this->state  = null !== $state ? $state : array(
			'next'    => 0,
			'digest'  => bin2hex( Custom_Migrator_Archive_Format::first_digest() ),
			'begun'   => false,
			'ended'   => false,
			'tables'  => 0,
			'rows'    => 0,
			'files'   => 0,
			'bytes'   => 0,
			'most'    => null,
			// Tables still to come, by name.
			'missing' => array(),
			// Table whose rows may come, and how many columns they have.
			'table'   => null,
			'columns' => 0,
			// Last file, and how much of it is there.
			'file'    => '',
			'size'    => 0,
			'there'   => 0,
		);
	}

	/**
	 * The next frame: its `type`, its `head`, of rows `rows`, of a file `bytes`; or of a ticket its `type` and `ticket`. Null
	 * behind the end marker.
	 *
	 * @return array<string, mixed>|null
	 * @throws Custom_Migrator_Error `ARCHIVE_…`; the same again for whoever asks again.
	 */
	public function next() {
		if ( null !== $this->refusal ) {
			throw $this->refusal;
		}
		try {
			return $this->state['ended'] ? $this->nothing_more() : $this->frame();
		} catch ( Custom_Migrator_Error $error ) {
			$this->refusal = $error;
			throw $error;
		}
	}

	/**
	 * Where the archive stands, for json_encode(): `next` is the number of the frame that the exporter should go on with.
	 *
	 * @return array<string, mixed>
	 */
	public function state() {
		return $this->state;
	}

	/**
	 * Reads one frame, and changes the state only when all is well.
	 *
	 * @return array<string, mixed>
	 */
	private function frame() {
		if ( ! $this->state['begun'] && Custom_Migrator_Archive_Format::MAGIC !== $this->bytes( strlen( Custom_Migrator_Archive_Format::MAGIC ) ) ) {
			$this->refuse( 'ARCHIVE_FORMAT', 'is no archive of a version that this plugin reads' );
		}
		$preamble = $this->bytes( Custom_Migrator_Archive_Format::PREAMBLE );
		$type     = $preamble[0];
		$numbers  = unpack( 'Nnumber/Nhead/Nbody', $preamble, 1 );
		if ( Custom_Migrator_Archive_Format::TICKET === $type ) {
			return $this->ticket( $preamble, $numbers );
		}
		if ( false === strpos( Custom_Migrator_Archive_Format::TYPES, $type ) ) {
			$this->refuse( 'ARCHIVE_FRAME_TYPE', 'is of an unknown type' );
		}
		if ( $numbers['number'] !== $this->state['next'] ) {
			$this->refuse( 'ARCHIVE_ORDER', 'has another number' );
		}
		if ( $numbers['head'] > Custom_Migrator_Archive_Format::MAX_HEAD || $numbers['body'] > Custom_Migrator_Archive_Format::MAX_BODY ) {
			$this->refuse( 'ARCHIVE_FRAME_SIZE', 'is larger than a frame may be' );
		}
		if ( null !== $this->state['most'] && $this->state['bytes'] + $numbers['body'] > $this->state['most']['bytes'] ) {
			$this->refuse( 'ARCHIVE_TOTAL_SIZE', 'makes more bytes than the manifest promised' );
		}
		$json   = $this->bytes( $numbers['head'] );
		$body   = $this->bytes( $numbers['body'] );
		$digest = Custom_Migrator_Archive_Format::digest( hex2bin( $this->state['digest'] ), $preamble, $json, $body );
		if ( ! hash_equals( $digest, $this->bytes( Custom_Migrator_Archive_Format::DIGEST ) ) ) {
			$this->refuse( 'ARCHIVE_CHECKSUM', 'is not what was sent' );
		}
		$head = json_decode( $json, true, 16 );
		$more = isset( self::OPTIONAL[ $type ] ) ? self::OPTIONAL[ $type ] : array();
		if ( ! is_array( $head ) || array_diff( array_keys( $head ), self::HEADS[ $type ], $more ) || array_diff( self::HEADS[ $type ], array_keys( $head ) ) ) {
			$this->refuse( 'ARCHIVE_HEAD', 'has a head of another form' );
		}
		if ( ( Custom_Migrator_Archive_Format::MANIFEST === $type ) === $this->state['begun'] ) {
			$this->refuse( 'ARCHIVE_ORDER', 'is a manifest in the middle, or the manifest is missing' );
		}
		if ( '' !== $body && false === strpos( 'RF', $type ) ) {
			$this->refuse( 'ARCHIVE_HEAD', 'has a body that its type has not' );
		}
		$after           = $this->after( $type, $head, $body );
		$after['begun']  = true;
		$after['digest'] = bin2hex( $digest );
		$after['bytes'] += strlen( $body );
		++$after['next'];
		$frame = array(
			'type' => $type,
			'head' => $head,
		);
		if ( Custom_Migrator_Archive_Format::ROWS === $type ) {
			$frame['rows'] = Custom_Migrator_Archive_Format::decode_rows( $body, $head['count'], $after['columns'] );
			if ( null === $frame['rows'] ) {
				$this->refuse( 'ARCHIVE_ROWS', 'has rows of another form than its table' );
			}
		} elseif ( Custom_Migrator_Archive_Format::FILE === $type ) {
			$frame['bytes'] = $body;
		} elseif ( Custom_Migrator_Archive_Format::END === $type ) {
			$after['ended'] = true;
		}
		$this->state = $after;
		return $frame;
	}

	/**
	 * A ticket: it changes nothing of the state, and must stand where the state stands.
	 *
	 * @param string             $preamble Of the frame.
	 * @param array<string, int> $numbers  What it says.
	 * @return array{type: string, ticket: string}
	 */
	private function ticket( $preamble, array $numbers ) {
		if ( ! $this->state['begun'] || $numbers['number'] !== $this->state['next'] ) {
			$this->refuse( 'ARCHIVE_ORDER', 'has a ticket that is not expected here' );
		}
		if ( 0 !== $numbers['head'] || $numbers['body'] < 1 || $numbers['body'] > Custom_Migrator_Archive_Format::MAX_TICKET ) {
			$this->refuse( 'ARCHIVE_FRAME_SIZE', 'has a ticket of another size than one may be' );
		}
		$text = $this->bytes( $numbers['body'] );
		if ( ! hash_equals( hash( 'sha256', $preamble . $text, true ), $this->bytes( Custom_Migrator_Archive_Format::DIGEST ) ) ) {
			$this->refuse( 'ARCHIVE_CHECKSUM', 'is not what was sent' );
		}
		if ( ! preg_match( '~^[\x21-\x7E]+$~D', $text ) ) {
			$this->refuse( 'ARCHIVE_HEAD', 'has a ticket that is no plain text' );
		}
		return array(
			'type'   => Custom_Migrator_Archive_Format::TICKET,
			'ticket' => $text,
		);
	}

	/**
	 * The state behind a frame.
	 *
	 * @param string               $type Of the frame.
	 * @param array<string, mixed> $head Of the right keys.
	 * @param string               $body Its bytes.
	 * @return array<string, mixed>
	 */
	private function after( $type, array $head, $body ) {
		switch ( $type ) {
			case Custom_Migrator_Archive_Format::MANIFEST:
				return $this->after_manifest( $head );
			case Custom_Migrator_Archive_Format::TABLE:
				return $this->after_table( $head );
			case Custom_Migrator_Archive_Format::ROWS:
				return $this->after_rows( $head );
			case Custom_Migrator_Archive_Format::FILE:
				return $this->after_file( $head, strlen( $body ) );
			default:
				return $this->after_end( $head );
		}
	}

	/**
	 * The manifest: what it promises must be within the limits.
	 *
	 * @param array<string, mixed> $head Of the frame.
	 * @return array<string, mixed>
	 */
	private function after_manifest( array $head ) {
		$state = $this->state;
		$most  = $head['most'];
		if ( ! is_array( $head['site'] ) || ! is_array( $most ) || ! is_array( $head['tables'] ) ) {
			$this->refuse( 'ARCHIVE_HEAD', 'has a manifest of another form' );
		}
		foreach ( array( 'rows', 'files', 'bytes' ) as $what ) {
			if ( ! isset( $most[ $what ] ) || ! Custom_Migrator_Archive_Rules::is_count( $most[ $what ] ) ) {
				$this->refuse( 'ARCHIVE_HEAD', 'has a manifest of another form' );
			}
			if ( $most[ $what ] > $this->limits[ $what ] ) {
				$this->refuse( 'ARCHIVE_TOO_LARGE', "promises more $what than this site takes" );
			}
		}
		if ( count( $head['tables'] ) > $this->limits['tables'] ) {
			$this->refuse( 'ARCHIVE_TOO_LARGE', 'promises more tables than this site takes' );
		}
		foreach ( $head['tables'] as $name ) {
			// MySQL on Windows and macOS knows no case.
			if ( ! Custom_Migrator_Archive_Rules::is_name( $name ) || isset( $state['missing'][ strtolower( $name ) ] ) ) {
				$this->refuse( 'ARCHIVE_TABLE', 'names a table twice, or one that can not be' );
			}
			$state['missing'][ strtolower( $name ) ] = true;
		}
		$state['most'] = $most;
		return $state;
	}

	/**
	 * A table: one that the manifest has, and that didn't come yet.
	 *
	 * @param array<string, mixed> $head Of the frame.
	 * @return array<string, mixed>
	 */
	private function after_table( array $head ) {
		$state   = $this->state;
		$refusal = Custom_Migrator_Archive_Rules::table( $head );
		if ( '' !== $refusal ) {
			$this->refuse( $refusal, 'has a table that can not be' );
		}
		if ( ! isset( $state['missing'][ strtolower( $head['table'] ) ] ) || '' !== $state['file'] ) {
			$this->refuse( 'ARCHIVE_ORDER', 'has a table that is not expected here' );
		}
		unset( $state['missing'][ strtolower( $head['table'] ) ] );
		$state['table']   = $head['table'];
		$state['columns'] = count( $head['columns'] );
		++$state['tables'];
		return $state;
	}

	/**
	 * Rows: of the table that came last.
	 *
	 * @param array<string, mixed> $head Of the frame.
	 * @return array<string, mixed>
	 */
	private function after_rows( array $head ) {
		$state = $this->state;
		if ( null === $state['table'] || $head['table'] !== $state['table'] || '' !== $state['file'] ) {
			$this->refuse( 'ARCHIVE_ORDER', 'has rows of a table that is not expected here' );
		}
		if ( ! Custom_Migrator_Archive_Rules::is_count( $head['count'] ) ) {
			$this->refuse( 'ARCHIVE_HEAD', 'has no number of rows' );
		}
		$state['rows'] += $head['count'];
		if ( $state['rows'] > $state['most']['rows'] ) {
			$this->refuse( 'ARCHIVE_TOTAL_SIZE', 'makes more rows than the manifest promised' );
		}
		return $state;
	}

	/**
	 * A part of a file: of the next one, or what follows of the last.
	 *
	 * @param array<string, mixed> $head   Of the frame.
	 * @param int                  $length Of its bytes.
	 * @return array<string, mixed>
	 */
	private function after_file( array $head, $length ) {
		$state   = $this->state;
		$refusal = Custom_Migrator_Archive_Rules::file( $head['scope'], $head['path'] );
		if ( '' !== $refusal ) {
			$this->refuse( $refusal, 'has a file that may not be written' );
		}
		if ( ! Custom_Migrator_Archive_Rules::is_count( $head['size'] ) || ! Custom_Migrator_Archive_Rules::is_count( $head['offset'] ) ) {
			$this->refuse( 'ARCHIVE_HEAD', 'has a file without its size' );
		}
		$name     = $head['scope'] . '/' . $head['path'];
		$is_whole = $state['there'] === $state['size'];
		if ( $is_whole && 0 === $head['offset'] ) {
			// By order: so no file comes twice, and no list of all is needed.
			if ( strcmp( $name, $state['file'] ) <= 0 ) {
				$this->refuse( 'ARCHIVE_ORDER', 'has a file that is not expected here' );
			}
			$state['file']  = $name;
			$state['size']  = $head['size'];
			$state['there'] = 0;
		} elseif ( $is_whole || $name !== $state['file'] || $head['size'] !== $state['size'] || $head['offset'] !== $state['there'] ) {
			$this->refuse( 'ARCHIVE_OFFSET', 'has a part of a file that does not follow' );
		}
		$state['there'] += $length;
		if ( $state['there'] > $state['size'] || ( 0 === $length && $state['size'] > 0 ) ) {
			$this->refuse( 'ARCHIVE_OFFSET', 'has a part of a file of another length' );
		}
		$state['files'] += $state['there'] === $state['size'] ? 1 : 0;
		if ( $state['files'] > $state['most']['files'] ) {
			$this->refuse( 'ARCHIVE_TOTAL_SIZE', 'makes more files than the manifest promised' );
		}
		return $state;
	}

	/**
	 * The end: all that was promised must be there.
	 *
	 * @param array<string, mixed> $head Of the frame.
	 * @return array<string, mixed>
	 */
	private function after_end( array $head ) {
		$state = $this->state;
		foreach ( array( 'tables', 'rows', 'files', 'bytes' ) as $what ) {
			if ( $head[ $what ] !== $state[ $what ] ) {
				$this->refuse( 'ARCHIVE_END', "tells of other $what than came" );
			}
		}
		$left_out = isset( $head['left_out'] ) ? $head['left_out'] : array();
		if ( ! is_array( $left_out ) || count( $left_out ) > 16 || count( array_filter( $left_out, array( 'Custom_Migrator_Archive_Rules', 'is_count' ) ) ) !== count( $left_out )
			|| array_filter( array_keys( $left_out ), array( 'Custom_Migrator_Archive_Rules', 'is_name' ) ) !== array_keys( $left_out ) ) {
			$this->refuse( 'ARCHIVE_HEAD', 'counts what was left out in another form' );
		}
		if ( $state['missing'] || $state['there'] !== $state['size'] ) {
			$this->refuse( 'ARCHIVE_END', 'ends before all tables and files came' );
		}
		return $state;
	}

	/**
	 * Behind the end marker there is nothing.
	 *
	 * @return null
	 */
	private function nothing_more() {
		$more = fread( $this->stream, 1 ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
		if ( is_string( $more ) && '' !== $more ) {
			$this->refuse( 'ARCHIVE_TRAILING', 'stands behind the end' );
		}
		return null;
	}

	/**
	 * As many bytes, however few come at once.
	 *
	 * @param int $length More than the limits allow is never asked for.
	 * @return string
	 */
	private function bytes( $length ) {
		$bytes = '';
		$left  = $length;
		while ( $left > 0 ) {
			$more = fread( $this->stream, $left ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
			if ( ! is_string( $more ) || '' === $more ) {
				$this->refuse( 'ARCHIVE_CUT', 'is not there as a whole: the stream ended, or stalled' );
			}
			$bytes .= $more;
			$left  -= strlen( $more );
		}
		return $bytes;
	}

	/**
	 * Refuses the frame at hand.
	 *
	 * @param string $code   `ARCHIVE_…`.
	 * @param string $reason What is wrong; no content.
	 * @throws Custom_Migrator_Error Always.
	 */
	private function refuse( $code, $reason ) {
		$remedy = in_array( $code, array( 'ARCHIVE_CUT', 'ARCHIVE_CHECKSUM' ), true ) ? 'Send again from this frame on.' : 'Export the site anew with this plugin.';
		throw new Custom_Migrator_Error( $code, "frame {$this->state['next']}: $reason. $remedy" );
	}
}
