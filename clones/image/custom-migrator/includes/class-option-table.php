<?php
/**
 * Options in a table that isn't WordPress' current one.
 *
 * @package Custom_Migrator
 */

/** What get_option() and update_option() do for the table of a site that is still being made. */
final class Custom_Migrator_Option_Table {
	/** Names in one statement. */
	const NAMES = 200;

	/**
	 * The database.
	 *
	 * @var Custom_Migrator_Database
	 */
	private $database;

	/**
	 * Quoted name.
	 *
	 * @var string
	 */
	private $table;

	/**
	 * Reads nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where it is.
	 * @param string                   $table    Whole name.
	 */
	public function __construct( Custom_Migrator_Database $database, $table ) {
		$this->database = $database;
		$this->table    = Custom_Migrator_Site_Tables::quoted( $table );
	}

	/**
	 * Names of all options.
	 *
	 * @return string[]
	 */
	public function names() {
		return array_map( 'strval', array_column( $this->database->rows( "SELECT option_name FROM $this->table" ), 0 ) );
	}

	/**
	 * An option's value.
	 *
	 * @param string $name Of the option.
	 * @return string|null As it is kept; null if there is none.
	 */
	public function get( $name ) {
		$rows = $this->database->rows( "SELECT option_value FROM $this->table WHERE option_name = " . $this->database->quote( $name ) );
		return $rows ? (string) $rows[0][0] : null;
	}

	/**
	 * Sets an option.
	 *
	 * @param string $name  Of the option.
	 * @param string $value As it is kept.
	 */
	public function set( $name, $value ) {
		$literal = $this->database->quote( $value );
		if ( null !== $this->get( $name ) ) {
			$this->database->run( "UPDATE $this->table SET option_value = $literal WHERE option_name = " . $this->database->quote( $name ) );
			return;
		}
		// 'yes' is what every version understands.
		$this->database->run( "INSERT INTO $this->table (option_name, option_value, autoload) VALUES (" . $this->database->quote( $name ) . ", $literal, 'yes')" );
	}

	/**
	 * Removes options.
	 *
	 * @param string[] $names Of the options.
	 */
	public function remove( array $names ) {
		foreach ( array_chunk( $names, self::NAMES ) as $some ) {
			$this->database->run( "DELETE FROM $this->table WHERE option_name IN (" . $this->literals( $some ) . ')' );
		}
	}

	/**
	 * Takes options over from another table, whatever stood here.
	 *
	 * @param string   $other Whole name of the other table.
	 * @param string[] $names Of the options.
	 */
	public function take( $other, array $names ) {
		$this->remove( $names );
		$from = Custom_Migrator_Site_Tables::quoted( $other );
		foreach ( array_chunk( $names, self::NAMES ) as $some ) {
			$this->database->run( "INSERT INTO $this->table (option_name, option_value, autoload) SELECT option_name, option_value, autoload FROM $from WHERE option_name IN (" . $this->literals( $some ) . ')' );
		}
	}

	/**
	 * Names as literals.
	 *
	 * @param string[] $names Of options.
	 * @return string
	 */
	private function literals( array $names ) {
		return implode( ', ', array_map( array( $this->database, 'quote' ), $names ) );
	}
}
