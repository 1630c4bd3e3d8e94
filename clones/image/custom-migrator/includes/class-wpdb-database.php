<?php
/**
 * WordPress' own connection, without what WordPress puts in front of it.
 *
 * @package Custom_Migrator
 */

/**
 * Statements go to the connection below $wpdb: wpdb::query() asks plugins about each statement, looks for invalid characters
 * in megabytes of values, keeps the last statement in memory, and writes whole statements into the log when they fail.
 *
 * On MySQL the session is set for copying, until close() puts it back: UTC, so that no hour repeats; strict, so that nothing
 * is cut off in silence, but with old dates such as `0000-00-00`; ids of zero stay zero. A site that WordPress reads as utf8
 * is read as utf8mb4, its superset. Any other character set stays: such sites often have UTF-8 in columns of latin1, and
 * WordPress' own setting is the one by which they look right.
 */
final class Custom_Migrator_Wpdb_Database implements Custom_Migrator_Database {
	/** Modes of a session while it copies. */
	const SQL_MODE = 'STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';

	/**
	 * Errors about what is in a row. SQLite: 19, a constraint or a strict type. MySQL: there already, NULL, no default, out of
	 * range, cut off, no date, no such character, too long, no JSON, no parent, a check; 4025 is MariaDB's check.
	 */
	const OF_VALUES = array( 19, 1062, 1048, 1364, 1264, 1265, 1292, 1366, 1406, 1411, 1452, 3140, 3819, 4025 );

	/**
	 * WordPress' object.
	 *
	 * @var wpdb
	 */
	private $wpdb;

	/**
	 * SQLite below the drop-in; null on MySQL.
	 *
	 * @var PDO|null
	 */
	private $pdo = null;

	/**
	 * MySQL's connection; null on SQLite.
	 *
	 * @var mysqli|null
	 */
	private $mysqli = null;

	/**
	 * Transactions around each other.
	 *
	 * @var int
	 */
	private $depth = 0;

	/**
	 * The session as it was found; empty where nothing is to put back.
	 *
	 * @var array<string, string>
	 */
	private $session = array();

	/**
	 * Takes the connection, and sets its session.
	 *
	 * @param wpdb $wpdb WordPress' object, connected.
	 * @throws Custom_Migrator_Error `DATABASE_KIND` for a drop-in of another kind.
	 */
	public function __construct( $wpdb ) {
		$this->wpdb = $wpdb;
		$below      = $wpdb->dbh;
		if ( is_callable( array( $wpdb, 'get_driver' ) ) ) {
			$this->pdo = $wpdb->get_driver()->get_sqlite_pdo();
		} elseif ( isset( $GLOBALS['@pdo'] ) && $GLOBALS['@pdo'] instanceof PDO ) {
			$this->pdo = $GLOBALS['@pdo'];
		} elseif ( class_exists( 'mysqli', false ) && $below instanceof mysqli ) {
			$this->mysqli = $below;
			$this->begin_session();
		} else {
			throw new Custom_Migrator_Error( 'DATABASE_KIND', 'db.php: this drop-in is neither WordPress\' own database nor the SQLite integration. Remove it, or copy a replica without it.' );
		}
	}

	/** Puts the session back as it was found. */
	public function close() {
		if ( $this->session ) {
			$before        = $this->session;
			$this->session = array();
			$this->run( 'SET SESSION sql_mode = ' . $this->quote( $before['sql_mode'] ) . ', time_zone = ' . $this->quote( $before['time_zone'] ) . ', foreign_key_checks = ' . (int) $before['foreign_key_checks'] );
			$this->mysqli->set_charset( $before['charset'] );
		}
	}

	/**
	 * All rows of a query.
	 *
	 * @param string $sql Complete statement.
	 * @return array<int, array<int, string|null>>
	 */
	public function rows( $sql ) {
		return $this->safely(
			function () use ( $sql ) {
				if ( null !== $this->pdo ) {
					return Custom_Migrator_Sqlite_Statements::rows( $this->pdo, $sql );
				}
				$result = $this->mysqli_query( $sql );
				return true === $result ? array() : $result->fetch_all( MYSQLI_NUM );
			}
		);
	}

	/**
	 * Runs a statement of the engine's own.
	 *
	 * @param string $sql Complete statement.
	 * @return int
	 */
	public function run( $sql ) {
		return $this->safely(
			function () use ( $sql ) {
				if ( null !== $this->pdo ) {
					return (int) $this->pdo->query( $sql )->rowCount();
				}
				$this->mysqli_query( $sql );
				return max( 0, (int) $this->mysqli->affected_rows );
			}
		);
	}

	/**
	 * Runs a statement of MySQL's about tables.
	 *
	 * @param string $sql Complete statement.
	 * @return array<int, array<int, string|null>>
	 */
	public function schema( $sql ) {
		if ( null === $this->pdo ) {
			return $this->rows( $sql );
		}
		return $this->safely(
			function () use ( $sql ) {
				$shown = $this->wpdb->suppress_errors( true );
				$done  = $this->wpdb->query( $sql ); // phpcs:ignore WordPress.DB -- made of names that were checked.
				$this->wpdb->suppress_errors( $shown );
				if ( false === $done ) {
					$this->wpdb->flush();
					throw new Custom_Migrator_Error( 'DATABASE', 'SQLite: the drop-in refused a statement about tables. Update WordPress\' SQLite integration.' );
				}
				$rows = array();
				foreach ( (array) $this->wpdb->last_result as $row ) {
					$rows[] = array_map( array( __CLASS__, 'text' ), array_values( (array) $row ) );
				}
				$this->wpdb->flush();
				return $rows;
			}
		);
	}

	/**
	 * All or nothing.
	 *
	 * @param callable $work Without parameters.
	 * @return mixed
	 * @throws Throwable What the work throws.
	 */
	public function transaction( $work ) {
		if ( $this->depth > 0 ) {
			return $work();
		}
		// The drop-in must know of it: it would begin another one for a table.
		$this->schema( 'START TRANSACTION' );
		++$this->depth;
		try {
			$result = $work();
			$this->schema( 'COMMIT' );
		} catch ( Throwable $error ) {
			--$this->depth;
			try {
				$this->schema( 'ROLLBACK' );
			} catch ( Custom_Migrator_Error $second ) {
				// A connection that is gone took the transaction with it; the first error says more.
				unset( $second );
			}
			throw $error;
		}
		--$this->depth;
		return $result;
	}

	/**
	 * Whose words run() takes.
	 *
	 * @return string
	 */
	public function kind() {
		return null === $this->pdo ? 'mysql' : 'sqlite';
	}

	/**
	 * A text as a literal.
	 *
	 * @param string $text In the connection's character set.
	 * @return string
	 */
	public function quote( $text ) {
		return null === $this->pdo ? "'" . $this->mysqli->real_escape_string( $text ) . "'" : Custom_Migrator_Sqlite_Statements::quote( $text );
	}

	/**
	 * An expression that counts a value's bytes.
	 *
	 * @param string $expression Of SQL.
	 * @return string
	 */
	public function byte_length( $expression ) {
		return null === $this->pdo ? "LENGTH($expression)" : "LENGTH(CAST($expression AS BLOB))";
	}

	/** Sets MySQL's session for copying. */
	private function begin_session() {
		$found         = $this->rows( 'SELECT @@SESSION.sql_mode, @@SESSION.time_zone, @@SESSION.foreign_key_checks' )[0];
		$charset       = $this->mysqli->character_set_name();
		$this->session = array(
			'sql_mode'           => (string) $found[0],
			'time_zone'          => (string) $found[1],
			'foreign_key_checks' => (string) $found[2],
			'charset'            => $charset,
		);
		if ( in_array( $charset, array( 'utf8', 'utf8mb3' ), true ) ) {
			$this->mysqli->set_charset( 'utf8mb4' );
		}
		$this->run( "SET SESSION sql_mode = '" . self::SQL_MODE . "', time_zone = '+00:00', foreign_key_checks = 0" );
	}

	/**
	 * One statement to MySQL.
	 *
	 * @param string $sql Complete statement.
	 * @return mysqli_result|bool
	 * @throws Custom_Migrator_Error `DATABASE`, with MySQL's number where mysqli doesn't throw by itself.
	 */
	private function mysqli_query( $sql ) {
		$result = $this->mysqli->query( $sql );
		if ( false === $result ) {
			throw self::refusal( (int) $this->mysqli->errno );
		}
		return $result;
	}

	/**
	 * Turns whatever the database throws into a refusal without content: its words quote values.
	 *
	 * @param callable $work Without parameters.
	 * @return mixed
	 * @throws Custom_Migrator_Error `DATABASE`.
	 */
	private function safely( $work ) {
		try {
			return $work();
		} catch ( PDOException $error ) {
			throw self::refusal( isset( $error->errorInfo[1] ) ? (int) $error->errorInfo[1] : 0 ); // phpcs:ignore WordPress.NamingConventions -- PDO's own name.
		} catch ( mysqli_sql_exception $error ) {
			throw self::refusal( (int) $error->getCode() );
		}
	}

	/**
	 * A refusal by number.
	 *
	 * @param int $number Of the database's own error.
	 * @return Custom_Migrator_Error `DATABASE_VALUE` if a row was refused for what is in it, and nothing else happened; any
	 *                               other may have ended the transaction.
	 */
	public static function refusal( $number ) {
		if ( in_array( $number, self::OF_VALUES, true ) ) {
			return new Custom_Migrator_Error( 'DATABASE_VALUE', "error $number: the database refused a value. Look at the rows that the other site has." );
		}
		return new Custom_Migrator_Error( 'DATABASE', "error $number: the database refused a statement. See its own log, and that disk and max_allowed_packet suffice." );
	}

	/**
	 * For array_map().
	 *
	 * @param mixed $value Of a row.
	 * @return string|null
	 */
	private static function text( $value ) {
		return null === $value ? null : (string) $value;
	}
}
