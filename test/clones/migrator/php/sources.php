<?php
/** What the plugin's sources may not have: PHP newer than 7.4, and whatever makes objects or programs of data. */
require __DIR__ . '/harness.php';

/** Names of tokens that only a newer PHP has; some of them are unknown to the PHP that runs this. */
const NEWER_TOKENS = array( 'T_MATCH', 'T_ENUM', 'T_READONLY', 'T_ATTRIBUTE', 'T_NULLSAFE_OBJECT_OPERATOR' );
/** Functions of PHP 8; mbstring's are asked for as well: a host may lack it. */
const NEWER_FUNCTIONS = array( 'str_contains', 'str_starts_with', 'str_ends_with', 'array_is_list', 'get_debug_type', 'fdiv', 'array_find', 'array_any', 'array_all', 'json_validate', 'memory_reset_peak_usage' );
const DANGEROUS       = array( 'unserialize', 'maybe_unserialize', 'eval', 'assert', 'create_function', 'extract', 'exec', 'shell_exec', 'system', 'passthru', 'popen', 'proc_open', 'include', 'var_dump', 'print_r', 'error_log' );

/** Pages of the admin, which WordPress has its plugins print; all else gives back what it has to say. */
const MAY_PRINT = array( 'includes/class-clone-notice.php', 'includes/class-kept-mail-screen.php' );

$files = new RegexIterator( new RecursiveIteratorIterator( new RecursiveDirectoryIterator( PLUGIN, FilesystemIterator::SKIP_DOTS ) ), '~\.php$~' );
foreach ( $files as $file ) {
	$path   = (string) $file;
	$short  = substr( $path, strlen( PLUGIN ) + 1 );
	$source = file_get_contents( $path );

	check( "$short is PHP of 7.4", static function () use ( $source ) {
		// token_get_all() with this flag throws for what can't be parsed.
		$tokens = array_values( array_filter( token_get_all( $source, TOKEN_PARSE ), static function ( $token ) {
			return ! is_array( $token ) || T_WHITESPACE !== $token[0];
		} ) );
		foreach ( $tokens as $index => $token ) {
			$next = isset( $tokens[ $index + 1 ] ) ? $tokens[ $index + 1 ] : '';
			if ( ! is_array( $token ) ) {
				// A comma behind the last parameter is PHP 8; behind the last argument it isn't, but nobody needs it.
				same( false, ',' === $token && ')' === $next && ! is_array( $next ) && ! in_array_call( $tokens, $index ), 'a comma behind the last parameter' );
				continue;
			}
			same( false, in_array( token_name( $token[0] ), NEWER_TOKENS, true ), "line $token[2]: $token[1]" );
			if ( T_STRING === $token[0] && '(' === $next ) {
				same( false, in_array( strtolower( $token[1] ), NEWER_FUNCTIONS, true ) || 0 === strpos( $token[1], 'mb_' ), "line $token[2]: $token[1]" );
			}
			$before = $index > 0 ? $tokens[ $index - 1 ] : '';
			same( false, in_array( $token[0], array( T_PUBLIC, T_PROTECTED, T_PRIVATE ), true ) && in_array( $before, array( '(', ',' ), true ), "line $token[2]: a property among parameters" );
			same( false, T_STATIC === $token[0] && ':' === $before && ')' === $tokens[ $index - 2 ], "line $token[2]: static as a type" );
			same( false, T_VARIABLE === $token[0] && $index > 4 && is_array( $before ) && '|' === $tokens[ $index - 2 ] && is_array( $tokens[ $index - 3 ] ) && T_VARIABLE !== $tokens[ $index - 3 ][0] && ! ( is_array( $tokens[ $index - 5 ] ) && T_CATCH === $tokens[ $index - 5 ][0] ), "line $token[2]: a union of types" );
			same( false, T_STRING === $token[0] && ':' === $next && is_named_argument( $tokens, $index ), "line $token[2]: a named argument" );
		}
	} );

	check( "$short makes neither objects nor programs of data, and prints nothing", static function () use ( $source, $short ) {
		foreach ( token_get_all( $source ) as $token ) {
			if ( is_array( $token ) ) {
				same( false, in_array( ltrim( strtolower( $token[1] ), '\\' ), DANGEROUS, true ), "line $token[2]: $token[1]" );
			}
			same( false, is_array( $token ) && ! in_array( $short, MAY_PRINT, true ) && in_array( $token[0], array( T_ECHO, T_PRINT, T_INLINE_HTML ), true ), 'prints' );
			same( false, '`' === $token, 'a shell command' );
		}
	} );

	check( "$short ends its lines as WordPress does, and has no closing tag", static function () use ( $source ) {
		same( "<?php\n/**\n", substr( $source, 0, 10 ) );
		same( 0, preg_match( '~\r|[ \t]$|^ +[^ *]|\?>\s*$|[^\n]\z~m', $source, $found ), shown( $found ) );
	} );
}

/** Whether the bracket that ends here is one of array( … ) or of a call. */
function in_array_call( $tokens, $index ) {
	for ( $depth = 0, --$index; $index > 0; --$index ) {
		$depth += ')' === $tokens[ $index ] ? 1 : ( '(' === $tokens[ $index ] ? -1 : 0 );
		if ( $depth < 0 ) {
			// `function (` and `function name(` have parameters.
			$before = array( $tokens[ $index - 1 ], $tokens[ $index - 2 ] );
			return array() === array_filter( $before, static function ( $token ) {
				return is_array( $token ) && in_array( $token[0], array( T_FUNCTION, T_USE ), true );
			} );
		}
	}
	return true;
}

function is_named_argument( $tokens, $index ) {
	return in_array( $tokens[ $index - 1 ], array( '(', ',' ), true ) && ':' !== ( isset( $tokens[ $index + 2 ] ) ? $tokens[ $index + 2 ] : '' );
}

finish();
