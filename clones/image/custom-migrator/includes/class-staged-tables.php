<?php
/**
 * An import's new tables: made next to the site's, filled while rows come, put in their place at once.
 *
 * @package Custom_Migrator
 */

/**
 * `cm_n<number>` is a new table, `cm_o<number>` one that was replaced, `cm_base` what a clone's rows were at the source. All
 * that this class knows is saved with the job (Custom_Migrator_Import_Store, part `tables`); a call may be repeated after a
 * kill at any point. Numbers are never used twice while a table has them, so that two imports don't meet.
 *
 * A restore makes a table by the target's own form where the rows fit into it: collations, defaults and indexes stay as the
 * target's WordPress and plugins made them. Everything else gets the form in the archive.
 */
final class Custom_Migrator_Staged_Tables {
	/** Where a job's tables are; `own` is this site's `home`, `siteurl` and `uploads_url`, if they differ from `url`'s. */
	const DEFAULTS = array(
		'mode'       => 'restore',
		'scopes'     => array(),
		'anonymize'  => false,
		'admin'      => null,
		'own'        => null,
		'db_version' => '',
	);

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
	 * Keeps the state.
	 *
	 * @var Custom_Migrator_Import_Store
	 */
	private $store;

	/**
	 * Decides what becomes of which table.
	 *
	 * @var Custom_Migrator_Staging_Plan
	 */
	private $plan;

	/**
	 * Renames tables.
	 *
	 * @var Custom_Migrator_Table_Swap
	 */
	private $swap;

	/**
	 * What is known; all of it can be JSON.
	 *
	 * @var array<string, mixed>
	 */
	private $state;

	/**
	 * What becomes of rows; made when the first come.
	 *
	 * @var Custom_Migrator_Row_Intake|null
	 */
	private $intake = null;

	/**
	 * Begins, or goes on.
	 *
	 * @param Custom_Migrator_Database $database Where the site is.
	 * @param string                   $prefix   Of its tables.
	 * @param array<string, mixed>     $job      `job`, `url`, `site` (the manifest's), and instead of DEFAULTS `mode` (`clone`
	 *                                           or `restore`), `scopes`, `anonymize`, `admin`, `own`, `db_version` (this site's).
	 * @throws Custom_Migrator_Error `DATABASE`, `URL_INVALID`, `IMPORT_JOB`, `IMPORT_ANONYMIZED` for a restore of what was
	 *                               made unreadable in the clone.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix, array $job ) {
		$this->database = $database;
		$this->prefix   = $prefix;
		$this->job      = $job + self::DEFAULTS;
		$this->store    = new Custom_Migrator_Import_Store( $database, $prefix );
		$this->swap     = new Custom_Migrator_Table_Swap( $database, $prefix );
		if ( null === $this->job['own'] ) {
			$this->job['own'] = array();
		}
		$this->job['own'] += array(
			'home'    => $this->job['url'],
			'siteurl' => $this->job['url'],
		);
		$this->plan        = new Custom_Migrator_Staging_Plan( $database, $prefix, $this->job );
		$state             = $this->store->load( $this->job['job'], 'tables' );
		$this->state       = null !== $state ? $state : array(
			'tables'        => array(),
			'plan'          => null,
			'salt'          => bin2hex( random_bytes( 32 ) ),
			'has_base'      => false,
			'prepared'      => false,
			'closed'        => false,
			'needs_upgrade' => false,
			'problems'      => array(),
		);
		if ( ! $this->is_clone() && ! empty( $this->job['site']['anonymized'] ) && array_intersect( array( 'content', 'users' ), $this->job['scopes'] ) ) {
			throw new Custom_Migrator_Error( 'IMPORT_ANONYMIZED', 'scopes: the clone has no persons any more, and content and users would bring that to the target. Restore uploads, plugins, themes or options.' );
		}
	}

	/**
	 * Makes a new table, empty even if it is there: no row of it was saved before this was.
	 *
	 * @param array<string, mixed> $head `table`, `columns`, `keys`, as the archive's reader hands them on.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function create( array $head ) {
		$name     = $head['table'];
		$is_asked = array() !== array_intersect( Custom_Migrator_Site_Tables::scopes_of( $name ), $this->job['scopes'] );
		$types    = array_column( $head['columns'], 'type', 'name' );
		$form     = $is_asked ? $this->plan->own_form( $name, $types ) : null;
		$number   = isset( $this->state['tables'][ $name ] ) ? $this->state['tables'][ $name ]['number'] : $this->plan->next_number( array_column( $this->state['tables'], 'number' ) );

		$this->state['tables'][ $name ] = array(
			'number' => $number,
			'types'  => $types,
			// The types of the table itself, in which values are written.
			'into'   => null === $form ? $types : array_intersect_key( array_column( $form['columns'], 'type', 'name' ) + $types, $types ),
			'bounds' => array_column( $head['columns'], 'length', 'name' ),
			'key'    => Custom_Migrator_Row_Hash::key_columns( $name, $head['columns'], $head['keys'] ),
			'asked'  => $is_asked,
		);
		$this->save();
		if ( ! $is_asked ) {
			return;
		}
		if ( $this->is_clone() && ! $this->state['has_base'] ) {
			Custom_Migrator_Clone_Base::make( $this->database, $this->prefix );
			$this->state['has_base'] = true;
			$this->save();
		}
		$new = $this->prefix . 'cm_n' . $number;
		$this->swap->drop( array( 'cm_n' . $number ) );
		if ( null !== $form && 'mysql' === $this->database->kind() ) {
			$this->database->schema( 'CREATE TABLE ' . Custom_Migrator_Site_Tables::quoted( $new ) . ' LIKE ' . Custom_Migrator_Site_Tables::quoted( $this->prefix . $name ) );
			$this->database->schema( 'ALTER TABLE ' . Custom_Migrator_Site_Tables::quoted( $new ) . ' ENGINE=InnoDB' );
			return;
		}
		$form = null === $form ? $head : $form;
		$this->database->schema( Custom_Migrator_Table_Sql::create( $new, $form['columns'], $form['keys'], $this->plan->collation() ) );
	}

	/**
	 * Takes rows, in a transaction of the caller's together with its own state.
	 *
	 * @param string                              $table Without prefix; create() was called for it.
	 * @param array<int, array<int, string|null>> $rows  Values in the order of the columns.
	 * @throws Custom_Migrator_Error `DATABASE`, `URL_REWRITE`, `IMPORT_TABLE` for a table that wasn't created.
	 */
	public function insert( $table, array $rows ) {
		if ( ! isset( $this->state['tables'][ $table ] ) ) {
			throw new Custom_Migrator_Error( 'IMPORT_TABLE', "table $table: has rows before its form came. Begin the import anew." );
		}
		$entry = $this->state['tables'][ $table ];
		if ( ! $entry['asked'] ) {
			return;
		}
		if ( null === $this->intake ) {
			$this->intake = new Custom_Migrator_Row_Intake( $this->database, $this->prefix, $this->job, $this->state['salt'] );
		}
		$this->database->transaction(
			function () use ( $table, $rows, $entry ) {
				$this->intake->take( $table, $entry, $rows );
				$new = $this->intake->take_problems();
				foreach ( $new as $place => $count ) {
					$this->state['problems'][ $place ] = $count + ( isset( $this->state['problems'][ $place ] ) ? $this->state['problems'][ $place ] : 0 );
				}
				if ( $new ) {
					$this->save();
				}
			}
		);
	}

	/**
	 * Merges what the target keeps, or makes a clone's own options and administrator.
	 *
	 * @return bool Whether it is done; until then, call it again.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function prepare() {
		if ( $this->state['prepared'] ) {
			return true;
		}
		$this->database->transaction(
			function () {
				$steps = new Custom_Migrator_Import_Steps( $this->database, $this->prefix, $this->job );
				$new   = array();
				foreach ( $this->asked() as $name => $entry ) {
					$new[ $name ] = $this->prefix . 'cm_n' . $entry['number'];
				}
				$this->state['needs_upgrade'] = $steps->prepare( $new );
				$this->state['prepared']      = true;
				// Nobody needs the way from persons to their stand-ins any more.
				$this->state['salt'] = '';
				$this->save();
			}
		);
		return true;
	}

	/**
	 * Puts the new tables in the place of the site's, and saves those; all or nothing.
	 *
	 * @throws Custom_Migrator_Error `DATABASE`; then nothing happened. `IMPORT_TABLES` before prepare().
	 */
	public function swap() {
		if ( $this->state['closed'] ) {
			return;
		}
		if ( ! $this->state['prepared'] ) {
			throw new Custom_Migrator_Error( 'IMPORT_TABLES', 'swap: the new tables aren\'t prepared. Finish the import first.' );
		}
		if ( null === $this->state['plan'] ) {
			$this->state['plan'] = $this->plan->swaps( $this->asked(), $this->plan->next_number( array_column( $this->state['tables'], 'number' ) ) );
			$this->save();
		}
		$this->swap->swap( $this->state['plan'] );
		self::forget_cached();
	}

	/** Puts the saved tables back, if they were swapped. */
	public function unswap() {
		if ( null !== $this->state['plan'] && ! $this->state['closed'] ) {
			$this->swap->unswap( $this->state['plan'] );
			self::forget_cached();
		}
	}

	/** Drops the saved tables: from now on there is no way back. */
	public function drop_saved() {
		if ( null !== $this->state['plan'] && ( $this->state['closed'] || $this->is_swapped() ) ) {
			$this->state['closed'] = true;
			$this->save();
			$this->swap->drop( self::of( 'cm_o', $this->state['plan'] ) );
		}
	}

	/** Drops the new tables, and forgets the import; one that was swapped and not put back stays. */
	public function discard() {
		if ( $this->state['closed'] || $this->is_swapped() ) {
			return;
		}
		$this->swap->drop( self::of( 'cm_n', $this->state['tables'] ) );
		$this->swap->drop( self::of( 'cm_n', (array) $this->state['plan'] ) );
		if ( $this->state['has_base'] ) {
			$this->swap->drop( array( 'cm_base' ) );
		}
		$this->store->forget( $this->job['job'], 'tables' );
	}

	/**
	 * Whether the new tables are the site's now.
	 *
	 * @return bool
	 */
	public function is_swapped() {
		return null !== $this->state['plan'] && ( $this->state['closed'] || $this->swap->is_swapped( $this->state['plan'] ) );
	}

	/**
	 * Whether WordPress has to upgrade the database behind the swap: wp_upgrade().
	 *
	 * @return bool
	 */
	public function needs_upgrade() {
		return $this->state['needs_upgrade'];
	}

	/**
	 * What isn't as it was at the source, by place: of Custom_Migrator_Serialized_Walker what stayed unread (`malformed`,
	 * `too_deep`, `custom`, `key`, `json`), and `row_fitted`, `row_left_out`.
	 *
	 * @return array<int, array{code: string, table: string, column: string, count: int}>
	 */
	public function problems() {
		$problems = array();
		foreach ( $this->state['problems'] as $place => $count ) {
			list( $code, $table, $column ) = explode( ' ', $place . '  ', 4 );
			$problems[]                    = compact( 'code', 'table', 'column', 'count' );
		}
		return $problems;
	}

	/**
	 * Removes every table of the plugin's, whatever import made it; for a reset.
	 *
	 * @param Custom_Migrator_Database $database Where the site is.
	 * @param string                   $prefix   Of its tables.
	 */
	public static function remove_all( Custom_Migrator_Database $database, $prefix ) {
		$site = new Custom_Migrator_Site_Tables( $database, $prefix );
		$swap = new Custom_Migrator_Table_Swap( $database, $prefix );
		$swap->drop( preg_grep( '~^cm_(?:n[0-9]+|o[0-9]+|base|import)$~D', $site->own() ) );
	}

	/**
	 * Tables that are in the job's scopes.
	 *
	 * @return array<string, array<string, mixed>>
	 */
	private function asked() {
		return array_filter(
			$this->state['tables'],
			static function ( $entry ) {
				return $entry['asked'];
			}
		);
	}

	/**
	 * Whether a clone is made; otherwise, a site gets something back.
	 *
	 * @return bool
	 */
	private function is_clone() {
		return 'clone' === $this->job['mode'];
	}

	/** Saves the state. */
	private function save() {
		$this->store->save( $this->job['job'], $this->state, 'tables' );
	}

	/** A cache that outlives the request has the old tables' rows. */
	private static function forget_cached() {
		if ( function_exists( 'wp_cache_flush' ) ) {
			wp_cache_flush();
		}
	}

	/**
	 * Names of tables by their numbers.
	 *
	 * @param string                                  $kind    `cm_n` or `cm_o`.
	 * @param array<int|string, array<string, mixed>> $entries Each with `number`.
	 * @return string[]
	 */
	private static function of( $kind, array $entries ) {
		return array_map(
			static function ( $number ) use ( $kind ) {
				return $kind . (int) $number;
			},
			array_column( $entries, 'number' )
		);
	}
}
