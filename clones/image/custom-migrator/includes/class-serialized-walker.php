<?php
/**
 * Rewrites texts inside PHP's serialized data without ever making objects of them.
 *
 * @package Custom_Migrator
 */

/**
 * Reads the tokens of serialize() from left to right, and copies them as they are, but for the values of strings: these are
 * rewritten, and their lengths set right. A string may hold serialized data or JSON itself, however deep.
 *
 * - Keys of arrays and names of properties stay: two of them could become one, and a value would be lost. Those that the
 *   rewriter would change are counted (`key`), for the scan that looks for the source's URLs afterwards.
 * - Objects stay what they are; their strings are rewritten. What a class writes in a form of its own (`C:`) stays whole.
 * - References (`r:`, `R:`) count values, whose number doesn't change.
 * - What starts like serialized data and isn't stays as it is, byte by byte: unserialize() couldn't read it before either.
 * - In other texts, strings of serialized data that stand in the middle (PHP's sessions) and in JSON keep right lengths.
 * - base64 holds no URL that could be seen, and stays.
 *
 * Time is linear in the text for each level of nesting; memory is a small multiple of the text.
 */
class Custom_Migrator_Serialized_Walker {
	/** Strings within strings: more than WordPress and its plugins ever nest. */
	const MAX_NESTING = 16;

	/** Arrays within arrays: what PHP reads itself, unserialize_max_depth. */
	const MAX_DEPTH = 4096;

	/** Problems of one text that are kept; the rest is only counted. */
	const MAX_PROBLEMS = 20;

	/** How serialized data that may hold a text begins; numbers can't. The old `S:` and `o:` are of no PHP that we run on. */
	const BEGINNING = '~^[ \t\n\r\0\x0B]*(?:[sSE]:[+]?[0-9]+:"|a:[+]?[0-9]+:\{|[OCo]:[+]?[0-9]+:")~';

	/** One token, up to where its own content begins. */
	const TOKEN = '~N;|b:[01];|[rR]:[0-9]{1,20};|(?<int>i:[+-]?[0-9]{1,20};)|d:(?:[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|-?INF|NAN);|(?<text>[sE]):(?<bytes>[0-9]{1,10}):"|a:(?<count>[0-9]{1,10}):\{|(?<object>[OC]):(?<name>[0-9]{1,4}):"~A';

	/** A name of a class as PHP writes it. */
	const CLASS_NAME = '~^[A-Za-z_\x80-\xFF\\\\][A-Za-z0-9_\x80-\xFF\\\\]*$~D';

	/** Serialized data as it looks inside of a text of JSON: its quotes are escaped. */
	const IN_JSON = '~[sEOC]:[0-9]+:\\\\+"~';

	/** A text of JSON. */
	const JSON_TEXT = '~"(?:[^"\\\\]++|\\\\.)*+"~As';

	/**
	 * Rewrites texts that aren't serialized.
	 *
	 * @var Custom_Migrator_Url_Rewriter
	 */
	private $rewriter;

	/**
	 * What couldn't be done, of the text that was walked last.
	 *
	 * @var array<int, array{code: string, offset: int}>
	 */
	private $problems = array();

	/**
	 * Makes a walker for one map of URLs.
	 *
	 * @param Custom_Migrator_Url_Rewriter $rewriter Rewrites texts that aren't serialized.
	 */
	public function __construct( Custom_Migrator_Url_Rewriter $rewriter ) {
		$this->rewriter = $rewriter;
	}

	/**
	 * Rewrites a value of a database's column.
	 *
	 * @param string $value Any bytes.
	 * @return string
	 * @throws Custom_Migrator_Error `URL_REWRITE` if PHP's limits for regular expressions end it.
	 */
	public function walk( $value ) {
		$this->problems = array();
		return $this->value( $value, 0 );
	}

	/**
	 * What couldn't be rewritten in the value that was walked last, and where in its text (that of a string inside: in it).
	 *
	 * `malformed`: starts like serialized data, but can't be read. `too_deep`: nested beyond the limits. `custom`: an object
	 * that writes itself in a form of its own. `key`: a key that has a URL. `json`: serialized data in JSON of an odd form.
	 *
	 * @return array<int, array{code: string, offset: int}>
	 */
	public function problems() {
		return $this->problems;
	}

	/**
	 * Any text: serialized or not.
	 *
	 * @param string $text    Any bytes.
	 * @param int    $nesting In how many strings it stands.
	 * @return string
	 */
	private function value( $text, $nesting ) {
		if ( ! $this->rewriter->concerns( $text ) ) {
			return $text;
		}
		if ( preg_match( self::BEGINNING, $text ) ) {
			if ( $nesting > self::MAX_NESTING ) {
				return $this->left( $text, 'too_deep', 0 );
			}
			return $this->serialized( $text, $nesting );
		}
		if ( $nesting <= self::MAX_NESTING && preg_match( self::IN_JSON, $text ) ) {
			return $this->json( $text, $nesting );
		}
		return $this->fragments( $text, $nesting );
	}

	/**
	 * Serialized data as a whole. Goes by tokens with a stack of its own, so that depth costs no stack of PHP's.
	 *
	 * @param string $data    Begins like serialized data.
	 * @param int    $nesting In how many strings it stands.
	 * @return string
	 */
	private function serialized( $data, $nesting ) {
		$before = $this->problems;
		$at     = strspn( $data, " \t\n\r\0\x0B" );
		$out    = '';
		$copied = 0;
		// Of each open array or object: how many keys and values are still to come; even: a key is next.
		$open = array();
		do {
			$depth = count( $open );
			if ( $depth > self::MAX_DEPTH ) {
				$this->problems = $before;
				return $this->left( $data, 'too_deep', $at );
			}
			$is_key = $depth > 0 && 0 === $open[ $depth - 1 ] % 2;
			$start  = $at;
			if ( ! preg_match( self::TOKEN, $data, $token, 0, $at ) ) {
				return $this->malformed( $data, $at, $before );
			}
			$at   += strlen( $token[0] );
			$kind  = isset( $token['object'] ) ? $token['object'] : ( isset( $token['text'] ) ? $token['text'] : '' );
			$count = null;
			if ( $is_key && 's' !== $kind && ( ! isset( $token['int'] ) || '' === $token['int'] ) ) {
				return $this->malformed( $data, $start, $before );
			}
			if ( 's' === $kind || 'E' === $kind ) {
				$length = (int) $token['bytes'];
				if ( '";' !== substr( $data, $at + $length, 2 ) ) {
					return $this->malformed( $data, $start, $before );
				}
				$text = substr( $data, $at, $length );
				if ( $is_key || 'E' === $kind ) {
					$this->note_if_concerned( $text, $is_key ? 'key' : 'custom', $start );
				} else {
					$new = $this->value( $text, $nesting + 1 );
					if ( $new !== $text ) {
						$out   .= substr( $data, $copied, $start - $copied ) . 's:' . strlen( $new ) . ':"' . $new . '";';
						$copied = $at + $length + 2;
					}
				}
				$at += $length + 2;
			} elseif ( 'O' === $kind || 'C' === $kind ) {
				$length = (int) $token['name'];
				$name   = substr( $data, $at, $length );
				$at    += $length;
				if ( ! preg_match( self::CLASS_NAME, $name ) || ! preg_match( '~":([0-9]{1,10}):\{~A', $data, $head, 0, $at ) ) {
					return $this->malformed( $data, $start, $before );
				}
				$at += strlen( $head[0] );
				if ( 'O' === $kind ) {
					$count = (int) $head[1];
				} else {
					$length = (int) $head[1];
					if ( '}' !== substr( $data, $at + $length, 1 ) ) {
						return $this->malformed( $data, $start, $before );
					}
					$this->note_if_concerned( substr( $data, $at, $length ), 'custom', $start );
					$at += $length + 1;
				}
			} elseif ( isset( $token['count'] ) && '' !== $token['count'] ) {
				$count = (int) $token['count'];
			}
			if ( $depth > 0 ) {
				--$open[ $depth - 1 ];
			}
			if ( null !== $count ) {
				$open[] = 2 * $count;
			}
			while ( $open && 0 === end( $open ) ) {
				if ( '}' !== substr( $data, $at, 1 ) ) {
					return $this->malformed( $data, $at, $before );
				}
				array_pop( $open );
				++$at;
			}
		} while ( $open );
		if ( strspn( $data, " \t\n\r\0\x0B", $at ) !== strlen( $data ) - $at ) {
			return $this->malformed( $data, $at, $before );
		}
		return $out . substr( $data, $copied );
	}

	/**
	 * A text in which serialized data stand within JSON: those texts are read, rewritten, and written again as they were.
	 *
	 * @param string $text    Any bytes.
	 * @param int    $nesting In how many strings it stands.
	 * @return string
	 */
	private function json( $text, $nesting ) {
		$out = '';
		$at  = 0;
		$end = 0;
		// From one quote to its counterpart; behind one that has none, no text begins.
		for ( $start = strpos( $text, '"' ); false !== $start && preg_match( self::JSON_TEXT, $text, $found, 0, $start ); $start = strpos( $text, '"', $end ) ) { // phpcs:ignore Generic.CodeAnalysis.ForLoopWithTestFunctionCall -- of each turn's own place.
			$literal = $found[0];
			$end     = $start + strlen( $literal );
			if ( ! preg_match( self::IN_JSON, $literal ) || ! $this->rewriter->concerns( $literal ) ) {
				continue;
			}
			$flags = ( false === strpos( $literal, '\/' ) ? JSON_UNESCAPED_SLASHES : 0 )
				| ( preg_match( '~[\x80-\xFF]~', $literal ) ? JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS : 0 );
			$inner = json_decode( $literal );
			if ( ! is_string( $inner ) || json_encode( $inner, $flags ) !== $literal ) { // phpcs:ignore WordPress.WP.AlternativeFunctions.json_encode_json_encode -- compared byte by byte.
				$new = $this->left( $literal, 'json', $start );
			} else {
				$new = json_encode( $this->value( $inner, $nesting + 1 ), $flags ); // phpcs:ignore WordPress.WP.AlternativeFunctions.json_encode_json_encode -- its answer is checked.
				$new = is_string( $new ) ? $new : $this->left( $literal, 'json', $start );
			}
			$out .= $this->fragments( substr( $text, $at, $start - $at ), $nesting ) . $new;
			$at   = $end;
		}
		return $out . $this->fragments( substr( $text, $at ), $nesting );
	}

	/**
	 * A text that isn't serialized as a whole; strings of serialized data in it keep right lengths.
	 *
	 * @param string $text    Any bytes.
	 * @param int    $nesting In how many strings it stands.
	 * @return string
	 */
	private function fragments( $text, $nesting ) {
		$out  = '';
		$done = 0;
		$at   = 0;
		while ( $nesting <= self::MAX_NESTING && preg_match( '~(?<![A-Za-z0-9])s:([0-9]{1,10}):"~', $text, $found, PREG_OFFSET_CAPTURE, $at ) ) {
			$start  = $found[0][1];
			$at     = $start + strlen( $found[0][0] );
			$length = (int) $found[1][0];
			if ( '";' !== substr( $text, $at + $length, 2 ) ) {
				continue;
			}
			$inner = $this->value( substr( $text, $at, $length ), $nesting + 1 );
			$out  .= $this->rewriter->rewrite( substr( $text, $done, $start - $done ) ) . 's:' . strlen( $inner ) . ':"' . $inner . '";';
			$at   += $length + 2;
			$done  = $at;
		}
		return $out . $this->rewriter->rewrite( substr( $text, $done ) );
	}

	/**
	 * Serialized data that can't be read.
	 *
	 * @param string                                       $data   As it is.
	 * @param int                                          $at     Where it can't.
	 * @param array<int, array{code: string, offset: int}> $before Problems of before: those found in it don't matter now.
	 * @return string
	 */
	private function malformed( $data, $at, array $before ) {
		$this->problems = $before;
		return $this->left( $data, 'malformed', $at );
	}

	/**
	 * Notes a problem, and gives the text as it was.
	 *
	 * @param string $text   As it is.
	 * @param string $code   One of problems().
	 * @param int    $offset In bytes.
	 * @return string
	 */
	private function left( $text, $code, $offset ) {
		if ( count( $this->problems ) < self::MAX_PROBLEMS ) {
			$this->problems[] = array(
				'code'   => $code,
				'offset' => $offset,
			);
		}
		return $text;
	}

	/**
	 * Notes a problem if something stays that has a URL.
	 *
	 * @param string $text   What stays.
	 * @param string $code   One of problems().
	 * @param int    $offset In bytes.
	 */
	private function note_if_concerned( $text, $code, $offset ) {
		if ( $this->rewriter->rewrite( $text ) !== $text ) {
			$this->left( $text, $code, $offset );
		}
	}
}
