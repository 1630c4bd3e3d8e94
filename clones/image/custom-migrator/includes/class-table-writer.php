<?php
/**
 * Writes rows into a table, many with one statement.
 *
 * @package Custom_Migrator
 */

/**
 * A statement has about `BYTES` of values, or one row. When the database refuses a value of one, its rows go one by one, so that one bad
 * row costs no other: what doesn't fit (a text that SQLite let become too long, a key that this collation takes for one that
 * is there) is fitted in as MySQL does outside of strict mode, or left out; problems() counts both.
 */
final class Custom_Migrator_Table_Writer {
	/** Of one statement, in bytes: a quarter of the smallest packet that MySQL takes by default (4 MB, 5.7). */
	const BYTES = 1048576;

	/**
	 * The database.
	 *
	 * @var Custom_Migrator_Database
	 */
	private $database;

	/**
	 * For rows that are too long for one statement.
	 *
	 * @var Custom_Migrator_Long_Values
	 */
	private $long;

	/**
	 * How often each happened, of the rows that were inserted last.
	 *
	 * @var array<string, int>
	 */
	private $problems = array();

	/**
	 * Writes nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where to.
	 */
	public function __construct( Custom_Migrator_Database $database ) {
		$this->database = $database;
		$this->long     = new Custom_Migrator_Long_Values( $database );
	}

	/**
	 * Inserts rows; in a transaction of the caller's.
	 *
	 * @param string                                 $table Whole name.
	 * @param array<string, string>                  $types Neutral types of the columns by name, in their order.
	 * @param array<int, array<string, string|null>> $rows  Values by name, each of all columns.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function insert( $table, array $types, array $rows ) {
		$this->problems = array();
		$into           = ' INTO ' . Custom_Migrator_Site_Tables::quoted( $table ) . ' (' . implode( ', ', array_map( array( 'Custom_Migrator_Site_Tables', 'quoted' ), array_map( 'strval', array_keys( $types ) ) ) ) . ') VALUES ';
		$values         = '';
		$first          = 0;
		foreach ( $rows as $index => $row ) {
			$literal = $this->literals( $types, $row );
			if ( '' !== $values && strlen( $values ) + strlen( $literal ) > self::BYTES ) {
				$this->statement( $into, $values, $types, array_slice( $rows, $first, $index - $first ) );
				$values = '';
				$first  = $index;
			}
			if ( $this->long->is_too_long( strlen( $literal ) ) ) {
				unset( $literal );
				$this->long_row( $into, $types, $row );
				$first = $index + 1;
				continue;
			}
			$values .= '' === $values ? $literal : ', ' . $literal;
		}
		if ( '' !== $values ) {
			$this->statement( $into, $values, $types, array_slice( $rows, $first ) );
		}
	}

	/**
	 * What couldn't be written as it came, of the last insert().
	 *
	 * @return array<string, int> How many by code: `row_fitted`, `row_left_out`.
	 */
	public function problems() {
		return $this->problems;
	}

	/**
	 * A value as a literal of its column.
	 *
	 * @param string      $type  Neutral.
	 * @param string|null $value As it was read.
	 * @return string
	 */
	public function literal( $type, $value ) {
		if ( null === $value ) {
			return 'NULL';
		}
		if ( in_array( $type, Custom_Migrator_Table_Export::BYTES, true ) ) {
			return "X'" . bin2hex( $value ) . "'";
		}
		// A text would be taken for its bytes.
		return 'bit' === $type && ctype_digit( $value ) ? $value : $this->database->quote( $value );
	}

	/**
	 * Runs one statement; if it is refused, one for each row.
	 *
	 * @param string                                 $into   Table and columns.
	 * @param string                                 $values Literals of all rows.
	 * @param array<string, string>                  $types  As for insert().
	 * @param array<int, array<string, string|null>> $rows   The same rows.
	 */
	private function statement( $into, $values, array $types, array $rows ) {
		try {
			$this->database->run( "INSERT$into$values" );
			return;
		} catch ( Custom_Migrator_Error $error ) {
			self::of_value( $error );
			unset( $values );
		}
		foreach ( $rows as $row ) {
			$this->row( $into, $this->literals( $types, $row ) );
		}
	}

	/**
	 * Inserts one row, fitted in if it must be.
	 *
	 * @param string $into    Table and columns.
	 * @param string $literal The row in brackets.
	 */
	private function row( $into, $literal ) {
		try {
			$this->database->run( "INSERT$into$literal" );
		} catch ( Custom_Migrator_Error $error ) {
			self::of_value( $error );
			$ignore                  = 'sqlite' === $this->database->kind() ? 'INSERT OR IGNORE' : 'INSERT IGNORE';
			$code                    = $this->database->run( "$ignore$into$literal" ) > 0 ? 'row_fitted' : 'row_left_out';
			$this->problems[ $code ] = 1 + ( isset( $this->problems[ $code ] ) ? $this->problems[ $code ] : 0 );
		}
	}

	/**
	 * Lets an error pass that is about a row's values: others, such as a deadlock, may have undone the rows before.
	 *
	 * @param Custom_Migrator_Error $error Of the database.
	 * @throws Custom_Migrator_Error Any other.
	 */
	private static function of_value( Custom_Migrator_Error $error ) {
		if ( 'DATABASE_VALUE' !== $error->name() ) {
			throw $error;
		}
	}

	/**
	 * Runs the statements of a row that is too long for one.
	 *
	 * @param string                     $into  Table and columns.
	 * @param array<string, string>      $types As for insert().
	 * @param array<string, string|null> $row   Values by name.
	 */
	private function long_row( $into, array $types, array $row ) {
		$count    = 0;
		$literals = array();
		foreach ( $types as $name => $type ) {
			$value      = $row[ $name ];
			$is_long    = null !== $value && strlen( $value ) > Custom_Migrator_Long_Values::SHORT;
			$literals[] = $is_long ? $this->long->handed_over( $count++, $value, ! in_array( $type, Custom_Migrator_Table_Export::BYTES, true ) ) : $this->literal( $type, $value );
		}
		$this->row( $into, '(' . implode( ', ', $literals ) . ')' );
		$this->long->forget( $count );
	}

	/**
	 * A row as literals in brackets.
	 *
	 * @param array<string, string>      $types As for insert().
	 * @param array<string, string|null> $row   Values by name.
	 * @return string
	 */
	private function literals( array $types, array $row ) {
		$literals = array();
		foreach ( $types as $name => $type ) {
			$literals[] = $this->literal( $type, $row[ $name ] );
		}
		return '(' . implode( ', ', $literals ) . ')';
	}
}
