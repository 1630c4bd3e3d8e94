<?php
/** The plugin's view of a database in tests: MySQL by PDO, or SQLite below the driver of WordPress' drop-in. */

require_once PLUGIN . '/includes/class-migrator-error.php';
require_once PLUGIN . '/includes/interface-database.php';
require_once PLUGIN . '/includes/class-sqlite-statements.php';
require_once PLUGIN . '/includes/class-wpdb-database.php';

/** What a kill looks like: nothing of the plugin's catches it. */
class Killed extends Error {
}

class Pdo_Database implements Custom_Migrator_Database {
	/** @var PDO */
	public $pdo;
	/** Statements of rows(). */
	public $asked = array();
	/** Statements that may still run before the kill; null: all. */
	public $left = null;
	private $driver;
	private $depth = 0;

	/** @param object|null $driver WordPress' driver for SQLite, whose books know the tables. */
	public function __construct( PDO $pdo, $driver = null ) {
		$this->pdo    = $pdo;
		$this->driver = $driver;
	}

	public function rows( $sql ) {
		$this->tick();
		$this->asked[] = $sql;
		try {
			return Custom_Migrator_Sqlite_Statements::rows( $this->pdo, $sql );
		} catch ( PDOException $error ) {
			throw self::refused( $error, $sql );
		}
	}

	public function run( $sql ) {
		$this->tick();
		try {
			return (int) $this->pdo->exec( $sql );
		} catch ( PDOException $error ) {
			throw self::refused( $error, $sql );
		}
	}

	public function schema( $sql ) {
		if ( null === $this->driver ) {
			return $this->rows_or_none( $sql );
		}
		$this->tick();
		$result = $this->driver->query( $sql );
		return $result && $result->columnCount() > 0 ? $result->fetchAll( PDO::FETCH_NUM ) : array();
	}

	public function transaction( $work ) {
		if ( $this->depth > 0 ) {
			return $work();
		}
		$this->schema( 'START TRANSACTION' );
		++$this->depth;
		try {
			$result = $work();
		} catch ( Throwable $error ) {
			--$this->depth;
			$this->left = null;
			$this->schema( 'ROLLBACK' );
			throw $error;
		}
		--$this->depth;
		$this->schema( 'COMMIT' );
		return $result;
	}

	public function kind() {
		return null === $this->driver && 'sqlite' !== $this->pdo->getAttribute( PDO::ATTR_DRIVER_NAME ) ? 'mysql' : 'sqlite';
	}

	public function quote( $text ) {
		return 'sqlite' === $this->kind() ? Custom_Migrator_Sqlite_Statements::quote( $text ) : $this->pdo->quote( $text );
	}

	public function byte_length( $expression ) {
		return 'sqlite' === $this->kind() ? "LENGTH(CAST($expression AS BLOB))" : "LENGTH($expression)";
	}

	private function rows_or_none( $sql ) {
		$this->tick();
		$result = $this->pdo->query( $sql );
		return $result->columnCount() > 0 ? $result->fetchAll( PDO::FETCH_NUM ) : array();
	}

	private function tick() {
		if ( null !== $this->left && --$this->left < 0 ) {
			throw new Killed( 'killed' );
		}
	}

	private static function refused( PDOException $error, $sql ) {
		$code = Custom_Migrator_Wpdb_Database::refusal( isset( $error->errorInfo[1] ) ? (int) $error->errorInfo[1] : 0 )->name();
		return new Custom_Migrator_Error( $code, substr( $error->getMessage() . ' in ' . $sql, 0, 500 ) );
	}
}

/** SQLite as WordPress has it, with the drop-in's driver of MIGRATOR_SQLITE. */
function sqlite_database( $path = ':memory:' ) {
	require_once getenv( 'MIGRATOR_SQLITE' ) . '/wp-includes/database/load.php';
	$driver = new WP_MySQL_On_SQLite( "mysql-on-sqlite:path=$path;dbname=wordpress", null, null, array() );
	$driver->setAttribute( PDO::ATTR_STRINGIFY_FETCHES, true );
	return new Pdo_Database( $driver->get_sqlite_pdo(), $driver );
}

/** A new, empty database of the server that MIGRATOR_DSN, MIGRATOR_USER and MIGRATOR_PASSWORD tell of. */
function mysql_database( $name ) {
	$pdo = new PDO( getenv( 'MIGRATOR_DSN' ), getenv( 'MIGRATOR_USER' ), getenv( 'MIGRATOR_PASSWORD' ) );
	$pdo->setAttribute( PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION );
	$pdo->setAttribute( PDO::ATTR_STRINGIFY_FETCHES, true );
	$pdo->exec( "DROP DATABASE IF EXISTS `$name`" );
	$pdo->exec( "CREATE DATABASE `$name` CHARACTER SET utf8mb4" );
	$pdo->exec( "USE `$name`" );
	$pdo->exec( "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0" );
	return new Pdo_Database( $pdo );
}
