<?php
/**
 * The tables of a site: which they are, what they look like, and how to read them.
 *
 * @package Custom_Migrator
 */

/**
 * Only base tables whose names begin with the site's prefix. Left out are the plugin's own (`cm_`), those that an archive can't
 * carry (left_out() tells), and those of another WordPress in the same database whose prefix begins with ours, such as
 * `wp_shop_` below `wp_`: a longer prefix counts as another WordPress' if it has options, posts, postmeta and terms. The
 * leftovers of a multisite (`wp_2_`) look the same, and stay out as well.
 */
final class Custom_Migrator_Site_Tables {
	/** What another WordPress always has. */
	const OF_A_SITE = array( 'options', 'posts', 'postmeta', 'terms' );

	/** Scopes that bring the options' table. */
	const OPTION_SCOPES = array( 'options', 'plugins', 'themes' );

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
	 * Names without prefix that an archive can't carry, of the last names().
	 *
	 * @var string[]
	 */
	private $left_out = array();

	/**
	 * Reads nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where the site is.
	 * @param string                   $prefix   Of its tables; may be empty, though WordPress doesn't allow it.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix ) {
		$this->database = $database;
		$this->prefix   = $prefix;
	}

	/**
	 * Tables of some scopes.
	 *
	 * @param string[] $scopes Of `content`, `users`, `options`, `plugins`, `themes`; others have no tables.
	 * @return string[] Names without prefix, sorted by bytes.
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function names( array $scopes ) {
		$names = array();
		foreach ( $this->all() as $name ) {
			if ( array_intersect( self::scopes_of( $name ), $scopes ) ) {
				$names[] = $name;
			}
		}
		$odd            = $this->unfit();
		$this->left_out = array_values( array_intersect( $names, $odd ) );
		return array_values( array_diff( $names, $odd ) );
	}

	/**
	 * Tables that the last names() left out because an archive can't carry them.
	 *
	 * @return string[] Names without prefix.
	 */
	public function left_out() {
		return $this->left_out;
	}

	/**
	 * Scopes that bring a table.
	 *
	 * @param string $name Without prefix.
	 * @return string[]
	 */
	public static function scopes_of( $name ) {
		if ( in_array( $name, array( 'users', 'usermeta' ), true ) ) {
			return array( 'users' );
		}
		return 'options' === $name ? self::OPTION_SCOPES : array( 'content' );
	}

	/**
	 * What a table looks like, as Custom_Migrator_Archive_Rules::table() has it.
	 *
	 * @param string $name Without prefix, of names().
	 * @return array{columns: array<int, array<string, mixed>>, keys: array<int, array<string, mixed>>}
	 * @throws Custom_Migrator_Error `DATABASE`, `TABLE_FORM` for a table that an archive can't carry.
	 */
	public function describe( $name ) {
		$quoted  = self::quoted( $this->prefix . $name );
		$columns = array_map( array( 'Custom_Migrator_Table_Sql', 'column_of' ), $this->database->schema( "SHOW FULL COLUMNS FROM $quoted" ) );
		$keys    = Custom_Migrator_Table_Sql::keys_of( $this->database->schema( "SHOW INDEX FROM $quoted" ) );
		$refusal = Custom_Migrator_Archive_Rules::table(
			array(
				'table'   => $name,
				'columns' => $columns,
				'keys'    => $keys,
			)
		);
		if ( '' !== $refusal ) {
			throw new Custom_Migrator_Error( 'TABLE_FORM', "table $name: has a column or key of a kind that an archive doesn't know. Copy it by the database's own tools." );
		}
		return compact( 'columns', 'keys' );
	}

	/**
	 * Reads a table.
	 *
	 * @param string             $name   Without prefix.
	 * @param array<string, int> $bounds Of a batch, instead of the export's own.
	 * @return Custom_Migrator_Table_Export
	 * @throws Custom_Migrator_Error As describe().
	 */
	public function export( $name, array $bounds = array() ) {
		$form = $this->describe( $name );
		return new Custom_Migrator_Table_Export( $this->database, $this->prefix . $name, $form['columns'], $form['keys'], $bounds );
	}

	/**
	 * More rows than a table will have had when it is read: a tenth may come meanwhile, and a thousand.
	 *
	 * @param string $name Without prefix.
	 * @return int
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	public function rows_at_most( $name ) {
		$rows = $this->database->rows( 'SELECT COUNT(*) FROM ' . self::quoted( $this->prefix . $name ) );
		return (int) ( 1.1 * (int) $rows[0][0] ) + 1000;
	}

	/**
	 * Whether there is a table, whoever made it.
	 *
	 * @param string $name Without prefix.
	 * @return bool
	 */
	public function has( $name ) {
		return array() !== $this->database->schema( "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME = " . Custom_Migrator_Table_Sql::literal( $this->prefix . $name ) );
	}

	/**
	 * Names of the plugin's own tables.
	 *
	 * @return string[] Without prefix, beginning with `cm_`, sorted.
	 */
	public function own() {
		return array_values( preg_grep( '~^cm_~', $this->with_prefix() ) );
	}

	/**
	 * A quoted name, as MySQL and SQLite take it.
	 *
	 * @param string $name Any.
	 * @return string
	 */
	public static function quoted( $name ) {
		return '`' . str_replace( '`', '``', $name ) . '`';
	}

	/**
	 * Names of all tables of this site.
	 *
	 * @return string[] Without prefix, sorted by bytes.
	 */
	private function all() {
		$names   = $this->with_prefix();
		$foreign = array();
		foreach ( $names as $name ) {
			$longer = substr( $name, 0, -strlen( 'options' ) );
			if ( '' !== $longer && 'options' === substr( $name, strlen( $longer ) ) && ! array_diff( self::prefixed( $longer ), $names ) ) {
				$foreign[] = $longer;
			}
		}
		$ours = array();
		foreach ( $names as $name ) {
			$is_foreign = 0 === strpos( $name, 'cm_' ) || ! Custom_Migrator_Archive_Rules::is_name( $name );
			foreach ( $foreign as $longer ) {
				$is_foreign = $is_foreign || 0 === strpos( $name, $longer );
			}
			if ( ! $is_foreign ) {
				$ours[] = $name;
			}
		}
		return $ours;
	}

	/**
	 * All base tables that begin with the prefix.
	 *
	 * @return string[] Without it, sorted.
	 */
	private function with_prefix() {
		$names = array();
		foreach ( $this->database->schema( "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'" ) as $row ) {
			$name = (string) $row[0];
			if ( strlen( $name ) > strlen( $this->prefix ) && 0 === strncmp( $name, $this->prefix, strlen( $this->prefix ) ) ) {
				$names[] = substr( $name, strlen( $this->prefix ) );
			}
		}
		sort( $names, SORT_STRING );
		return $names;
	}

	/**
	 * Names of tables that have columns of a kind that an archive doesn't know: places on maps, and computed ones.
	 *
	 * @return string[] Without prefix.
	 */
	private function unfit() {
		$unfit = array();
		foreach ( $this->database->schema( 'SELECT TABLE_NAME, DATA_TYPE, EXTRA FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()' ) as $row ) {
			if ( 0 !== strncmp( (string) $row[0], $this->prefix, strlen( $this->prefix ) ) ) {
				continue;
			}
			$is_computed = 1 === preg_match( '~(?:VIRTUAL|STORED|PERSISTENT) GENERATED|^(?:VIRTUAL|PERSISTENT)~i', (string) $row[2] );
			if ( $is_computed || ! in_array( strtolower( (string) $row[1] ), Custom_Migrator_Archive_Rules::TYPES, true ) ) {
				$unfit[ (string) substr( (string) $row[0], strlen( $this->prefix ) ) ] = true;
			}
		}
		return array_map( 'strval', array_keys( $unfit ) );
	}

	/**
	 * What a WordPress of a longer prefix would have.
	 *
	 * @param string $longer What stands behind our own prefix.
	 * @return string[]
	 */
	private static function prefixed( $longer ) {
		return array_map(
			static function ( $name ) use ( $longer ) {
				return $longer . $name;
			},
			self::OF_A_SITE
		);
	}
}
