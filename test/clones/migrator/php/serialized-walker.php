<?php
require __DIR__ . '/harness.php';
require PLUGIN . '/includes/class-migrator-error.php';
require PLUGIN . '/includes/class-url-rewriter.php';
require PLUGIN . '/includes/class-serialized-walker.php';
require __DIR__ . '/random-values.php';

/** Otherwise a float of JSON or of var_export() would depend on the machine's settings. */
ini_set( 'serialize_precision', '17' );
set_error_handler(
	static function ( $level, $message, $file, $line ) {
		// unserialize() says notices for what is broken: that is what is asked here.
		if ( false !== strpos( $message, 'unserialize' ) || 0 === ( error_reporting() & $level ) ) {
			return true;
		}
		throw new ErrorException( $message, 0, $level, $file, $line );
	}
);

$rewriter = new Custom_Migrator_Url_Rewriter( array( 'https://shop.example.com' => 'https://clone-1.clones.example.test/c1' ) );
$walker   = new Custom_Migrator_Serialized_Walker( $rewriter );
$old      = 'https://shop.example.com';
$new      = 'https://clone-1.clones.example.test/c1';

/** Problems' codes. */
$codes = static function () use ( $walker ) {
	return array_column( $walker->problems(), 'code' );
};

check( 'sets lengths in bytes, not in characters', static function () use ( $walker, $old, $new ) {
	same( serialize( array( "\u{1F600}$new/\u{E9}" ) ), $walker->walk( serialize( array( "\u{1F600}$old/\u{E9}" ) ) ) );
	same( array(), $walker->problems() );
} );

$nest = static function ( $text, $times ) {
	for ( ; $times > 0; --$times ) {
		$text = serialize( array( 'inner' => $text, 'n' => 1 ) );
	}
	return $text;
};

check( 'rewrites serialized data in strings of serialized data, up to the limit', static function () use ( $walker, $old, $new, $nest ) {
	foreach ( array( 1, 2, 5, Custom_Migrator_Serialized_Walker::MAX_NESTING ) as $times ) {
		same( $nest( $new, $times ), $walker->walk( $nest( $old, $times ) ) );
		same( array(), $walker->problems() );
	}
} );

check( 'leaves and tells what is nested beyond the limit', static function () use ( $walker, $old, $nest, $codes ) {
	$data = $nest( $old, Custom_Migrator_Serialized_Walker::MAX_NESTING + 2 );
	same( $data, $walker->walk( $data ) );
	same( array( 'too_deep' ), $codes() );
} );

$deep = static function ( $text, $times ) {
	return str_repeat( 'a:1:{i:0;', $times ) . serialize( $text ) . str_repeat( '}', $times );
};

check( 'reads arrays as deep as PHP does, and leaves deeper ones', static function () use ( $walker, $old, $new, $deep, $codes ) {
	same( $deep( $new, 4096 ), $walker->walk( $deep( $old, 4096 ) ) );
	same( array(), $walker->problems() );
	same( $deep( $old, 4097 ), $walker->walk( $deep( $old, 4097 ) ) );
	same( array( 'too_deep' ), $codes() );
} );

check( 'rewrites JSON in serialized data, and leaves it JSON', static function () use ( $walker, $old, $new ) {
	foreach ( array( 0, JSON_UNESCAPED_SLASHES ) as $flags ) {
		$from = serialize( array( 'j' => json_encode( array( 'u' => "$old/a", 'k' => json_encode( array( $old ), $flags ) ), $flags ) ) );
		$to   = serialize( array( 'j' => json_encode( array( 'u' => "$new/a", 'k' => json_encode( array( $new ), $flags ) ), $flags ) ) );
		same( $to, $walker->walk( $from ) );
	}
} );

check( 'keeps lengths right of serialized data in JSON, also in JSON of JSON', static function () use ( $walker, $old, $new, $codes ) {
	foreach ( array( 0, JSON_UNESCAPED_SLASHES, JSON_UNESCAPED_UNICODE ) as $flags ) {
		$make = static function ( $url ) use ( $flags ) {
			$inner = json_encode( array( 'a' => serialize( array( 'u' => "$url/\u{E9}", 's' => serialize( "$url\n" ) ) ), 'b' => $url ), $flags );
			return array( $inner, json_encode( array( $inner, 'x', $url ), $flags ), serialize( array( $inner ) ) );
		};
		$expected = $make( $new );
		foreach ( $make( $old ) as $index => $text ) {
			same( $expected[ $index ], $walker->walk( $text ), "flags $flags, form $index" );
			same( array(), $codes() );
		}
	}
} );

check( 'leaves and tells serialized data in JSON of a form that could not be written again', static function () use ( $walker, $old, $codes ) {
	$odd = '{"a":"\u0073' . substr( json_encode( serialize( array( $old ) ), JSON_UNESCAPED_SLASHES ), 1 ) . '}';
	same( $odd, $walker->walk( $odd ) );
	same( array( 'json' ), $codes() );
} );

check( 'keeps lengths right in the middle of other text, as in PHP\'s sessions', static function () use ( $walker, $old, $new ) {
	$session = static function ( $url ) {
		return 'cart|' . serialize( array( 'u' => $url, 'inner' => serialize( array( $url ) ) ) ) . "seen|s:2:\"ab\";$url s:9:\"$url";
	};
	same( $session( $new ), $walker->walk( $session( $old ) ) );
} );

check( 'rewrites the strings of objects of classes that nobody knows, and makes none', static function () use ( $walker, $old, $new ) {
	$object = static function ( $url ) {
		return 'O:12:"Bad\\Gadget_1":3:{s:1:"a";' . serialize( $url ) . "s:4:\"\0*\0b\";i:1;s:15:\"\0Bad\\Gadget_1\0c\";" . serialize( array( $url ) ) . '}';
	};
	same( $object( $new ), $walker->walk( $object( $old ) ) );
	same( array(), $walker->problems() );
} );

check( 'leaves and tells objects in a form of their own', static function () use ( $walker, $old, $new, $codes ) {
	$inner = serialize( array( $old ) );
	$data  = static function ( $url ) use ( $inner ) {
		return 'a:2:{i:0;C:6:"Custom":' . strlen( $inner ) . ':{' . $inner . '}i:1;' . serialize( $url ) . '}';
	};
	same( $data( $new ), $walker->walk( $data( $old ) ) );
	same( array( 'custom' ), $codes() );
} );

check( 'knows enumerations and references', static function () use ( $walker, $old, $new ) {
	$data = static function ( $url ) {
		return 'a:5:{i:0;E:8:"Suit:Ace";i:1;' . serialize( $url ) . 'i:2;R:3;i:3;r:1;i:4;d:0.10000000000000001;}';
	};
	same( $data( $new ), $walker->walk( $data( $old ) ) );
	same( array(), $walker->problems() );
} );

check( 'leaves keys, so that no two become one, and tells those with a URL', static function () use ( $walker, $old, $new, $codes ) {
	$data = static function ( $url ) use ( $old, $new ) {
		return serialize( array( $old => 1, $new => 2, 'x' => $url ) );
	};
	same( $data( $new ), $walker->walk( $data( $old ) ) );
	same( array( 'key' ), $codes() );
} );

check( 'leaves base64 alone', static function () use ( $walker, $old ) {
	$data = serialize( array( base64_encode( serialize( array( $old ) ) ), 'info@shop.example.com' ) );
	same( $data, $walker->walk( $data ) );
} );

check( 'leaves white space around serialized data', static function () use ( $walker, $old, $new ) {
	same( ' ' . serialize( $new ) . "\n", $walker->walk( ' ' . serialize( $old ) . "\n" ) );
} );

$malformed = array(
	'cut'                        => 'a:1:{i:0;s:24:"https://shop.example.com";',
	'a length too short'         => 'a:1:{i:0;s:23:"https://shop.example.com";}',
	'a length too long'          => 'a:1:{i:0;s:25:"https://shop.example.com";}',
	'a length beyond all bounds' => 's:9999999999:"https://shop.example.com";',
	'fewer values than told'     => 'a:2:{i:0;s:24:"https://shop.example.com";}',
	'more values than told'      => 'a:0:{i:0;s:24:"https://shop.example.com";}',
	'a value without a key'      => 'a:1:{s:24:"https://shop.example.com";}',
	'an array as a key'          => 'a:1:{a:0:{}s:24:"https://shop.example.com";}',
	'something behind the end'   => 's:24:"https://shop.example.com";i:1;',
	'an unknown token'           => 'a:1:{i:0;x:24:"https://shop.example.com";}',
	'a class that is none'       => 'O:3:"a b":1:{s:1:"u";s:24:"https://shop.example.com";}',
	'a class of another length'  => 'O:4:"abc":1:{s:1:"u";s:24:"https://shop.example.com";}',
	'a broken own form'          => 'C:3:"abc":99:{https://shop.example.com}',
	'an own form, other length'  => 'a:1:{i:0;C:3:"abc":23:{https://shop.example.com}',
	'characters counted'         => "a:1:{i:0;s:25:\"https://shop.example.com\u{E9}\";}",
	'broken behind a good one'   => 'a:2:{i:0;s:24:"https://shop.example.com";i:1;s:99:"x";}',
);
foreach ( $malformed as $title => $data ) {
	check( "leaves and tells what can't be read: $title", static function () use ( $walker, $data, $codes ) {
		same( $data, $walker->walk( $data ) );
		same( array( 'malformed' ), $codes() );
	} );
}

check( 'leaves what cannot be read inside of what can, and rewrites the rest', static function () use ( $walker, $old, $new, $codes ) {
	$broken = 'a:1:{i:0;s:23:"https://shop.example.com";}';
	same( serialize( array( $broken, $new ) ), $walker->walk( serialize( array( $broken, $old ) ) ) );
	same( array( 'malformed' ), $codes() );
} );

check( 'makes of 6,000 random values what a replacement in the values themselves makes', static function () use ( $walker, $rewriter ) {
	$changed = 0;
	for ( $seed = 1; $seed <= 6000; ++$seed ) {
		mt_srand( $seed );
		$data     = serialize( random_value( 5 ) );
		$got      = $walker->walk( $data );
		$expected = serialize( replaced( unserialize( $data ), $rewriter ) );
		$changed += $got === $data ? 0 : 1;
		same( $expected, $got, "seed $seed: $data" );
		same( $got, serialize( unserialize( $got ) ), "seed $seed" );
		same( $got, $walker->walk( $got ), "seed $seed, twice" );
	}
	if ( $changed < 2000 ) {
		throw new Exception( "only $changed had a URL" );
	}
} );

check( 'leaves whatever unserialize() cannot read of 30,000 cut and garbled values, and reads the rest as it does', static function () use ( $walker, $rewriter ) {
	$invalid = 0;
	$valid   = 0;
	$sure    = 0;
	for ( $seed = 1; $invalid + $valid < 30000; ++$seed ) {
		mt_srand( $seed );
		$data = serialize( array( 'x' => random_value( 4, true ), 'u' => 'https://shop.example.com/a' ) );
		for ( $again = 0; $again < 10; ++$again ) {
			$text = $data;
			for ( $times = mt_rand( 1, 2 ); $times > 0; --$times ) {
				$at    = mt_rand( 5, max( 5, strlen( $text ) - 1 ) );
				$piece = array( '', chr( mt_rand( 0, 255 ) ), (string) mt_rand( 0, 12 ), 'i:0;', '}', '"', ';', 's:1:"', substr( $data, mt_rand( 0, strlen( $data ) - 1 ), mt_rand( 1, 20 ) ) );
				$text  = substr( $text, 0, $at ) . $piece[ mt_rand( 0, 8 ) ] . ( 0 === mt_rand( 0, 5 ) ? '' : substr( $text, $at + mt_rand( 0, 3 ) ) );
			}
			$got   = $walker->walk( $text );
			$value = @unserialize( $text );
			if ( false === $value || in_array( 'malformed', array_column( $walker->problems(), 'code' ), true ) && $got === $text ) {
				++$invalid;
				same( $text, $got, "seed $seed" );
			} else {
				++$valid;
				$GLOBALS['unsure'] = false;
				$expected          = serialize( replaced( $value, $rewriter ) );
				$read              = serialize( unserialize( $got ) );
				if ( ! $GLOBALS['unsure'] ) {
					same( $expected, $read, "seed $seed: $text" );
					++$sure;
				} elseif ( false === unserialize( $got ) ) {
					throw new Exception( "seed $seed: could be read before" );
				}
			}
		}
	}
	if ( $sure < 1000 || $invalid < 10000 ) {
		throw new Exception( "$sure of $valid could be read, $invalid could not: too few of one to say anything" );
	}
} );

check( 'walks 8 MB of serialized data, and as much of hostile text, in time and memory that grow with it', static function () use ( $walker, $old, $new, $nest ) {
	$rows  = array_fill( 0, 100000, "$old/a" );
	$large = array(
		'rows'     => serialize( $rows ),
		'one text' => serialize( array( str_repeat( "$old ", 300000 ) ) ),
		'nested'   => $nest( str_repeat( "$old ", 30000 ), 14 ),
		'openings' => $old . str_repeat( 's:1:"', 1000000 ),
		'quotes'   => $old . 's:1:\\"' . '"' . str_repeat( '\\"', 3000000 ),
		'arrays'   => str_repeat( 'a:1:{i:0;', 800000 ) . $old,
		'json'     => json_encode( array( serialize( array( str_repeat( "$old ", 60000 ) ) ) ) ),
	);
	unset( $rows );
	foreach ( $large as $title => $data ) {
		$started = microtime( true );
		$got     = $walker->walk( $data );
		$seconds = microtime( true ) - $started;
		if ( $seconds > 8 ) {
			throw new Exception( "$title took $seconds s" );
		}
		if ( in_array( $title, array( 'rows', 'one text', 'nested', 'json' ), true ) ) {
			same( 0, substr_count( $got, 'shop.example.com' ), $title );
		}
		unset( $got );
	}
} );

finish();
