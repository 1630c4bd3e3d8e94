<?php
/**
 * Puts new tables in the place of a site's, and back.
 *
 * @package Custom_Migrator
 */

/**
 * MySQL does all renames of one RENAME TABLE or none; SQLite those of one transaction. What is to be done is read off the
 * tables that are there, so that each call may be repeated after a kill at any point: a new table that is still there wasn't
 * put in place, a saved one that is there wasn't put back.
 *
 * A plan is a list of `name` (without prefix), `number`, `has_new` (false: the table only goes away), `had_live`.
 */
final class Custom_Migrator_Table_Swap {
	/** What the drop-in for SQLite knows of tables, by its own tables; each has TABLE_NAME. */
	const BOOKS = array( 'tables', 'columns', 'statistics', 'table_constraints', 'referential_constraints', 'key_column_usage' );

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
	 * Does nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where the site is.
	 * @param string                   $prefix   Of its tables.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix ) {
		$this->database = $database;
		$this->prefix   = $prefix;
	}

	/**
	 * New tables become the site's, and the site's are saved.
	 *
	 * @param array<int, array<string, mixed>> $plan What to swap.
	 * @throws Custom_Migrator_Error `DATABASE`; then nothing happened.
	 */
	public function swap( array $plan ) {
		$there   = $this->there();
		$renames = array();
		foreach ( $plan as $entry ) {
			list( $live, $new, $saved ) = $this->names( $entry );
			$is_next                    = $entry['has_new'] ? isset( $there[ $new ] ) : true;
			if ( $is_next && isset( $there[ $live ] ) && ! isset( $there[ $saved ] ) ) {
				$renames[] = array( $live, $saved );
			}
			if ( $entry['has_new'] && $is_next ) {
				$renames[] = array( $new, $live );
			}
		}
		$this->rename( $renames );
	}

	/**
	 * Saved tables become the site's again; what was new waits to be dropped.
	 *
	 * @param array<int, array<string, mixed>> $plan What was swapped.
	 * @throws Custom_Migrator_Error `DATABASE`; then nothing happened.
	 */
	public function unswap( array $plan ) {
		$there   = $this->there();
		$renames = array();
		foreach ( $plan as $entry ) {
			list( $live, $new, $saved ) = $this->names( $entry );
			$is_back                    = $entry['had_live'] ? ! isset( $there[ $saved ] ) : isset( $there[ $new ] );
			if ( $is_back ) {
				continue;
			}
			if ( isset( $there[ $live ] ) && ! isset( $there[ $new ] ) ) {
				$renames[] = array( $live, $new );
			}
			if ( $entry['had_live'] ) {
				$renames[] = array( $saved, $live );
			}
		}
		$this->rename( $renames );
	}

	/**
	 * Whether the new tables are the site's.
	 *
	 * @param array<int, array<string, mixed>> $plan What to swap.
	 * @return bool
	 */
	public function is_swapped( array $plan ) {
		$there = $this->there();
		foreach ( $plan as $entry ) {
			list( , $new, $saved ) = $this->names( $entry );
			if ( $entry['has_new'] ? isset( $there[ $new ] ) : ! isset( $there[ $saved ] ) ) {
				return false;
			}
		}
		return array() !== $plan;
	}

	/**
	 * Drops tables of the plugin's.
	 *
	 * @param string[] $names Without prefix; `cm_…`.
	 */
	public function drop( array $names ) {
		foreach ( $names as $name ) {
			if ( 0 === strpos( $name, 'cm_' ) ) {
				$this->database->schema( 'DROP TABLE IF EXISTS ' . Custom_Migrator_Site_Tables::quoted( $this->prefix . $name ) );
			}
		}
	}

	/**
	 * All tables that are there.
	 *
	 * @return array<string, bool> By whole name.
	 */
	private function there() {
		$rows = $this->database->schema( "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'" );
		return array_fill_keys( array_map( 'strval', array_column( $rows, 0 ) ), true );
	}

	/**
	 * Whole names of a table: the site's, the new one, the saved one.
	 *
	 * @param array<string, mixed> $entry Of a plan.
	 * @return string[]
	 */
	private function names( array $entry ) {
		return array( $this->prefix . $entry['name'], $this->prefix . 'cm_n' . (int) $entry['number'], $this->prefix . 'cm_o' . (int) $entry['number'] );
	}

	/**
	 * All of these renames, or none.
	 *
	 * @param array<int, array{0: string, 1: string}> $renames Old and new names, in the order in which they are possible.
	 */
	private function rename( array $renames ) {
		if ( ! $renames ) {
			return;
		}
		if ( 'mysql' === $this->database->kind() ) {
			$parts = array();
			foreach ( $renames as $pair ) {
				$parts[] = Custom_Migrator_Site_Tables::quoted( $pair[0] ) . ' TO ' . Custom_Migrator_Site_Tables::quoted( $pair[1] );
			}
			$this->database->run( 'RENAME TABLE ' . implode( ', ', $parts ) );
			return;
		}
		$this->database->transaction(
			function () use ( $renames ) {
				foreach ( $renames as $pair ) {
					$this->rename_in_sqlite( $pair[0], $pair[1] );
				}
			}
		);
	}

	/**
	 * One table of SQLite's, with its indexes, whose names are unique in a database, and what the drop-in's books say of it:
	 * the drop-in can't rename.
	 *
	 * @param string $from Whole name.
	 * @param string $to   Whole name.
	 */
	private function rename_in_sqlite( $from, $to ) {
		$indexes = array();
		foreach ( $this->database->rows( 'PRAGMA index_list(' . Custom_Migrator_Site_Tables::quoted( $from ) . ')' ) as $row ) {
			// `c`: made by CREATE INDEX; the others belong to the table itself.
			if ( 'c' === $row[3] && 0 === strpos( (string) $row[1], $from . '__' ) ) {
				$indexes[ (string) $row[1] ] = $this->index_columns( (string) $row[1], '1' === $row[2] );
			}
		}
		foreach ( array_keys( $indexes ) as $index ) {
			$this->database->run( 'DROP INDEX ' . Custom_Migrator_Site_Tables::quoted( (string) $index ) );
		}
		$this->database->run( 'ALTER TABLE ' . Custom_Migrator_Site_Tables::quoted( $from ) . ' RENAME TO ' . Custom_Migrator_Site_Tables::quoted( $to ) );
		foreach ( $indexes as $index => $parts ) {
			$this->database->run( $parts[0] . Custom_Migrator_Site_Tables::quoted( $to . substr( (string) $index, strlen( $from ) ) ) . ' ON ' . Custom_Migrator_Site_Tables::quoted( $to ) . " ($parts[1])" );
		}
		foreach ( self::BOOKS as $book ) {
			$this->database->run( "UPDATE _wp_sqlite_mysql_information_schema_$book SET TABLE_NAME = " . $this->database->quote( $to ) . ' WHERE TABLE_NAME = ' . $this->database->quote( $from ) );
		}
	}

	/**
	 * What an index of SQLite's is made of.
	 *
	 * @param string $index     Its name.
	 * @param bool   $is_unique Whether the same may come once only.
	 * @return array{0: string, 1: string} The statement up to its name, and the columns.
	 */
	private function index_columns( $index, $is_unique ) {
		$columns = array();
		foreach ( $this->database->rows( 'PRAGMA index_xinfo(' . Custom_Migrator_Site_Tables::quoted( $index ) . ')' ) as $row ) {
			if ( '1' === $row[5] ) {
				$columns[] = Custom_Migrator_Site_Tables::quoted( (string) $row[2] ) . ( '1' === $row[3] ? ' DESC' : '' );
			}
		}
		return array( $is_unique ? 'CREATE UNIQUE INDEX ' : 'CREATE INDEX ', implode( ', ', $columns ) );
	}
}
