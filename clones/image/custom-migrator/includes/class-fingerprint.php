<?php
/**
 * What a site's tables say, row by row, without saying it: to find out what changed.
 *
 * @package Custom_Migrator
 */

/** Goes through a table as the export does, so that a slice goes on where the last one ended. */
final class Custom_Migrator_Fingerprint {
	/**
	 * The database.
	 *
	 * @var Custom_Migrator_Database
	 */
	private $database;

	/**
	 * Of the site's tables.
	 *
	 * @var string
	 */
	private $prefix;

	/**
	 * The site's tables.
	 *
	 * @var Custom_Migrator_Site_Tables
	 */
	private $site;

	/**
	 * Numbers of users whom only a clone has, as keys; null until somebody asks.
	 *
	 * @var array<string, bool>|null
	 */
	private $clone_admins = null;

	/**
	 * Does nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where the site is.
	 * @param string                   $prefix   Of its tables.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix ) {
		$this->database = $database;
		$this->prefix   = $prefix;
		$this->site     = new Custom_Migrator_Site_Tables( $database, $prefix );
	}

	/**
	 * A batch of a table's rows that count.
	 *
	 * @param string                    $table  Without prefix.
	 * @param array<string, mixed>|null $cursor Of the last batch; null begins.
	 * @return array{lines: array<int, array{0: string, 1: string}>, cursor: array<string, mixed>|null} Name and hash of each
	 *                                                                       row; the cursor is null behind the last.
	 * @throws Custom_Migrator_Error `DATABASE`, `EXPORT_CURSOR`, `TABLE_FORM`.
	 */
	public function rows( $table, $cursor = null ) {
		$lines = array();
		if ( Custom_Migrator_Row_Rules::is_volatile_table( $table ) ) {
			return array(
				'lines'  => $lines,
				'cursor' => null,
			);
		}
		$form  = $this->site->describe( $table );
		$types = array_column( $form['columns'], 'type', 'name' );
		$names = array_keys( $types );
		$key   = Custom_Migrator_Row_Hash::key_columns( $table, $form['columns'], $form['keys'] );
		$batch = ( new Custom_Migrator_Table_Export( $this->database, $this->prefix . $table, $form['columns'], $form['keys'] ) )->batch( $cursor );
		foreach ( $batch['rows'] as $values ) {
			$row = array_combine( $names, $values );
			if ( ! Custom_Migrator_Row_Rules::is_volatile( $table, $row ) && ! $this->is_of_clone_admin( $table, $row ) ) {
				$hash    = Custom_Migrator_Row_Hash::of( $table, $types, $row );
				$lines[] = array( Custom_Migrator_Row_Hash::name( $row, $key, $this->prefix, $hash ), $hash );
			}
		}
		return array(
			'lines'  => $lines,
			'cursor' => $batch['cursor'],
		);
	}

	/**
	 * What a clone noted of some tables while it was made: nothing on a site that is none.
	 *
	 * @param string   $of     `base` for what rows were at the source, `copy` for what they became here.
	 * @param string[] $tables Without prefix.
	 * @param int|null $cursor Of the last answer; null begins.
	 * @return array{lines: array<int, array{0: string, 1: string, 2: string}>, cursor: int|null} Table, name and hash.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function noted( $of, array $tables, $cursor = null ) {
		if ( ! $this->site->has( 'cm_base' ) ) {
			return array(
				'lines'  => array(),
				'cursor' => null,
			);
		}
		return ( new Custom_Migrator_Clone_Base( $this->database, $this->prefix ) )->lines( $of, $tables, $cursor );
	}

	/**
	 * Whether a row belongs to a clone's own administrator, who never goes back.
	 *
	 * @param string                     $table Without prefix.
	 * @param array<string, string|null> $row   Values by column.
	 * @return bool
	 */
	private function is_of_clone_admin( $table, array $row ) {
		$column = array(
			'users'    => 'ID',
			'usermeta' => 'user_id',
		);
		if ( ! isset( $column[ $table ], $row[ $column[ $table ] ] ) ) {
			return false;
		}
		if ( null === $this->clone_admins ) {
			$rows               = $this->database->rows( 'SELECT user_id FROM ' . Custom_Migrator_Site_Tables::quoted( $this->prefix . 'usermeta' ) . ' WHERE meta_key = ' . $this->database->quote( Custom_Migrator_Clone_Setup::MARK ) );
			$this->clone_admins = array_fill_keys( array_column( $rows, 0 ), true );
		}
		return isset( $this->clone_admins[ $row[ $column[ $table ] ] ] );
	}
}
