<?php
/**
 * Turns the URLs of one site into those of another, in every form in which WordPress and its plugins write them down.
 *
 * @package Custom_Migrator
 */

/**
 * One regular expression finds all forms in one pass, so that nothing is replaced twice:
 *
 * - `http:` and `https:`, with and without `www.`, and without a scheme (`//shop.example.com`);
 * - slashes as they are, escaped once or more often by JSON (`\/`, `\\\/`, `\u002F`), URL-encoded once or more often in
 *   either case (`%2F`, `%2f`, `%252F`), and as HTML's references (`&#47;`, `&#x2F;`). The answer is written as was found.
 *
 * Longer URLs win: with `/shop` and `/` mapped, `/shop/cart` follows the first. A URL ends where it does: neither
 * `shop.example.community`, `shop.example.com.au`, `shop.example.com:8080` nor `/shopping` are ours. E-mail addresses and
 * names of hosts without slashes stay. A target's own URLs stay as well, so that doing it twice is as good as once, even if
 * the target lies below the source. Hosts are found whatever their case, paths as they are. Works on bytes, not characters:
 * a text needn't be UTF-8. Time is linear in the text.
 */
class Custom_Migrator_Url_Rewriter {
	/** A slash: of a text, of JSON (up to four times escaped: 15 backslashes), of a URL (up to four times), of HTML. */
	const SLASH = '\\\\{0,15}+/|%(?:25){0,3}2[Ff]|\\\\{1,15}+u002[Ff]|&\\#0{0,4}47;|&\\#[xX]0{0,4}2[Ff];';

	/** A colon in the same forms. */
	const COLON = ':|%(?:25){0,3}3[Aa]|\\\\{1,15}+u003[Aa]|&\\#0{0,4}58;|&\\#[xX]0{0,4}3[Aa];';

	/** What goes on after a host makes it another host, another port, or the name of a user before an `@`. */
	const HOST_ENDS = '(?!-*[A-Za-z0-9_@])(?!\.[A-Za-z0-9_-])(?!(?&colon)[0-9])(?!%40)';

	/**
	 * What goes on after a path makes it another path: letters, digits and encoded ones, but no punctuation of other scripts,
	 * which ends a URL in running text.
	 */
	const PATH_ENDS = '(?!-*[A-Za-z0-9_\x7E@])(?!\.[A-Za-z0-9_-])(?!%(?:25)*(?:3[0-9]|[4-9A-Fa-f][0-9A-Fa-f]))(?!(?!\xE2\x80|\xE3\x80|\xC2[\xA0\xAB\xBB])[\x80-\xFF])';

	/**
	 * By number of the mark in the pattern: scheme, host with port, and path of what stands there afterwards; null stays.
	 *
	 * @var array<int, array{0: string, 1: string, 2: string, 3: string}|null>
	 */
	private $targets = array();

	/**
	 * Every host that can be found: what has none of them needs no look.
	 *
	 * @var string[]
	 */
	private $hosts = array();

	/**
	 * The regular expression of all forms.
	 *
	 * @var string
	 */
	private $pattern = '';

	/**
	 * Learns what becomes what.
	 *
	 * @param array<string, string> $urls New URL by old one, such as home, site and upload URL; without query or fragment.
	 * @throws Custom_Migrator_Error `URL_INVALID` for what is no http(s) URL of a site.
	 */
	public function __construct( array $urls ) {
		$entries = array();
		foreach ( $urls as $from => $to ) {
			$old                    = self::parts( $from );
			$entries[ $old['key'] ] = array( $old, self::parts( $to ) );
		}
		$given = $entries;
		foreach ( $given as $pair ) {
			$entries += array( $pair[1]['key'] => array( $pair[1], null ) );
		}
		foreach ( $given as $pair ) {
			$other    = self::other_www( $pair[0] );
			$entries += array( $other['key'] => array( $other, $pair[1] ) );
		}
		$this->compile( $entries );
	}

	/**
	 * Whether there may be something to rewrite; cheap.
	 *
	 * @param string $text Any bytes.
	 * @return bool
	 */
	public function concerns( $text ) {
		foreach ( $this->hosts as $host ) {
			if ( false !== stripos( $text, $host ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Rewrites a text that isn't serialized; for whatever may be, there is Custom_Migrator_Serialized_Walker.
	 *
	 * @param string $text Any bytes.
	 * @return string
	 * @throws Custom_Migrator_Error `URL_REWRITE` if PHP's limits for regular expressions end it; nothing is half done.
	 */
	public function rewrite( $text ) {
		if ( ! $this->concerns( $text ) ) {
			return $text;
		}
		$result = preg_replace_callback( $this->pattern, array( $this, 'replacement' ), $text );
		if ( null === $result ) {
			throw new Custom_Migrator_Error( 'URL_REWRITE', 'a text: PCRE ended with ' . preg_last_error() . '. Raise pcre.backtrack_limit.' );
		}
		return $result;
	}

	/**
	 * What stands in the place of one match.
	 *
	 * @param array<string|int, string> $found Groups of the match, and its mark.
	 * @return string
	 */
	private function replacement( array $found ) {
		$target = $this->targets[ (int) $found['MARK'] ];
		if ( null === $target ) {
			return $found[0];
		}
		list( $scheme, $host, $port, $path ) = $target;
		$slash                               = $found['s'];
		$start                               = '' === $found['scheme'] ? '' : $scheme . $found['colon'];
		if ( '' !== $port ) {
			$port = ( '' === $found['colon'] ? self::colon_like( $slash ) : $found['colon'] ) . $port;
		}
		if ( '%' === $slash[0] ) {
			// Once for each time that the slash was encoded.
			for ( $times = 1 + substr_count( $slash, '25' ); $times > 0; --$times ) {
				$path = implode( '/', array_map( 'rawurlencode', explode( '/', $path ) ) );
			}
		}
		return $start . $slash . $slash . $host . $port . str_replace( '/', $slash, $path );
	}

	/**
	 * Makes the pattern and what its marks mean.
	 *
	 * @param array<string, array{0: array<string, string>, 1: array<string, string>|null}> $entries Old and new by old key.
	 */
	private function compile( array $entries ) {
		uasort(
			$entries,
			static function ( $one, $other ) {
				return strlen( $other[0]['key'] ) - strlen( $one[0]['key'] );
			}
		);
		$choices = array();
		foreach ( array_values( $entries ) as $mark => $pair ) {
			list( $old, $new )      = $pair;
			$this->hosts[]          = $old['host'];
			$this->targets[ $mark ] = null === $new ? null : array( $new['scheme'], $new['host'], $new['port'], $new['path'] );
			$choices[]              = self::choice( $old ) . '(*MARK:' . $mark . ')';
		}
		$this->hosts   = array_values( array_unique( $this->hosts ) );
		$this->pattern = '~(?(DEFINE)(?<colon_form>' . self::COLON . '))'
			// No boundary before the scheme: in JSON and in URLs a letter stands there (`\nhttps:`, `%3Dhttps%3A`).
			. '(?:(?<scheme>(?i:https?))(?<colon>' . self::COLON . ')|(?<![:/])(?<!%3[Aa])(?<!%253[Aa])(?<!u003[Aa])(?<!58;)(?<!3[Aa];))'
			. '(?<s>' . self::SLASH . ')\k<s>(?:' . str_replace( '(?&colon)', '(?&colon_form)', implode( '|', $choices ) ) . ')~';
	}

	/**
	 * The pattern of a host with its port and path, up to where it ends.
	 *
	 * @param array<string, string> $old Parts of a URL.
	 * @return string
	 */
	private static function choice( array $old ) {
		// The ports that a scheme has anyway may be written out.
		$port = '' === $old['port'] ? '(?:(?&colon)(?:80|443)(?![0-9]))?+' : '(?&colon)' . $old['port'] . '(?![0-9])';
		$host = '(?i:' . preg_quote( $old['host'], '~' ) . ')' . $port;
		if ( '' === $old['path'] ) {
			return $host . self::HOST_ENDS;
		}
		$path = '';
		foreach ( explode( '/', substr( $old['path'], 1 ) ) as $segment ) {
			$forms = array_unique( array( $segment, rawurlencode( $segment ), rawurlencode( rawurlencode( $segment ) ) ) );
			$path .= '\k<s>(?:' . implode( '|', array_map( array( __CLASS__, 'quoted' ), $forms ) ) . ')';
		}
		return $host . $path . self::PATH_ENDS;
	}

	/**
	 * For array_map().
	 *
	 * @param string $text Any text.
	 * @return string
	 */
	private static function quoted( $text ) {
		return preg_quote( $text, '~' );
	}

	/**
	 * The colon in the form of a slash, for URLs without a scheme.
	 *
	 * @param string $slash As found.
	 * @return string
	 */
	private static function colon_like( $slash ) {
		return '%' === $slash[0] ? substr( $slash, 0, -2 ) . '3' . ( 'F' === substr( $slash, -1 ) ? 'A' : 'a' ) : ':';
	}

	/**
	 * A site's URL in its parts; the port is empty where it is the scheme's own, the path where it is the root.
	 *
	 * @param string $url URL of a site.
	 * @return array<string, string>
	 * @throws Custom_Migrator_Error `URL_INVALID`.
	 */
	private static function parts( $url ) {
		if ( ! preg_match( '~^(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?(/[^?#\s\x00-\x20"<>\\\\]*)?$~Di', $url, $found ) ) {
			throw new Custom_Migrator_Error( 'URL_INVALID', 'a site: is no http or https URL without user, query and fragment. Give the home URL as WordPress has it.' );
		}
		$scheme = strtolower( $found[1] );
		$port   = isset( $found[3] ) ? ltrim( $found[3], '0' ) : '';
		if ( ( 'http' === $scheme ? '80' : '443' ) === $port ) {
			$port = '';
		}
		$parts        = array(
			'scheme' => $scheme,
			'host'   => strtolower( $found[2] ),
			'port'   => $port,
			'path'   => isset( $found[4] ) ? rtrim( $found[4], '/' ) : '',
		);
		$parts['key'] = self::key( $parts );
		return $parts;
	}

	/**
	 * The same URL with `www.`, or without it where it has it. An address has none: it stays.
	 *
	 * @param array<string, string> $parts Of a URL.
	 * @return array<string, string>
	 */
	private static function other_www( array $parts ) {
		if ( ! preg_match( '~^[0-9.]+$~', $parts['host'] ) ) {
			$parts['host'] = 0 === strpos( $parts['host'], 'www.' ) ? substr( $parts['host'], 4 ) : 'www.' . $parts['host'];
			$parts['key']  = self::key( $parts );
		}
		return $parts;
	}

	/**
	 * What makes a URL the same whatever its scheme.
	 *
	 * @param array<string, string> $parts Of a URL.
	 * @return string
	 */
	private static function key( array $parts ) {
		return $parts['host'] . ':' . $parts['port'] . $parts['path'];
	}
}
