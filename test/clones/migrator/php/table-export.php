<?php
/** On SQLite, or on the server that MIGRATOR_DSN, MIGRATOR_USER and MIGRATOR_PASSWORD tell of. */
require __DIR__ . '/harness.php';
require __DIR__ . '/pdo-database.php';
require PLUGIN . '/includes/class-table-export.php';

$dsn      = getenv( 'MIGRATOR_DSN' );
$on_mysql = false !== $dsn;
$pdo      = $on_mysql ? new PDO( $dsn, getenv( 'MIGRATOR_USER' ), getenv( 'MIGRATOR_PASSWORD' ) ) : new PDO( 'sqlite::memory:' );
$pdo->setAttribute( PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION );
$database = new Pdo_Database( $pdo );

/** A table with these rows; `columns` as `name type` of SQL. */
function table_of( $name, $columns, $rows ) {
	global $pdo;
	$pdo->exec( "DROP TABLE IF EXISTS `$name`" );
	$pdo->exec( "CREATE TABLE `$name` ($columns)" );
	insert( $name, $rows );
}

function insert( $name, $rows ) {
	global $pdo;
	$pdo->beginTransaction();
	foreach ( $rows as $row ) {
		$pdo->prepare( "INSERT INTO `$name` VALUES (" . implode( ', ', array_fill( 0, count( $row ), '?' ) ) . ')' )->execute( $row );
	}
	$pdo->commit();
}

function columns_of( $types, $nullable = array() ) {
	$columns = array();
	foreach ( $types as $name => $type ) {
		$columns[] = array( 'name' => $name, 'type' => $type, 'nullable' => in_array( $name, $nullable, true ) );
	}
	return $columns;
}

function key_of( $kind, $names ) {
	$columns = array();
	foreach ( $names as $name ) {
		$columns[] = array( 'name' => $name );
	}
	return array( 'kind' => $kind, 'name' => 'k', 'columns' => $columns );
}

/** All batches; `between` is called behind each. Each cursor goes through JSON. */
function batches( $export, $between = null ) {
	$batches = array();
	$cursor  = null;
	do {
		$batch = $export->batch( $cursor );
		if ( $batch['rows'] ) {
			$batches[] = $batch['rows'];
		}
		$cursor = json_decode( json_encode( $batch['cursor'] ), true );
		if ( $between ) {
			$between( count( $batches ) );
		}
	} while ( null !== $cursor );
	return $batches;
}

function sorted( $rows ) {
	usort( $rows, static function ( $one, $other ) {
		return strcmp( serialize( $one ), serialize( $other ) );
	} );
	return $rows;
}

/** The same rows, each as often, whatever the order. */
function same_rows( $expected, $batches ) {
	$text = static function ( $row ) {
		return array_map( static function ( $value ) {
			return null === $value ? null : (string) $value;
		}, $row );
	};
	same( sorted( array_map( $text, $expected ) ), sorted( $batches ? array_merge( ...$batches ) : array() ) );
}

$id = columns_of( array( 'id' => 'bigint', 'v' => 'longtext' ), array( 'v' ) );

check( 'reads all rows in the order of their key, in batches that go on where the last one ended', static function () use ( $database, $id ) {
	$rows = array();
	for ( $number = 1; $number <= 1234; ++$number ) {
		$rows[] = array( $number * 3 - 2000, 0 === $number % 5 ? null : "v'$number\\ \u{1F600}" );
	}
	table_of( 'xyz_posts', 'id BIGINT NOT NULL PRIMARY KEY, v LONGTEXT', $rows );
	$export  = new Custom_Migrator_Table_Export( $database, 'xyz_posts', $id, array( key_of( 'primary', array( 'id' ) ) ), array( 'rows' => 100 ) );
	$batches = batches( $export );
	same( true, $export->is_steady() );
	same( 13, count( $batches ) );
	same( array_column( array_map( static function ( $row ) {
		return array( (string) $row[0] );
	}, $rows ), 0 ), array_column( array_merge( ...$batches ), 0 ) );
	same_rows( $rows, $batches );
} );

check( 'reads an empty table', static function () use ( $database, $id ) {
	table_of( 'xyz_empty', 'id BIGINT NOT NULL PRIMARY KEY, v LONGTEXT', array() );
	same( array( 'rows' => array(), 'cursor' => null ), ( new Custom_Migrator_Table_Export( $database, 'xyz_empty', $id, array( key_of( 'primary', array( 'id' ) ) ) ) )->batch() );
} );

check( 'goes by keys of several columns, with quotes, backslashes, other scripts and other case in them', static function () use ( $database, $on_mysql ) {
	$rows = array();
	foreach ( array( 'a', 'B', "c'", 'd\\', 'd\\\'', "\u{E9}", "\u{1F600}", '', 'x%', 'x_', '"', 'Z', 'y' ) as $text ) {
		for ( $number = 1; $number <= 7; ++$number ) {
			$rows[] = array( $text, $number, $number % 2 );
		}
	}
	table_of( 'xyz_meta', 'a VARCHAR(50) NOT NULL' . ( $on_mysql ? '' : ' COLLATE NOCASE' ) . ', b INT NOT NULL, c TINYINT NOT NULL, PRIMARY KEY (a, b, c)', $rows );
	$columns = columns_of( array( 'a' => 'varchar', 'b' => 'int', 'c' => 'tinyint' ) );
	foreach ( array( 1, 2, 5, 7 ) as $size ) {
		$export = new Custom_Migrator_Table_Export( $database, 'xyz_meta', $columns, array( key_of( 'primary', array( 'a', 'b', 'c' ) ) ), array( 'rows' => $size ) );
		same_rows( $rows, batches( $export ) );
	}
} );

check( 'goes by keys of bytes', static function () use ( $database ) {
	$rows = array();
	foreach ( array( "\0", "\0\0", "'", "\xFF", "\xFF\xFE", 'a', '\\', "\x80" ) as $bytes ) {
		$rows[] = array( $bytes, 'v' );
	}
	global $pdo;
	table_of( 'xyz_bytes', 'a VARBINARY(20) NOT NULL PRIMARY KEY, v VARCHAR(5)', array() );
	foreach ( $rows as $row ) {
		$pdo->exec( "INSERT INTO xyz_bytes VALUES (X'" . bin2hex( $row[0] ) . "', 'v')" );
	}
	$export = new Custom_Migrator_Table_Export( $database, 'xyz_bytes', columns_of( array( 'a' => 'varbinary', 'v' => 'varchar' ) ), array( key_of( 'primary', array( 'a' ) ) ), array( 'rows' => 3 ) );
	same( true, $export->is_steady() );
	same_rows( $rows, batches( $export ) );
} );

check( 'takes a unique key without NULLs where there is no primary one', static function () use ( $database, $id ) {
	table_of( 'xyz_unique', 'id BIGINT NOT NULL UNIQUE, v LONGTEXT', array( array( 5, 'a' ), array( 2, 'b' ), array( 9, null ) ) );
	$export = new Custom_Migrator_Table_Export( $database, 'xyz_unique', $id, array( key_of( 'index', array( 'v' ) ), key_of( 'unique', array( 'id' ) ) ), array( 'rows' => 2 ) );
	same( true, $export->is_steady() );
	same( array( array( '2', 'b' ), array( '5', 'a' ), array( '9', null ) ), array_merge( ...batches( $export ) ) );
} );

check( 'loses and repeats no row of a table without a key, not even equal ones, and tells that it counts', static function () use ( $database ) {
	$rows = array();
	for ( $number = 0; $number < 40; ++$number ) {
		$rows[] = array( 0 === $number % 4 ? null : $number % 3, 'v' . $number % 2 );
	}
	table_of( 'xyz_log', 'id BIGINT UNIQUE, v VARCHAR(20)', array() );
	table_of( 'xyz_log', 'id BIGINT, v VARCHAR(20)', $rows );
	$columns = columns_of( array( 'id' => 'bigint', 'v' => 'varchar' ), array( 'id' ) );
	// A unique key with NULLs: those rows could be many.
	foreach ( array( array(), array( key_of( 'unique', array( 'id' ) ) ), array( key_of( 'index', array( 'v' ) ) ) ) as $keys ) {
		$export = new Custom_Migrator_Table_Export( $database, 'xyz_log', $columns, $keys, array( 'rows' => 7 ) );
		same( false, $export->is_steady() );
		same_rows( $rows, batches( $export ) );
	}
} );

check( 'does not go by keys that sort in another way than they compare', static function () use ( $database, $on_mysql ) {
	$rows = array( array( 'zebra' ), array( 'ape' ), array( 'monkey' ) );
	table_of( 'xyz_enum', 'a ' . ( $on_mysql ? "ENUM('zebra','ape','monkey')" : 'TEXT' ) . ' NOT NULL PRIMARY KEY', $rows );
	$export = new Custom_Migrator_Table_Export( $database, 'xyz_enum', columns_of( array( 'a' => 'enum' ) ), array( key_of( 'primary', array( 'a' ) ) ), array( 'rows' => 1 ) );
	same( false, $export->is_steady() );
	same_rows( $rows, batches( $export ) );
} );

check( 'neither loses nor repeats a row that stays while others come and go', static function () use ( $database, $id ) {
	global $pdo;
	$rows = array();
	for ( $number = 1; $number <= 60; ++$number ) {
		$rows[] = array( $number * 10, "v$number" );
	}
	table_of( 'xyz_live', 'id BIGINT NOT NULL PRIMARY KEY, v LONGTEXT', $rows );
	$export = new Custom_Migrator_Table_Export( $database, 'xyz_live', $id, array( key_of( 'primary', array( 'id' ) ) ), array( 'rows' => 10 ) );
	$got    = array_merge( ...batches( $export, static function () use ( $pdo ) {
		static $batch = 0;
		++$batch;
		// The first three rows of what was read go, and two come before what was read.
		$pdo->exec( 'DELETE FROM xyz_live WHERE id IN (' . ( $batch * 100 - 90 ) . ', ' . ( $batch * 100 - 80 ) . ')' );
		insert( 'xyz_live', array( array( -$batch, 'new' ), array( $batch, 'new' ) ) );
	} ) );
	same( array_map( 'strval', array_column( $rows, 0 ) ), array_column( $got, 0 ) );
} );

check( 'holds no more than the bound in bytes, or one row', static function () use ( $database, $id ) {
	$rows = array();
	for ( $number = 1; $number <= 20; ++$number ) {
		// Two bytes a character: who counts characters takes twice as much.
		$rows[] = array( $number, str_repeat( "\u{E9}", 11 === $number ? 600000 : 60000 ) );
	}
	table_of( 'xyz_long', 'id BIGINT NOT NULL PRIMARY KEY, v LONGTEXT', $rows );
	$batches = batches( new Custom_Migrator_Table_Export( $database, 'xyz_long', $id, array( key_of( 'primary', array( 'id' ) ) ), array( 'bytes' => 500000 ) ) );
	foreach ( $batches as $batch ) {
		$bytes = array_sum( array_map( 'strlen', array_column( $batch, 1 ) ) );
		if ( $bytes > 500000 && count( $batch ) > 1 ) {
			throw new Exception( "$bytes bytes in " . count( $batch ) . ' rows' );
		}
	}
	same( array( 4, 4, 2, 1, 4, 4, 1 ), array_map( 'count', $batches ) );
	same( 20, count( array_merge( ...$batches ) ) );
} );

check( 'asks once a batch where values are short', static function () use ( $database ) {
	table_of( 'xyz_short', 'id BIGINT NOT NULL PRIMARY KEY, n INT', array( array( 1, 1 ), array( 2, 2 ) ) );
	$database->asked = array();
	( new Custom_Migrator_Table_Export( $database, 'xyz_short', columns_of( array( 'id' => 'bigint', 'n' => 'int' ) ), array( key_of( 'primary', array( 'id' ) ) ) ) )->batch();
	same( 1, count( $database->asked ) );
} );

check( 'quotes names of tables and columns', static function () use ( $database, $pdo ) {
	$pdo->exec( 'DROP TABLE IF EXISTS `x-y ``z`' );
	$pdo->exec( 'CREATE TABLE `x-y ``z` (`or``der` BIGINT NOT NULL PRIMARY KEY)' );
	$pdo->exec( 'INSERT INTO `x-y ``z` VALUES (1), (2)' );
	$export = new Custom_Migrator_Table_Export( $database, 'x-y `z', columns_of( array( 'or`der' => 'bigint' ) ), array( key_of( 'primary', array( 'or`der' ) ) ), array( 'rows' => 1 ) );
	same( array( array( '1' ), array( '2' ) ), array_merge( ...batches( $export ) ) );
} );

check( 'refuses a place that is of another form, and lets nothing of it become SQL', static function () use ( $database, $id ) {
	$export = new Custom_Migrator_Table_Export( $database, 'xyz_posts', $id, array( key_of( 'primary', array( 'id' ) ) ) );
	foreach ( array( array( 'offset' => 3 ), array( 'key' => array() ), array( 'key' => array( base64_encode( '1 OR 1=1' ) ) ), array( 'key' => array( '???' ) ) ) as $cursor ) {
		same( 'EXPORT_CURSOR', refusal( static function () use ( $export, $cursor ) {
			$export->batch( $cursor );
		} ) );
	}
} );

finish();
