<?php
/**
 * Statements of SQLite's own, on the connection that WordPress' drop-in has open.
 *
 * @package Custom_Migrator
 */

/** What production and tests need alike of PDO and SQLite. */
final class Custom_Migrator_Sqlite_Statements {
	/**
	 * All rows of a query, as MySQL answers them: texts or null.
	 *
	 * @param PDO    $pdo Connection to SQLite.
	 * @param string $sql Complete statement.
	 * @return array<int, array<int, string|null>>
	 */
	public static function rows( PDO $pdo, $sql ) { // phpcs:ignore WordPress.DB.RestrictedClasses -- the drop-in's own connection.
		$rows      = array();
		$statement = $pdo->query( $sql );
		for ( $row = $statement->fetch( PDO::FETCH_NUM ); false !== $row; $row = $statement->fetch( PDO::FETCH_NUM ) ) { // phpcs:ignore WordPress.DB.RestrictedClasses -- the drop-in's own connection.
			$rows[] = array_map( array( __CLASS__, 'text' ), $row );
		}
		return $rows;
	}

	/**
	 * A text as a literal. SQLite's literals end at a zero byte, so such a text comes as its bytes.
	 *
	 * @param string $text Any bytes.
	 * @return string
	 */
	public static function quote( $text ) {
		if ( false !== strpos( $text, "\0" ) ) {
			return "CAST(X'" . bin2hex( $text ) . "' AS TEXT)";
		}
		return "'" . str_replace( "'", "''", $text ) . "'";
	}

	/**
	 * A value as text.
	 *
	 * @param string|int|float|null $value As PDO has it.
	 * @return string|null
	 */
	private static function text( $value ) {
		if ( is_float( $value ) ) {
			// Fifteen digits: more would tell the difference between 19.9 and its nearest binary number.
			return 0.0 + (int) $value === $value && abs( $value ) < 1e15 ? (string) (int) $value : rtrim( sprintf( '%.15G', $value ) );
		}
		return null === $value ? null : (string) $value;
	}
}
