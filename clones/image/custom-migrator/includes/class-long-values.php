<?php
/**
 * Values that are longer than what MySQL takes in one statement.
 *
 * @package Custom_Migrator
 */

/**
 * Hands a value over in parts, into a variable of the session, and the row takes it from there. A statement that is longer than
 * max_allowed_packet would end the connection. What is longer than that by itself can't be written at all; PHP's and MySQL's
 * defaults let no site write such a value.
 */
final class Custom_Migrator_Long_Values {
	/** Bytes of a value in one statement; as hex digits, they are twice as many. */
	const PART = 524288;

	/** Values that aren't worth it, in bytes. */
	const SHORT = 65536;

	/**
	 * The database.
	 *
	 * @var Custom_Migrator_Database
	 */
	private $database;

	/**
	 * Longest statement in bytes; 0 until somebody asks.
	 *
	 * @var int
	 */
	private $most = 0;

	/**
	 * Of the connection; texts are converted from their bytes by it.
	 *
	 * @var string
	 */
	private $charset = 'utf8mb4';

	/**
	 * Asks nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where to.
	 */
	public function __construct( Custom_Migrator_Database $database ) {
		$this->database = $database;
	}

	/**
	 * Whether a statement with so many bytes of values can't go at once.
	 *
	 * @param int $bytes Of all literals.
	 * @return bool
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function is_too_long( $bytes ) {
		if ( $bytes < Custom_Migrator_Table_Writer::BYTES || 'mysql' !== $this->database->kind() ) {
			return false;
		}
		if ( 0 === $this->most ) {
			$row           = $this->database->rows( 'SELECT @@max_allowed_packet, @@character_set_connection' )[0];
			$this->most    = (int) $row[0];
			$this->charset = (string) preg_replace( '~[^a-z0-9_]~i', '', (string) $row[1] );
		}
		// A page for the names and the protocol.
		return $bytes > $this->most - 8192;
	}

	/**
	 * Hands a value over.
	 *
	 * @param int    $number  Of the value in its row.
	 * @param string $value   Any bytes.
	 * @param bool   $is_text Otherwise, bytes.
	 * @return string Expression that stands for it, until the next one of this number.
	 * @throws Custom_Migrator_Error `DATABASE`, `DATABASE_PACKET`.
	 */
	public function handed_over( $number, $value, $is_text ) {
		$name = '@cm_long_' . (int) $number;
		$this->database->run( "SET $name = X''" );
		$length = strlen( $value );
		for ( $at = 0; $at < $length; $at += self::PART ) {
			$this->database->run( "SET $name = CONCAT($name, X'" . bin2hex( substr( $value, $at, self::PART ) ) . "')" );
		}
		if ( (string) $length !== $this->database->rows( "SELECT LENGTH($name)" )[0][0] ) {
			throw new Custom_Migrator_Error( 'DATABASE_PACKET', "max_allowed_packet: got $this->most; a value of $length bytes is longer. Raise it on the database's server, then go on." );
		}
		return $is_text ? "CONVERT($name USING $this->charset)" : $name;
	}

	/**
	 * Forgets the values of a row.
	 *
	 * @param int $count How many were handed over.
	 */
	public function forget( $count ) {
		for ( $number = 0; $number < $count; ++$number ) {
			$this->database->run( "SET @cm_long_$number = NULL" );
		}
	}
}
