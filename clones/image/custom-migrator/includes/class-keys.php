<?php
/**
 * Who may ask the plugin for something.
 *
 * @package Custom_Migrator
 */

/**
 * A key is 32 random bytes, known to whoever asked for it; the site has its SHA-256 only. A clone's own comes by environment
 * or constant. A hash without salt is right here: nobody guesses 256 random bits.
 */
final class Custom_Migrator_Keys {
	/** Option with a JSON list of `sha256` and `expires` (seconds since 1970). */
	const OPTION = 'custom_migrator_keys';

	/** Keys at once, at most; the oldest goes. */
	const MOST = 16;

	/** Seconds that a key lives: a long copy, and the window for going back. */
	const LIFE_SECONDS = 86400;

	/** Shortest key that is accepted, in characters: an empty variable must open nothing. */
	const SHORTEST = 16;

	/**
	 * Makes a key.
	 *
	 * @return array{key: string, expires: string} The key is shown this once; `expires` is a time of ISO 8601.
	 */
	public static function make() {
		$key     = bin2hex( random_bytes( 32 ) );
		$expires = time() + self::LIFE_SECONDS;
		$keys    = array_slice( self::alive(), 1 - self::MOST );
		$keys[]  = array(
			'sha256'  => hash( 'sha256', $key ),
			'expires' => $expires,
		);
		update_option( self::OPTION, (string) wp_json_encode( $keys ), false );
		return array(
			'key'     => $key,
			'expires' => gmdate( 'Y-m-d\TH:i:s\Z', $expires ),
		);
	}

	/**
	 * Takes over keys of other options than the site has now.
	 *
	 * @param string $json The option's text, as it was.
	 */
	public static function keep( $json ) {
		$alive = self::alive();
		$keys  = array_merge( $alive, self::alive( $json ) );
		$keys  = array_slice( array_values( array_column( $keys, null, 'sha256' ) ), - self::MOST );
		if ( $keys !== $alive ) {
			update_option( self::OPTION, (string) wp_json_encode( $keys ), false );
		}
	}

	/**
	 * Whether a key opens this site.
	 *
	 * @param mixed $key As it came.
	 * @return bool
	 */
	public static function accepts( $key ) {
		if ( ! is_string( $key ) || strlen( $key ) < self::SHORTEST ) {
			return false;
		}
		$hash  = hash( 'sha256', $key );
		$found = false;
		// All of them, whichever fits: time tells nothing.
		foreach ( self::hashes() as $known ) {
			$found = hash_equals( $known, $hash ) || $found;
		}
		return $found;
	}

	/**
	 * Hashes of all keys that are good now.
	 *
	 * @return string[]
	 */
	private static function hashes() {
		$hashes = array_column( self::alive(), 'sha256' );
		$own    = defined( 'MIGRATION_API_KEY' ) ? MIGRATION_API_KEY : getenv( 'MIGRATION_API_KEY' );
		if ( is_string( $own ) && strlen( $own ) >= self::SHORTEST ) {
			$hashes[] = hash( 'sha256', $own );
		}
		if ( defined( 'CUSTOM_MIGRATOR_KEY_SHA256' ) && preg_match( '~^[0-9a-f]{64}$~Di', (string) CUSTOM_MIGRATOR_KEY_SHA256 ) ) {
			$hashes[] = strtolower( CUSTOM_MIGRATOR_KEY_SHA256 );
		}
		return $hashes;
	}

	/**
	 * Keys of the option that haven't expired.
	 *
	 * @param string|null $json The option's text; null for what the site has.
	 * @return array<int, array{sha256: string, expires: int}>
	 */
	private static function alive( $json = null ) {
		$keys = json_decode( null === $json ? (string) get_option( self::OPTION, '[]' ) : $json, true );
		return array_values(
			array_filter(
				is_array( $keys ) ? $keys : array(),
				static function ( $key ) {
					return is_array( $key ) && isset( $key['sha256'], $key['expires'] ) && is_string( $key['sha256'] ) && $key['expires'] > time();
				}
			)
		);
	}
}
