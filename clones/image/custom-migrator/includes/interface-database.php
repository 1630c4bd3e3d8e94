<?php
/**
 * As much of a database as the plugin needs: WordPress' own object in production, PDO in tests.
 *
 * @package Custom_Migrator
 */

/** MySQL, MariaDB, or SQLite behind WordPress' drop-in. */
interface Custom_Migrator_Database {
	/**
	 * All rows of a query.
	 *
	 * @param string $sql Complete statement.
	 * @return array<int, array<int, string|null>> Values in the order of the columns.
	 * @throws Custom_Migrator_Error `DATABASE` with the database's own words.
	 */
	public function rows( $sql );

	/**
	 * A text as a literal, with its quotes.
	 *
	 * @param string $text In the connection's character set.
	 * @return string
	 */
	public function quote( $text );

	/**
	 * An expression that counts a value's bytes: MySQL's LENGTH() does, SQLite's counts characters.
	 *
	 * @param string $expression Of SQL.
	 * @return string
	 */
	public function byte_length( $expression );
}
