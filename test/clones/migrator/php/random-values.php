<?php
/** Random values of PHP, the same for the same seed, and what a rewriter has to make of them: by way of unserialize(). */

class Thing {
	public $open;
	protected $guarded;
	private $own;
	public function __construct( $open, $guarded, $own ) {
		$this->open    = $open;
		$this->guarded = $guarded;
		$this->own     = $own;
	}
	public function map( $change ) {
		$this->open    = $change( $this->open );
		$this->guarded = $change( $this->guarded );
		$this->own     = $change( $this->own );
	}
}

/** Writes its state as an array: `O:` with numbers for names. */
class Listed {
	public $items;
	public function __construct( $items ) {
		$this->items = $items;
	}
	public function __serialize() {
		return $this->items;
	}
	public function __unserialize( array $items ) {
		$this->items = $items;
	}
}

function random_text() {
	$pieces = array( 'https://shop.example.com', 'http:\/\/www.shop.example.com\/a', '//shop.example.com/x.png', 'https%3A%2F%2Fshop.example.com%2F', 'a@shop.example.com', 'https://shop.example.community', "\u{1F600}", "\xFF\x00\xC3", '";', '}', '{', ':"', "\n", 'N;', 'shop', ' ', '', 'a:1:', '\\', "'" );
	$text   = '';
	for ( $left = mt_rand( 0, 5 ); $left > 0; --$left ) {
		$text .= $pieces[ mt_rand( 0, count( $pieces ) - 1 ) ] . ( mt_rand( 0, 1 ) ? ' ' : '' );
	}
	return $text;
}

/** @param bool $plain Without what PHP reads by other rules than its form: objects and references. */
function random_value( $depth, $plain = false ) {
	switch ( mt_rand( 0, $depth > 0 ? ( $plain ? 9 : 13 ) : 4 ) ) {
		case 0:
			$scalars = array( null, true, false, 0, -7, PHP_INT_MAX, 1.5, -1.0E+25, INF, -INF, NAN, 0.1, -0.0 );
			return $scalars[ mt_rand( 0, count( $scalars ) - 1 ) ];
		case 5:
			return serialize( random_value( $depth - 1, $plain ) );
		case 6:
		case 7:
		case 8:
		case 9:
			$array = array();
			for ( $left = mt_rand( 0, 4 ); $left > 0; --$left ) {
				$key           = mt_rand( 0, 1 ) ? mt_rand( -3, 9 ) : random_text();
				$array[ $key ] = random_value( $depth - 1, $plain );
			}
			if ( ! $plain && $array && 0 === mt_rand( 0, 3 ) ) {
				$first          = key( $array );
				$array['again'] = &$array[ $first ];
			}
			return $array;
		case 10:
			$object = new stdClass();
			for ( $left = mt_rand( 0, 3 ); $left > 0; --$left ) {
				$object->{ 'p' . mt_rand( 0, 9 ) } = random_value( $depth - 1 );
			}
			return $object;
		case 11:
			return new Thing( random_value( $depth - 1 ), random_value( $depth - 1 ), random_value( $depth - 1 ) );
		case 12:
			return new Listed( array( random_value( $depth - 1 ), random_value( $depth - 1 ) ) );
		case 13:
			$object = new stdClass();
			return array( $object, $object, new ArrayObject( array( random_text(), random_value( $depth - 1 ) ) ) );
		default:
			return random_text();
	}
}

/** What `value` becomes: with unserialize(), as the walker must not. Objects are changed where they are. */
function replaced( $value, $rewriter, &$seen = array() ) {
	$again = static function ( $inner ) use ( $rewriter, &$seen ) {
		return replaced( $inner, $rewriter, $seen );
	};
	if ( is_string( $value ) ) {
		if ( preg_match( '~^(?:[sOC]:\d+:"|a:\d+:\{)~', $value ) ) {
			$inner = @unserialize( $value );
			return false === $inner ? $value : serialize( $again( $inner ) );
		}
		// Garbled data within a text: no replacement in values knows what is best for it.
		$GLOBALS['unsure'] = ! empty( $GLOBALS['unsure'] ) || preg_match( '~s:\d+:"~', $value );
		return $rewriter->rewrite( $value );
	}
	if ( is_array( $value ) ) {
		// By reference, so that what was one value stays one.
		foreach ( $value as &$element ) {
			$element = $again( $element );
		}
		unset( $element );
		return $value;
	}
	if ( is_object( $value ) && ! isset( $seen[ spl_object_id( $value ) ] ) ) {
		$seen[ spl_object_id( $value ) ] = $value;
		if ( $value instanceof Thing ) {
			$value->map( $again );
		} elseif ( $value instanceof Listed ) {
			$value->items = $again( $value->items );
		} elseif ( $value instanceof ArrayObject ) {
			$value->exchangeArray( $again( $value->getArrayCopy() ) );
		} else {
			foreach ( array_keys( get_object_vars( $value ) ) as $name ) {
				$value->$name = $again( $value->$name );
			}
		}
	}
	return $value;
}
