<?php
/**
 * What the plugin gives out to get it back unchanged: where an export or a list goes on.
 *
 * @package Custom_Migrator
 */

/** `payload.signature`, both as base64url. Signed, not secret: it has places, and no content but keys of tables. */
final class Custom_Migrator_Ticket {
	/**
	 * Key of the signature.
	 *
	 * @var string
	 */
	private $secret;

	/**
	 * For what: a ticket of one purpose is none for another.
	 *
	 * @var string
	 */
	private $purpose;

	/**
	 * Knows a site's secret.
	 *
	 * @param string $secret  Of the site, such as its salts.
	 * @param string $purpose Of these tickets.
	 */
	public function __construct( $secret, $purpose ) {
		$this->secret  = hash_hmac( 'sha256', 'custom-migrator ticket', $secret, true );
		$this->purpose = $purpose;
	}

	/**
	 * Writes one.
	 *
	 * @param array<string, mixed> $data For JSON.
	 * @return string
	 */
	public function write( array $data ) {
		$payload = self::encode( (string) json_encode( $data, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ) ); // phpcs:ignore WordPress.WP.AlternativeFunctions.json_encode_json_encode -- must fail, not repair.
		return $payload . '.' . self::encode( $this->signature( $payload ) );
	}

	/**
	 * Reads one.
	 *
	 * @param mixed $ticket As it came.
	 * @return array<string, mixed>
	 * @throws Custom_Migrator_Error `EXPORT_TICKET`.
	 */
	public function read( $ticket ) {
		$parts = is_string( $ticket ) && strlen( $ticket ) <= Custom_Migrator_Archive_Format::MAX_TICKET ? explode( '.', $ticket ) : array();
		$data  = 2 === count( $parts ) && hash_equals( self::encode( $this->signature( $parts[0] ) ), $parts[1] )
			? json_decode( (string) base64_decode( strtr( $parts[0], '-_', '+/' ), true ), true, 32 ) : null; // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- a text of JSON for a header-safe ticket.
		if ( ! is_array( $data ) ) {
			throw new Custom_Migrator_Error( 'EXPORT_TICKET', 'ticket: is none of this site, or the salts of the site were changed since. Begin anew, without a ticket.' );
		}
		return $data;
	}

	/**
	 * The signature of a payload.
	 *
	 * @param string $payload As written.
	 * @return string Raw bytes.
	 */
	private function signature( $payload ) {
		return hash_hmac( 'sha256', $this->purpose . '.' . $payload, $this->secret, true );
	}

	/**
	 * Base64 without signs that mean something elsewhere.
	 *
	 * @param string $bytes Any.
	 * @return string
	 */
	private static function encode( $bytes ) {
		return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- no obfuscation.
	}
}
