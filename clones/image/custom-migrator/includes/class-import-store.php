<?php
/**
 * What an import knows about itself, in a table, so that it changes together with the rows.
 *
 * @package Custom_Migrator
 */

/**
 * `{prefix}cm_import`: a JSON text for each job and part; B's REST keeps `import`, the tables keep `tables`. Saved in a
 * transaction of the database with the rows that came, it tells after a kill exactly what is there.
 */
final class Custom_Migrator_Import_Store {
	/** Names of jobs: they become names of folders, too. */
	const JOB = '~^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$~D';

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
	 * Whether the table is there for sure.
	 *
	 * @var bool
	 */
	private $is_there = false;

	/**
	 * Does nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where the site is.
	 * @param string                   $prefix   Of its tables.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix ) {
		$this->database = $database;
		$this->table    = $prefix . 'cm_import';
	}

	/**
	 * What was saved of a job.
	 *
	 * @param string $job  Name of the job.
	 * @param string $part Which part of it.
	 * @return array<string, mixed>|null Null if there is nothing.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function load( $job, $part = 'import' ) {
		if ( ! $this->has_table() ) {
			return null;
		}
		$rows = $this->database->rows( 'SELECT data FROM ' . Custom_Migrator_Site_Tables::quoted( $this->table ) . ' WHERE ' . $this->place( $job, $part ) );
		$data = $rows ? json_decode( (string) $rows[0][0], true ) : null;
		return is_array( $data ) ? $data : null;
	}

	/**
	 * Saves a part of a job. The first save of a site makes the table: not in a transaction, which that would end on MySQL.
	 *
	 * @param string               $job  Name of the job.
	 * @param array<string, mixed> $data What JSON can hold; texts in UTF-8.
	 * @param string               $part Which part of it.
	 * @throws Custom_Migrator_Error `DATABASE`, `IMPORT_JOB` for a name that can't be one.
	 */
	public function save( $job, array $data, $part = 'import' ) {
		if ( ! preg_match( self::JOB, $job ) ) {
			throw new Custom_Migrator_Error( 'IMPORT_JOB', 'job: is no name of letters, digits, - and _, up to 64. Name the job so.' );
		}
		if ( ! $this->has_table() ) {
			$this->make_table();
		}
		$quoted = Custom_Migrator_Site_Tables::quoted( $this->table );
		$json   = $this->database->quote( (string) json_encode( $data, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE ) ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- plain PHP in tests.
		$this->database->transaction(
			function () use ( $quoted, $json, $job, $part ) {
				$this->database->run( "DELETE FROM $quoted WHERE " . $this->place( $job, $part ) );
				$this->database->run( "INSERT INTO $quoted (job, part, data) VALUES (" . $this->database->quote( $job ) . ', ' . $this->database->quote( $part ) . ", $json)" );
			}
		);
	}

	/**
	 * Forgets a job, or a part of it.
	 *
	 * @param string      $job  Name of the job.
	 * @param string|null $part Which part; null for all.
	 */
	public function forget( $job, $part = null ) {
		if ( $this->has_table() ) {
			$where = null === $part ? 'job = ' . $this->database->quote( $job ) : $this->place( $job, $part );
			$this->database->run( 'DELETE FROM ' . Custom_Migrator_Site_Tables::quoted( $this->table ) . " WHERE $where" );
		}
	}

	/**
	 * All jobs that something is saved of.
	 *
	 * @return string[] Sorted.
	 */
	public function jobs() {
		return $this->has_table() ? array_column( $this->database->rows( 'SELECT DISTINCT job FROM ' . Custom_Migrator_Site_Tables::quoted( $this->table ) . ' ORDER BY job' ), 0 ) : array();
	}

	/**
	 * Whether the table is there.
	 *
	 * @return bool
	 */
	private function has_table() {
		if ( ! $this->is_there ) {
			$this->is_there = array() !== $this->database->schema( 'SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ' . Custom_Migrator_Table_Sql::literal( $this->table ) );
		}
		return $this->is_there;
	}

	/** Makes the table. */
	private function make_table() {
		$columns = array(
			array(
				'name'   => 'job',
				'type'   => 'varchar',
				'length' => 64,
				'binary' => true,
			),
			array(
				'name'   => 'part',
				'type'   => 'varchar',
				'length' => 20,
				'binary' => true,
			),
			array(
				'name' => 'data',
				'type' => 'longtext',
			),
		);
		$key     = array(
			'kind'    => 'primary',
			'name'    => 'PRIMARY',
			'columns' => array( array( 'name' => 'job' ), array( 'name' => 'part' ) ),
		);
		$this->database->schema( Custom_Migrator_Table_Sql::create( $this->table, $columns, array( $key ) ) );
		$this->is_there = true;
	}

	/**
	 * Condition of one row.
	 *
	 * @param string $job  Name of the job.
	 * @param string $part Which part of it.
	 * @return string
	 */
	private function place( $job, $part ) {
		return 'job = ' . $this->database->quote( $job ) . ' AND part = ' . $this->database->quote( $part );
	}
}
