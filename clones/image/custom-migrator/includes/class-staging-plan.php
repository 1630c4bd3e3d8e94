<?php
/**
 * Decides what becomes of which table in an import.
 *
 * @package Custom_Migrator
 */

/** Looks at the site's tables as they are. */
final class Custom_Migrator_Staging_Plan {
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
	 * The import.
	 *
	 * @var array<string, mixed>
	 */
	private $job;

	/**
	 * The site's tables.
	 *
	 * @var Custom_Migrator_Site_Tables
	 */
	private $site;

	/**
	 * Does nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where the site is.
	 * @param string                   $prefix   Of its tables.
	 * @param array<string, mixed>     $job      As Custom_Migrator_Staged_Tables has it.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix, array $job ) {
		$this->database = $database;
		$this->prefix   = $prefix;
		$this->job      = $job;
		$this->site     = new Custom_Migrator_Site_Tables( $database, $prefix );
	}

	/**
	 * The target's own form of a table, if a restore's rows fit into it.
	 *
	 * @param string                $name  Without prefix.
	 * @param array<string, string> $types Of the archive's columns.
	 * @return array{columns: array<int, array<string, mixed>>, keys: array<int, array<string, mixed>>}|null
	 */
	public function own_form( $name, array $types ) {
		if ( $this->is_clone() || ! $this->site->has( $name ) ) {
			return null;
		}
		try {
			$form = $this->site->describe( $name );
		} catch ( Custom_Migrator_Error $error ) {
			return null;
		}
		return array_diff_key( $types, array_column( $form['columns'], 'type', 'name' ) ) ? null : $form;
	}

	/**
	 * Which tables are swapped: all new ones; a clone's own that the source hasn't go away.
	 *
	 * @param array<string, array<string, mixed>> $asked  New tables by name without prefix, each with `number`.
	 * @param int                                 $number First that no table has.
	 * @return array<int, array<string, mixed>> As Custom_Migrator_Table_Swap takes it.
	 */
	public function swaps( array $asked, $number ) {
		$plan = array();
		foreach ( $asked as $name => $entry ) {
			$plan[] = array(
				'name'     => (string) $name,
				'number'   => $entry['number'],
				'has_new'  => true,
				'had_live' => $this->site->has( $name ),
			);
		}
		$live = $this->is_clone() ? array_merge( $this->site->names( $this->job['scopes'] ), $this->site->left_out() ) : array();
		foreach ( array_diff( $live, array_map( 'strval', array_keys( $asked ) ) ) as $name ) {
			$plan[] = array(
				'name'     => $name,
				'number'   => $number++,
				'has_new'  => false,
				'had_live' => true,
			);
		}
		return $plan;
	}

	/**
	 * A number that no table has.
	 *
	 * @param int[] $taken Numbers that are taken whether tables have them or not.
	 * @return int
	 */
	public function next_number( array $taken ) {
		$highest = 0;
		foreach ( $this->site->own() as $name ) {
			$highest = max( $highest, (int) substr( $name, strlen( 'cm_n' ) ) );
		}
		return 1 + max( array_merge( array( $highest ), $taken ) );
	}

	/**
	 * Collation of new tables: as WordPress' own here have it.
	 *
	 * @return string Empty for the server's default.
	 */
	public function collation() {
		$rows      = 'mysql' === $this->database->kind() ? $this->database->schema( 'SELECT TABLE_COLLATION FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ' . Custom_Migrator_Table_Sql::literal( $this->prefix . 'options' ) ) : array();
		$collation = $rows ? (string) $rows[0][0] : '';
		return 0 === strpos( $collation, 'utf8mb4_' ) ? $collation : '';
	}

	/**
	 * Whether a clone is made; otherwise, a site gets something back.
	 *
	 * @return bool
	 */
	private function is_clone() {
		return 'clone' === $this->job['mode'];
	}
}
