<?php
/**
 * What a clone's rows were at the source, and what they became: by which a restore finds out who changed what.
 *
 * @package Custom_Migrator
 */

/** `{prefix}cm_base`: a row for each row that counts, with hashes of Custom_Migrator_Row_Hash. */
final class Custom_Migrator_Clone_Base {
	/** Lines of one answer. */
	const LINES = 5000;

	/**
	 * The database.
	 *
	 * @var Custom_Migrator_Database
	 */
	private $database;

	/**
	 * Whole name.
	 *
	 * @var string
	 */
	private $table;

	/**
	 * Writes rows.
	 *
	 * @var Custom_Migrator_Table_Writer
	 */
	private $writer;

	/**
	 * Does nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where the clone is.
	 * @param string                   $prefix   Of its tables.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix ) {
		$this->database = $database;
		$this->table    = $prefix . 'cm_base';
		$this->writer   = new Custom_Migrator_Table_Writer( $database );
	}

	/**
	 * Makes the table anew.
	 *
	 * @param Custom_Migrator_Database $database Where the clone is.
	 * @param string                   $prefix   Of its tables.
	 */
	public static function make( Custom_Migrator_Database $database, $prefix ) {
		$columns = array(
			array(
				'name'     => 'id',
				'type'     => 'bigint',
				'length'   => 20,
				'unsigned' => true,
				'auto'     => true,
			),
			array(
				'name'   => 'tbl',
				'type'   => 'varchar',
				'length' => 64,
				'binary' => true,
			),
			array(
				'name'   => 'row_key',
				'type'   => 'varchar',
				'length' => 160,
				'binary' => true,
			),
			array(
				'name'   => 'source_hash',
				'type'   => 'binary',
				'length' => 16,
			),
			array(
				'name'   => 'copy_hash',
				'type'   => 'binary',
				'length' => 16,
			),
		);
		$key     = array(
			'kind'    => 'primary',
			'name'    => 'PRIMARY',
			'columns' => array( array( 'name' => 'id' ) ),
		);
		$database->schema( 'DROP TABLE IF EXISTS ' . Custom_Migrator_Site_Tables::quoted( $prefix . 'cm_base' ) );
		$database->schema( Custom_Migrator_Table_Sql::create( $prefix . 'cm_base', $columns, array( $key ) ) );
	}

	/**
	 * Notes rows.
	 *
	 * @param string                                             $table Without prefix.
	 * @param array<int, array{0: string, 1: string, 2: string}> $rows  Name, hash at the source and hash here, in hex.
	 */
	public function add( $table, array $rows ) {
		$types  = array(
			'tbl'         => 'varchar',
			'row_key'     => 'varchar',
			'source_hash' => 'binary',
			'copy_hash'   => 'binary',
		);
		$values = array();
		foreach ( $rows as $row ) {
			$values[] = array(
				'tbl'         => $table,
				'row_key'     => $row[0],
				'source_hash' => (string) hex2bin( $row[1] ),
				'copy_hash'   => (string) hex2bin( $row[2] ),
			);
		}
		$this->writer->insert( $this->table, $types, $values );
	}

	/**
	 * What was noted of some tables, from a place on.
	 *
	 * @param string   $of     `base` for what rows were at the source, `copy` for what they became here.
	 * @param string[] $tables Without prefix.
	 * @param int|null $cursor Of the last answer; null begins.
	 * @return array{lines: array<int, array{0: string, 1: string, 2: string}>, cursor: int|null} Table, name and hash in hex.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function lines( $of, array $tables, $cursor = null ) {
		if ( ! $tables ) {
			return array(
				'lines'  => array(),
				'cursor' => null,
			);
		}
		$hash  = 'copy' === $of ? 'copy_hash' : 'source_hash';
		$names = implode( ', ', array_map( array( $this->database, 'quote' ), $tables ) );
		$rows  = $this->database->rows( "SELECT id, tbl, row_key, HEX($hash) FROM " . Custom_Migrator_Site_Tables::quoted( $this->table ) . ' WHERE id > ' . (int) $cursor . " AND tbl IN ($names) ORDER BY id LIMIT " . self::LINES );
		$lines = array();
		foreach ( $rows as $row ) {
			$lines[] = array( (string) $row[1], (string) $row[2], strtolower( (string) $row[3] ) );
			$cursor  = (int) $row[0];
		}
		return array(
			'lines'  => $lines,
			'cursor' => count( $rows ) < self::LINES ? null : $cursor,
		);
	}

	/**
	 * Notes that the clone itself changed an option, which is no change that somebody made.
	 *
	 * @param string $name  Of the option.
	 * @param string $value As it is now.
	 */
	public function option( $name, $value ) {
		$types = array(
			'option_name'  => 'varchar',
			'option_value' => 'longtext',
		);
		$row   = array(
			'option_name'  => $name,
			'option_value' => $value,
		);
		$hash  = Custom_Migrator_Row_Hash::of( 'options', $types, $row );
		$this->database->run( 'UPDATE ' . Custom_Migrator_Site_Tables::quoted( $this->table ) . " SET copy_hash = X'$hash' WHERE tbl = 'options' AND row_key = " . $this->database->quote( $name ) );
	}
}
