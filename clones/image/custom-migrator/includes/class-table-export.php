<?php
/**
 * Reads a table in batches of bounded size, each where the last one ended.
 *
 * @package Custom_Migrator
 */

/**
 * Goes by the table's key: `WHERE key > last ORDER BY key LIMIT n`. However far, a batch costs the same, and rows that come or
 * go meanwhile neither hide nor repeat others. The key is the primary one, or a unique one without NULLs; of types that
 * compare as they sort: an enum sorts by its number and compares as a text, a float isn't what its digits say.
 *
 * Without such a key, rows are counted (`OFFSET`) in the order of all columns: slower with every batch, and right only while
 * nobody writes; is_steady() tells. Where columns may be long, the lengths are asked for first, so that a batch holds
 * `bytes` and not more, or one row.
 *
 * The session's time zone should be UTC: a column of type timestamp repeats an hour where clocks go back.
 */
class Custom_Migrator_Table_Export {
	/** `bytes` of a batch's values, at most, unless one row has more; `rows` of a batch. */
	const DEFAULTS = array(
		'bytes' => 1048576,
		'rows'  => 500,
	);

	/** Types whose values can't be long. A varchar can't be longer than a row, 65,535 bytes. */
	const SHORT = array( 'tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double', 'bit', 'date', 'datetime', 'timestamp', 'time', 'year', 'enum', 'set' );

	/** Types of keys that compare as they sort: by number, by text, by bytes. */
	const NUMBERS = array( 'tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year' );
	const TEXTS   = array( 'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'date', 'datetime', 'timestamp' );
	const BYTES   = array( 'binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob' );

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
	 * Types of all columns by name.
	 *
	 * @var array<string, string>
	 */
	private $types = array();

	/**
	 * Names of the key's columns; empty if there is none to go by.
	 *
	 * @var string[]
	 */
	private $key = array();

	/**
	 * Bounds of a batch.
	 *
	 * @var array{bytes: int, rows: int}
	 */
	private $bounds;

	/**
	 * Reads nothing yet.
	 *
	 * @param Custom_Migrator_Database         $database Where the table is.
	 * @param string                           $table    Whole name, with its prefix.
	 * @param array<int, array<string, mixed>> $columns  As Custom_Migrator_Archive_Rules::table() has them, in order.
	 * @param array<int, array<string, mixed>> $keys     The same.
	 * @param array<string, int>               $bounds   Instead of DEFAULTS.
	 */
	public function __construct( Custom_Migrator_Database $database, $table, array $columns, array $keys, array $bounds = array() ) {
		$this->database = $database;
		$this->table    = self::name( $table );
		$this->bounds   = $bounds + self::DEFAULTS;
		$nullable       = array();
		foreach ( $columns as $column ) {
			$this->types[ $column['name'] ] = $column['type'];
			$nullable[ $column['name'] ]    = ! empty( $column['nullable'] );
		}
		foreach ( array( 'primary', 'unique' ) as $kind ) {
			foreach ( $keys as $key ) {
				$names = array_column( $key['columns'], 'name' );
				if ( ! $this->key && $kind === $key['kind'] && ! array_filter( array_intersect_key( $nullable, array_flip( $names ) ) ) && ! array_filter( $names, array( $this, 'is_unfit' ) ) ) {
					$this->key = $names;
				}
			}
		}
	}

	/**
	 * Whether rows are neither lost nor repeated while others write.
	 *
	 * @return bool
	 */
	public function is_steady() {
		return array() !== $this->key;
	}

	/**
	 * The rows behind a place; none at the end.
	 *
	 * @param array<string, mixed>|null $cursor Of the last batch; null begins.
	 * @return array{rows: array<int, array<int, string|null>>, cursor: array<string, mixed>|null} The cursor can be JSON; null
	 *                                                                                             behind the last row.
	 * @throws Custom_Migrator_Error `DATABASE`, `EXPORT_CURSOR`.
	 */
	public function batch( $cursor = null ) {
		$rest  = $this->rest( $cursor );
		$limit = $this->bounds['rows'];
		if ( array_diff( $this->types, self::SHORT ) ) {
			$limit = $this->rows_within_bounds( $rest, $cursor );
		}
		$rows = 0 === $limit ? array() : $this->select( array_map( array( __CLASS__, 'name' ), array_keys( $this->types ) ), $rest, $limit, $cursor );
		return array(
			'rows'   => $rows,
			'cursor' => $rows ? $this->cursor( $rows, $cursor ) : null,
		);
	}

	/**
	 * How many of the next rows are within the bounds; one at least, if there is one.
	 *
	 * @param string                    $rest   Condition of the rows that are left.
	 * @param array<string, mixed>|null $cursor Where to begin.
	 * @return int
	 */
	private function rows_within_bounds( $rest, $cursor ) {
		$lengths = array();
		foreach ( array_keys( $this->types ) as $name ) {
			$lengths[] = 'COALESCE(' . $this->database->byte_length( self::name( $name ) ) . ', 0)';
		}
		$count = 0;
		$bytes = 0;
		foreach ( $this->select( array( implode( ' + ', $lengths ) ), $rest, $this->bounds['rows'], $cursor ) as $row ) {
			$bytes += (int) $row[0];
			if ( $count > 0 && $bytes > $this->bounds['bytes'] ) {
				break;
			}
			++$count;
		}
		return $count;
	}

	/**
	 * Some rows in order.
	 *
	 * @param string[]                  $what   Expressions.
	 * @param string                    $rest   Condition of the rows that are left, or empty.
	 * @param int                       $limit  Rows at most.
	 * @param array<string, mixed>|null $cursor Where to begin.
	 * @return array<int, array<int, string|null>>
	 */
	private function select( array $what, $rest, $limit, $cursor ) {
		$order  = array_map( array( __CLASS__, 'name' ), $this->key ? $this->key : array_keys( $this->types ) );
		$offset = ! $this->key && null !== $cursor ? ' OFFSET ' . (int) $cursor['offset'] : '';
		return $this->database->rows( 'SELECT ' . implode( ', ', $what ) . " FROM $this->table" . ( '' === $rest ? '' : " WHERE $rest" ) . ' ORDER BY ' . implode( ', ', $order ) . " LIMIT $limit$offset" );
	}

	/**
	 * The condition of the rows behind a place. `a >= 1 AND (a > 1 OR (a = 1 AND b > 2))`: the first part says nothing new, but
	 * MySQL finds the place in the index by it.
	 *
	 * @param array<string, mixed>|null $cursor The place.
	 * @return string
	 * @throws Custom_Migrator_Error `EXPORT_CURSOR`.
	 */
	private function rest( $cursor ) {
		if ( null !== $cursor && ( $this->key ? ! isset( $cursor['key'] ) || count( $cursor['key'] ) !== count( $this->key ) : ! isset( $cursor['offset'] ) ) ) {
			throw new Custom_Migrator_Error( 'EXPORT_CURSOR', "table $this->table: the place to go on from is of another form; its keys were changed. Begin this table anew." );
		}
		if ( null === $cursor || ! $this->key ) {
			return '';
		}
		$ways   = array();
		$before = '';
		foreach ( $this->key as $index => $name ) {
			$value   = $this->literal( $name, (string) base64_decode( $cursor['key'][ $index ], true ) ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- keys may be bytes, which JSON can't carry.
			$column  = self::name( $name );
			$ways[]  = "($before$column > $value)";
			$before .= "$column = $value AND ";
			$first   = isset( $first ) ? $first : "$column >= $value";
		}
		return "$first AND (" . implode( ' OR ', $ways ) . ')';
	}

	/**
	 * The place behind the last of some rows.
	 *
	 * @param array<int, array<int, string|null>> $rows   One at least.
	 * @param array<string, mixed>|null           $cursor Where they began.
	 * @return array<string, mixed>
	 */
	private function cursor( array $rows, $cursor ) {
		if ( ! $this->key ) {
			return array( 'offset' => count( $rows ) + ( null === $cursor ? 0 : (int) $cursor['offset'] ) );
		}
		$last   = end( $rows );
		$places = array_flip( array_keys( $this->types ) );
		$key    = array();
		foreach ( $this->key as $name ) {
			$key[] = base64_encode( (string) $last[ $places[ $name ] ] ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- keys may be bytes, which JSON can't carry.
		}
		return array( 'key' => $key );
	}

	/**
	 * A value of a column as a literal that compares as the column sorts.
	 *
	 * @param string $name  Of the column.
	 * @param string $value As it was read.
	 * @return string
	 * @throws Custom_Migrator_Error `EXPORT_CURSOR`.
	 */
	private function literal( $name, $value ) {
		if ( in_array( $this->types[ $name ], self::BYTES, true ) ) {
			return "X'" . bin2hex( $value ) . "'";
		}
		if ( in_array( $this->types[ $name ], self::TEXTS, true ) ) {
			return $this->database->quote( $value );
		}
		if ( ! preg_match( '~^-?[0-9]+(?:\.[0-9]+)?$~D', $value ) ) {
			throw new Custom_Migrator_Error( 'EXPORT_CURSOR', "table $this->table: the place to go on from is no number. Begin this table anew." );
		}
		return $value;
	}

	/**
	 * Whether a column's type doesn't compare as it sorts.
	 *
	 * @param string $name Of the column.
	 * @return bool
	 */
	private function is_unfit( $name ) {
		return ! isset( $this->types[ $name ] ) || ! in_array( $this->types[ $name ], array_merge( self::NUMBERS, self::TEXTS, self::BYTES ), true );
	}

	/**
	 * A quoted name, as MySQL and SQLite take it.
	 *
	 * @param string $name Any.
	 * @return string
	 */
	private static function name( $name ) {
		return '`' . str_replace( '`', '``', $name ) . '`';
	}
}
