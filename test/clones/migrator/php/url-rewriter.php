<?php
require __DIR__ . '/harness.php';
require PLUGIN . '/includes/class-migrator-error.php';
require PLUGIN . '/includes/class-url-rewriter.php';

$root   = array( 'https://shop.example.com' => 'https://c1.clones.test' );
$path   = array( 'https://example.com/shop' => 'https://c1.clones.test' );
$deeper = array( 'https://shop.example.com' => 'https://clones.test/c1' );
$port   = array( 'http://localhost:8080' => 'https://c1.clones.test' );
$both   = array(
	'https://example.com'    => 'https://c1.clones.test',
	'https://example.com/wp' => 'https://c1.clones.test/core',
);
$below  = array( 'https://example.com' => 'https://example.com/clone1' );
$ported = array( 'https://shop.example.com' => 'http://localhost:9400/site%20a' );

$cases = array(
	// Title, map, text, what it becomes.
	array( 'a plain URL', $root, 'see https://shop.example.com/cart?a=1#b now', 'see https://c1.clones.test/cart?a=1#b now' ),
	array( 'http becomes the scheme of the target', $root, 'http://shop.example.com/', 'https://c1.clones.test/' ),
	array( 'www is the same site', $root, 'https://www.shop.example.com/a', 'https://c1.clones.test/a' ),
	array( 'a site with www is the same without', array( 'https://www.example.com' => 'https://c.test' ), 'http://example.com/a https://www.example.com/b', 'https://c.test/a https://c.test/b' ),
	array( 'an address has no www', array( 'http://10.0.0.1' => 'https://c.test' ), 'http://10.0.0.1/a http://www.10.0.0.1/a', 'https://c.test/a http://www.10.0.0.1/a' ),
	array( 'hosts in other case', $root, 'HTTPS://Shop.Example.COM/A', 'https://c1.clones.test/A' ),
	array( 'without a scheme', $root, 'src="//shop.example.com/a.png"', 'src="//c1.clones.test/a.png"' ),
	array( 'without a scheme, escaped by JSON', $root, '"\/\/shop.example.com\/a.png"', '"\/\/c1.clones.test\/a.png"' ),
	array( 'without a scheme, URL-encoded', $root, 'u=%2F%2Fshop.example.com%2Fa', 'u=%2F%2Fc1.clones.test%2Fa' ),
	array( 'escaped by JSON', $deeper, '{"u":"https:\/\/shop.example.com\/a"}', '{"u":"https:\/\/clones.test\/c1\/a"}' ),
	array( 'escaped by JSON in JSON', $deeper, 'https:\\\\\\/\\\\\\/shop.example.com\\\\\\/a', 'https:\\\\\\/\\\\\\/clones.test\\\\\\/c1\\\\\\/a' ),
	array( 'escaped by JSON in JSON that leaves slashes', $deeper, 'https:\\\\/\\\\/shop.example.com\\\\/a', 'https:\\\\/\\\\/clones.test\\\\/c1\\\\/a' ),
	array( 'slashes as JSON\'s code points', $deeper, 'https:\u002F\u002Fshop.example.com\u002Fa', 'https:\u002F\u002Fclones.test\u002Fc1\u002Fa' ),
	array( 'right after a line break of JSON', $root, '"a\nhttps:\/\/shop.example.com\n"', '"a\nhttps:\/\/c1.clones.test\n"' ),
	array( 'right after a line break of JSON, without a scheme', $root, '"a\n\/\/shop.example.com\n"', '"a\n\/\/c1.clones.test\n"' ),
	array( 'URL-encoded', $deeper, 'u=https%3A%2F%2Fshop.example.com%2Fa&x', 'u=https%3A%2F%2Fclones.test%2Fc1%2Fa&x' ),
	array( 'URL-encoded in lower case', $deeper, 'u=https%3a%2f%2fshop.example.com%2fa', 'u=https%3a%2f%2fclones.test%2fc1%2fa' ),
	array( 'URL-encoded twice', $deeper, 'u%3Dhttps%253A%252F%252Fshop.example.com%252Fa', 'u%3Dhttps%253A%252F%252Fclones.test%252Fc1%252Fa' ),
	array( 'with HTML\'s references', $root, 'https&#58;&#47;&#47;shop.example.com&#x2F;a https:&#x2f;&#x2f;shop.example.com', 'https&#58;&#47;&#47;c1.clones.test&#x2F;a https:&#x2f;&#x2f;c1.clones.test' ),
	array( 'inside the URL of another site', $root, 'https://share.test/?u=https%3A%2F%2Fshop.example.com&v=https://shop.example.com', 'https://share.test/?u=https%3A%2F%2Fc1.clones.test&v=https://c1.clones.test' ),
	array( 'several in one text', $root, 'https://shop.example.com,http://shop.example.com;//shop.example.com', 'https://c1.clones.test,https://c1.clones.test;//c1.clones.test' ),
	array( 'a port that the scheme has anyway', $root, 'https://shop.example.com:443/a http%3A%2F%2Fshop.example.com%3A80%2Fa', 'https://c1.clones.test/a https%3A%2F%2Fc1.clones.test%2Fa' ),
	array( 'a site%20at a port', $port, 'http://localhost:8080/a http%3A%2F%2Flocalhost%3A8080%2Fa //localhost:8080', 'https://c1.clones.test/a https%3A%2F%2Fc1.clones.test%2Fa //c1.clones.test' ),
	array( 'a target at a port and with a path', $ported, 'https://shop.example.com/x https%3a%2f%2fshop.example.com%2fx //shop.example.com', 'http://localhost:9400/site%20a/x http%3a%2f%2flocalhost%3a9400%2fsite%2520a%2fx //localhost:9400/site%20a' ),
	array( 'a target at a port, URL-encoded without a scheme', array( 'https://shop.example.com' => 'http://localhost:9400' ), '%2f%2fshop.example.com%2fx %252F%252Fshop.example.com', '%2f%2flocalhost%3a9400%2fx %252F%252Flocalhost%253A9400' ),
	array( 'a site below a path', $path, 'https://example.com/shop https://example.com/shop/a https:\/\/example.com\/shop\/a https%3A%2F%2Fexample.com%2Fshop%2Fa', 'https://c1.clones.test https://c1.clones.test/a https:\/\/c1.clones.test\/a https%3A%2F%2Fc1.clones.test%2Fa' ),
	array( 'a path of other scripts, encoded or not', array( 'https://example.com/sch%C3%B6n' => 'https://c.test' ), 'https://example.com/sch%C3%B6n/a https%3A%2F%2Fexample.com%2Fsch%25C3%25B6n%2Fa', 'https://c.test/a https%3A%2F%2Fc.test%2Fa' ),
	array( 'the longest wins, whatever the order', $both, 'https://example.com/wp/a https://example.com/wpa https://example.com/a', 'https://c1.clones.test/core/a https://c1.clones.test/wpa https://c1.clones.test/a' ),
	array( 'the longest wins, whatever the order, other order', array_reverse( $both ), 'https://example.com/wp/a https://example.com/wpa', 'https://c1.clones.test/core/a https://c1.clones.test/wpa' ),
	array( 'sites that change places', array( 'https://a.test' => 'https://b.test', 'https://b.test' => 'https://a.test' ), 'https://a.test https://b.test', 'https://b.test https://a.test' ),
	array( 'a target below the source is not moved again', $below, 'https://example.com/a https://example.com/clone1/a https://example.com/clone10', 'https://example.com/clone1/a https://example.com/clone1/a https://example.com/clone1/clone10' ),
	array( 'a target that is the source with www', array( 'https://a.test' => 'https://www.a.test' ), 'https://a.test https://www.a.test', 'https://www.a.test https://www.a.test' ),
	array( 'from http to https of the same host', array( 'http://a.test' => 'https://a.test' ), 'http://a.test/x http:\/\/www.a.test', 'https://a.test/x https:\/\/a.test' ),
	array( 'the end of a sentence', $root, 'Go to https://shop.example.com. Or https://shop.example.com: nice, https://shop.example.com... and', 'Go to https://c1.clones.test. Or https://c1.clones.test: nice, https://c1.clones.test... and' ),
	array( 'the end of an HTML comment', $root, '<!--https://shop.example.com-->', '<!--https://c1.clones.test-->' ),
	array( 'text of another script right behind', $root, "https://shop.example.com\u{3078} \u{201C}https://shop.example.com\u{201D}", "https://c1.clones.test\u{3078} \u{201C}https://c1.clones.test\u{201D}" ),
	array( 'bytes that are no UTF-8', $root, "\xFF\x00https://shop.example.com\x00\xC3", "\xFF\x00https://c1.clones.test\x00\xC3" ),
	array( 'punctuation behind a path', $path, "(https://example.com/shop) https://example.com/shop. https://example.com/shop%20x https://example.com/shop\u{3002}", "(https://c1.clones.test) https://c1.clones.test. https://c1.clones.test%20x https://c1.clones.test\u{3002}" ),
	array( 'a trailing slash of either side is no part of it', array( 'https://a.test/x/' => 'https://c.test/' ), 'https://a.test/x/ https://a.test/x', 'https://c.test/ https://c.test' ),
	array( 'an empty text', $root, '', '' ),
);

$kept = array(
	array( 'a longer top-level domain', $root, 'https://shop.example.community/' ),
	array( 'a longer name of a host', $root, 'https://shop.example.com.au/ https://shop.example.com-x.test //shop.example.com_x' ),
	array( 'a host that ends like ours', $root, 'https://myshop.example.com https://my.shop.example.com //xshop.example.com https://my-shop.example.com' ),
	array( 'a dot that is another letter', $root, 'shop.example.com https://shopxexample.com/' ),
	array( 'another port', $root, 'https://shop.example.com:8443/ https%3A%2F%2Fshop.example.com%3A8443 https://shop.example.com:4430 https://shop.example.com&#58;8443' ),
	array( 'a site\'s host at other ports', $port, 'http://localhost/ http://localhost:80800 http://localhost:808' ),
	array( 'a longer path', $path, 'https://example.com/shopping https://example.com/shop-2 https://example.com/shop_a https://example.com/shop.php https://example.com/shop~a' ),
	array( 'a longer path, encoded', $path, "https://example.com/shop%C3%A9 https%3A%2F%2Fexample.com%2Fshopping https://example.com/shop\u{E9} https://example.com/shop%61" ),
	array( 'a path in other case', $path, 'https://example.com/Shop/a' ),
	array( 'the site%20above the path', $path, 'https://example.com https://example.com/ https://example.com/x/shop' ),
	array( 'e-mail addresses', $root, 'info@shop.example.com mailto:info@shop.example.com <a@shop.example.com>' ),
	array( 'the name of a user before another host', $root, 'https://shop.example.com@evil.test https%3A%2F%2Fshop.example.com%40evil.test' ),
	array( 'a host without slashes', $root, 'shop.example.com www.shop.example.com/a' ),
	array( 'other schemes', $root, 'ftp://shop.example.com/ file:///shop.example.com ftp%3A%2F%2Fshop.example.com ftp:\/\/shop.example.com' ),
	array( 'slashes of two kinds', $root, 'https:/%2Fshop.example.com' ),
	array( 'base64', $root, base64_encode( 'https://shop.example.com/' ) ),
);

foreach ( $cases as list( $title, $map, $text, $expected ) ) {
	check( "rewrites $title", static function () use ( $map, $text, $expected ) {
		$rewriter = new Custom_Migrator_Url_Rewriter( $map );
		same( $expected, $rewriter->rewrite( $text ) );
	} );
}
foreach ( $kept as list( $title, $map, $text ) ) {
	check( "leaves $title", static function () use ( $map, $text ) {
		$rewriter = new Custom_Migrator_Url_Rewriter( $map );
		same( $text, $rewriter->rewrite( $text ) );
	} );
}

check( 'rewriting twice is as good as once', static function () use ( $cases ) {
	foreach ( $cases as list( $title, $map, , $expected ) ) {
		if ( 'sites that change places' !== $title ) {
			$rewriter = new Custom_Migrator_Url_Rewriter( $map );
			same( $expected, $rewriter->rewrite( $expected ), $title );
		}
	}
} );

check( 'brings back with the other direction what it rewrote', static function () use ( $below, $root, $deeper ) {
	foreach ( array( $below, $root, $deeper ) as $map ) {
		$there = new Custom_Migrator_Url_Rewriter( $map );
		$back  = new Custom_Migrator_Url_Rewriter( array_flip( $map ) );
		$text  = sprintf( '%1$s/a "%2$s\/b" %3$s', key( $map ), str_replace( '/', '\/', key( $map ) ), rawurlencode( key( $map ) ) );
		same( $text, $back->rewrite( $there->rewrite( $text ) ) );
	}
} );

check( 'refuses what is no URL of a site', static function () {
	$wrong = array( 'shop.example.com', 'ftp://a.test', 'https://', 'https://a.test/?x', 'https://a.test/#x', 'https://u:p@a.test', "https://a.test\n", 'https://a test', 'https://a.test/"x' );
	foreach ( $wrong as $url ) {
		$make = static function () use ( $url ) {
			return new Custom_Migrator_Url_Rewriter( array( $url => 'https://c.test' ) );
		};
		same( 'URL_INVALID', refusal( $make ), $url );
	}
} );

check( 'takes a time that grows with the text, no more: texts made to be slow', static function () use ( $root ) {
	$rewriter = new Custom_Migrator_Url_Rewriter( $root );
	foreach ( array( '\\', '/', 'https:', '%25', 'https://shop.example.com', '&#0', '//', '\\\\/', 'https://shop.example.com-' ) as $piece ) {
		$text    = 'shop.example.com' . str_repeat( $piece, (int) ( 2000000 / strlen( $piece ) ) );
		$started = microtime( true );
		$rewriter->rewrite( $text );
		$seconds = microtime( true ) - $started;
		if ( $seconds > 5 ) {
			throw new Exception( "$piece took $seconds s for 2 MB" );
		}
	}
} );

finish();
