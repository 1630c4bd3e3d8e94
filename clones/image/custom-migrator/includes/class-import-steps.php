<?php
/**
 * What is done to new tables when all rows are there.
 *
 * @package Custom_Migrator
 */

/** Either a clone's or a restore's steps, and whether WordPress has to upgrade the database. */
final class Custom_Migrator_Import_Steps {
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
	}

	/**
	 * All steps, in a transaction of the caller's.
	 *
	 * @param array<string, string> $tables Whole names of the new tables by name without prefix.
	 * @return bool Whether WordPress has to upgrade the database afterwards.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function prepare( array $tables ) {
		if ( 'clone' === $this->job['mode'] ) {
			$this->clone_steps( $tables );
		} else {
			$this->restore_steps( $tables );
		}
		return $this->version( $tables );
	}

	/**
	 * A clone's.
	 *
	 * @param array<string, string> $tables As for prepare().
	 */
	private function clone_steps( array $tables ) {
		$setup = new Custom_Migrator_Clone_Setup( $this->database, $this->prefix, $this->job );
		if ( isset( $tables['options'] ) ) {
			$setup->options( $tables['options'] );
			$options = new Custom_Migrator_Option_Table( $this->database, $tables['options'] );
			( new Custom_Migrator_Clone_Base( $this->database, $this->prefix ) )->option( 'active_plugins', (string) $options->get( 'active_plugins' ) );
		}
		if ( isset( $tables['users'], $tables['usermeta'] ) ) {
			$setup->admin( $tables['users'], $tables['usermeta'] );
		}
	}

	/**
	 * A restore's.
	 *
	 * @param array<string, string> $tables As for prepare().
	 */
	private function restore_steps( array $tables ) {
		$merge = new Custom_Migrator_Restore_Merge( $this->database, $this->prefix );
		if ( isset( $tables['options'] ) ) {
			$merge->options( $tables['options'], $this->job['scopes'] );
		}
		if ( isset( $tables['posts'] ) ) {
			$merge->guids( $tables['posts'] );
		}
		if ( isset( $tables['users'], $tables['usermeta'] ) ) {
			$merge->users( $tables['users'], $tables['usermeta'] );
		} elseif ( isset( $tables['posts'] ) ) {
			$merge->authors( $tables['posts'] );
		}
	}

	/**
	 * The version by which WordPress sees a clone's tables: they have the source's form. Of an older one, WordPress upgrades
	 * them. Of a newer one they stay, nothing makes them older; but WordPress must take them for its own, or it sends whoever
	 * logs in to an upgrade. A restore's tables have the target's form, and so its version.
	 *
	 * @param array<string, string> $tables As for prepare().
	 * @return bool Whether WordPress has to upgrade them.
	 */
	private function version( array $tables ) {
		$own = (int) $this->job['db_version'];
		if ( 'clone' !== $this->job['mode'] || ! isset( $tables['options'] ) || 0 === $own ) {
			return false;
		}
		$options = new Custom_Migrator_Option_Table( $this->database, $tables['options'] );
		$their   = (int) $options->get( 'db_version' );
		if ( $their > $own ) {
			$options->set( 'db_version', (string) $own );
		}
		return $their < $own;
	}
}
