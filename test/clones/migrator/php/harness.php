<?php
/**
 * A test script's own: each check prints a line of TAP, which test/clones/migrator/php-tests.ts makes a test of jest's.
 */

error_reporting( E_ALL );
set_error_handler(
	static function ( $level, $message, $file, $line ) {
		// What a `@` silences is asked for in another way.
		if ( 0 === ( error_reporting() & $level ) ) {
			return true;
		}
		throw new ErrorException( $message, 0, $level, $file, $line );
	}
);

define( 'PLUGIN', dirname( __DIR__, 4 ) . '/clones/image/custom-migrator' );

$checks = 0;

/** Runs one check; whatever it throws makes it fail. */
function check( $name, $work ) {
	global $checks;
	++$checks;
	try {
		$work();
		echo "ok $checks - $name\n";
	} catch ( Throwable $error ) {
		echo "not ok $checks - $name\n";
		foreach ( explode( "\n", get_class( $error ) . ': ' . $error->getMessage() . "\n" . $error->getTraceAsString() ) as $line ) {
			echo '# ' . preg_replace( '/[^\x20-\x7E]/', '?', $line ) . "\n";
		}
	}
}

/** The last line: without it, the script ended early. */
function finish() {
	global $checks;
	echo "1..$checks\n";
}

function shown( $value ) {
	$text = var_export( $value, true );
	return strlen( $text ) > 2000 ? substr( $text, 0, 2000 ) . '…' : $text;
}

function same( $expected, $got, $hint = '' ) {
	if ( $expected !== $got ) {
		throw new Exception( $hint . ' expected ' . shown( $expected ) . ' but got ' . shown( $got ) );
	}
}

/** The code with which something is refused, or `none`. */
function refusal( $work ) {
	try {
		$work();
	} catch ( Custom_Migrator_Error $error ) {
		return $error->name();
	}
	return 'none';
}
