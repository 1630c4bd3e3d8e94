<?php
/**
 * Waits until the clone's database takes its user, with a limit: `php wait-for-database.php`.
 *
 * CLONE_DATABASE_WAIT_SECONDS (240) is less than the five minutes that the pod's startup probe gives: the message is said before
 * the kubelet ends the container. CLONE_DATABASE_DENIED_SECONDS (30) is for a user that is made while this waits already;
 * one who is refused for longer won't be let in, and a container that starts again reads the newest Secret.
 *
 * @package Wordpress_Clone
 */

require __DIR__ . '/database.php';

const CLONE_AWAY    = 75;
const CLONE_REFUSED = 77;

/**
 * Seconds that a variable allows.
 *
 * @param string $name      Of the variable.
 * @param int    $otherwise If it isn't set.
 * @return int
 */
function clone_seconds( $name, $otherwise ) {
	$value = clone_variable( $name, (string) $otherwise );
	if ( 1 !== preg_match( '/^\d{1,5}$/', $value ) ) {
		clone_refuse( 'CLONE_SETTING', "$name: no number of seconds. Give one between 0 and 99999.", CLONE_MISCONFIGURED );
	}
	return (int) $value;
}

if ( clone_uses_sqlite() ) {
	exit( 0 );
}
$start  = microtime( true );
$limit  = clone_seconds( 'CLONE_DATABASE_WAIT_SECONDS', 240 );
$grace  = clone_seconds( 'CLONE_DATABASE_DENIED_SECONDS', 30 );
$denied = null;
$said   = '';
while ( true ) {
	try {
		clone_try_database();
		exit( 0 );
	} catch ( mysqli_sql_exception $error ) {
		$code      = $error->getCode();
		$now       = microtime( true );
		$is_denied = in_array( $code, CLONE_DENIED, true );
		$denied    = $is_denied ? ( null === $denied ? $now : $denied ) : null;
		if ( $is_denied && $now - $denied >= min( $grace, $limit ) ) {
			clone_refuse( 'DATABASE_DENIED', "WORDPRESS_DB_HOST: the database is there, and refuses the clone's user (MySQL's error $code). Give WORDPRESS_DB_USER, WORDPRESS_DB_PASSWORD and WORDPRESS_DB_NAME that belong together.", CLONE_REFUSED );
		}
		if ( $now - $start >= $limit ) {
			$what = 1049 === $code ? 'the database server has no schema of the name in WORDPRESS_DB_NAME' : 'no database answered';
			clone_refuse( 'DATABASE_AWAY', "WORDPRESS_DB_HOST: $what within $limit s (MySQL's error $code). Look at its server and at the network between; CLONE_DATABASE_WAIT_SECONDS is the limit.", CLONE_AWAY );
		}
		$now_said = $is_denied ? "refuses the clone's user" : 'is not there yet';
		if ( $now_said !== $said ) {
			fwrite( STDERR, "Waiting: the database $now_said (MySQL's error $code).\n" );
			$said = $now_said;
		}
		usleep( 500000 );
	}
}
