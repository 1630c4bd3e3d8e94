<?php
/**
 * As much of a database as the plugin needs: WordPress' own object in production, PDO in tests.
 *
 * @package Custom_Migrator
 */

/**
 * MySQL, MariaDB, or SQLite behind WordPress' drop-in.
 *
 * The drop-in translates MySQL's SQL, and keeps books about tables that SQLite doesn't know (types, lengths of indexes). So
 * tables are made and described in MySQL's words everywhere, by schema(), and rows are read and written in the engine's own
 * words, by rows() and run(): a translator neither changes them nor costs time and memory for megabytes of values.
 */
interface Custom_Migrator_Database {
	/**
	 * All rows of a query.
	 *
	 * @param string $sql Complete statement, in words of MySQL and SQLite alike.
	 * @return array<int, array<int, string|null>> Values in the order of the columns.
	 * @throws Custom_Migrator_Error `DATABASE` with the number of the database's error; never with a statement, which has content.
	 */
	public function rows( $sql );

	/**
	 * Runs a statement that answers no rows.
	 *
	 * @param string $sql Complete statement of the engine's own.
	 * @return int How many rows it concerned.
	 * @throws Custom_Migrator_Error `DATABASE`; `DATABASE_VALUE` if it was refused for a value, and the transaction goes on.
	 */
	public function run( $sql );

	/**
	 * Runs a statement of MySQL's about tables: CREATE TABLE, DROP TABLE, SHOW, or a SELECT from information_schema.
	 *
	 * @param string $sql Complete statement of MySQL's.
	 * @return array<int, array<int, string|null>> Rows, if it answers any.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function schema( $sql );

	/**
	 * All or nothing; inside of another one, a part of it. On MySQL, whatever makes or drops a table ends it.
	 *
	 * @param callable $work Without parameters.
	 * @return mixed What it returns.
	 * @throws Exception What it throws, after nothing of it happened.
	 */
	public function transaction( $work );

	/**
	 * Whose words run() takes.
	 *
	 * @return string `mysql` (MariaDB as well) or `sqlite`.
	 */
	public function kind();

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
