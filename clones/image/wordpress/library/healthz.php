<?php
/**
 * Answers /healthz: 200 if PHP runs and the database takes the clone's user, else 503. Without WordPress, so that no plugin
 * of a copied site has a say in it; and without details, as a load balancer asks for it from outside.
 *
 * @package Wordpress_Clone
 */

require __DIR__ . '/database.php';

header( 'Content-Type: text/plain' );
header( 'Cache-Control: no-store' );
try {
	if ( ! clone_uses_sqlite() ) {
		clone_try_database();
	} elseif ( ! is_file( '/var/www/html/wp-content/db.php' ) ) {
		throw new RuntimeException( 'no drop-in' );
	}
	echo "ok\n";
} catch ( Throwable $error ) {
	http_response_code( 503 );
	echo "no database\n";
}
