<?php
/**
 * What the clone's image knows of its database, from the same variables as the official image's wp-config.php.
 *
 * @package Wordpress_Clone
 */

/** How long one attempt may take, in seconds: less than the kubelet waits for an answer of /healthz. */
const CLONE_ATTEMPT_SECONDS = 3;

/** MySQL's numbers for "not you": no access to the schema, wrong password, no such way to log in, unknown kind of account. */
const CLONE_DENIED = array( 1044, 1045, 1698, 2054, 4151 );

/** Exit code of what isn't configured. */
const CLONE_MISCONFIGURED = 78;

/**
 * Ends with a refusal in the house's form.
 *
 * @param string $code   Upper-case name of the refusal.
 * @param string $reason Where, why, and what helps; never with a secret.
 * @param int    $status Exit code.
 */
function clone_refuse( $code, $reason, $status ) {
	fwrite( STDERR, "$code $reason\n" );
	exit( $status );
}

/**
 * A variable, or the content of the file that its namesake with _FILE names.
 *
 * @param string $name     Of the variable.
 * @param string $fallback If neither is set.
 * @return string
 */
function clone_variable( $name, $fallback = '' ) {
	$file = (string) getenv( $name . '_FILE' );
	if ( '' !== $file ) {
		return rtrim( (string) file_get_contents( $file ), "\r\n" );
	}
	$value = getenv( $name );
	return false === $value ? $fallback : $value;
}

/**
 * Whether the clone keeps its tables in a file.
 *
 * @return bool
 */
function clone_uses_sqlite() {
	return 'sqlite' === clone_variable( 'CLONE_DATABASE' );
}

/**
 * Host, port and socket of WORDPRESS_DB_HOST, which may be `host`, `host:3306`, `[::1]:3306` or `host:/path/of/a.sock`.
 *
 * @param string $address Of the variable.
 * @return array{0: string, 1: int|null, 2: string|null}
 */
function clone_database_address( $address ) {
	$socket = null;
	if ( preg_match( '#^([^/]*):(/.*)$#', $address, $found ) ) {
		list( , $address, $socket ) = $found;
	}
	if ( preg_match( '/^\[([0-9a-f:.]+)\](?::(\d+))?$/i', $address, $found ) || preg_match( '/^([^:]*)(?::(\d+))?$/', $address, $found ) ) {
		return array( $found[1], isset( $found[2] ) ? (int) $found[2] : null, $socket );
	}
	return array( $address, null, $socket );
}

/**
 * Connects as WordPress will, and asks for something.
 *
 * @throws mysqli_sql_exception If any of it fails, with MySQL's number for it.
 */
function clone_try_database() {
	mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
	list( $host, $port, $socket ) = clone_database_address( clone_variable( 'WORDPRESS_DB_HOST', 'mysql' ) );
	$connection                   = mysqli_init();
	$connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, CLONE_ATTEMPT_SECONDS );
	$connection->options( MYSQLI_OPT_READ_TIMEOUT, CLONE_ATTEMPT_SECONDS );
	// The warning that comes with the exception has the user's name.
	@$connection->real_connect( $host, clone_variable( 'WORDPRESS_DB_USER' ), clone_variable( 'WORDPRESS_DB_PASSWORD' ), clone_variable( 'WORDPRESS_DB_NAME', 'WordPress' ), $port, $socket );
	$connection->query( 'SELECT 1' );
	$connection->close();
}
