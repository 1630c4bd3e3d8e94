<?php
/**
 * Fills an installed site with what a small business has. Sites that have it already stay as they are.
 *
 * Sizes come from `$input`: posts, and pixels of an image's side. Everything is the same in each run, but for dates that
 * WordPress sets itself.
 *
 * @package Loomworks
 */

if ( get_option( 'demo_filled' ) ) {
	return array( 'filled' => false );
}
require_once ABSPATH . 'wp-admin/includes/plugin.php';
require_once ABSPATH . 'wp-admin/includes/image.php';
require_once ABSPATH . 'wp-admin/includes/file.php';

$demo_url     = home_url();
$demo_posts   = (int) ( $input['posts'] ?? 30 );
$demo_side    = (int) ( $input['pixels'] ?? 320 );
$demo_subject = array( 'A walk', 'Fresh bread', 'The workshop', 'New lamps', 'Letters', 'Garden days', 'Old maps', 'Winter tea', 'Paper boats', 'Harvest' );

/**
 * A PNG of two colours that flow into each other, so that each picture is seen to be another.
 *
 * @param int $side Pixels.
 * @param int $seed Decides the colours.
 */
$demo_png = static function ( $side, $seed ) {
	$rows = '';
	$from = array( ( $seed * 67 ) % 256, ( $seed * 131 ) % 256, ( $seed * 29 + 90 ) % 256 );
	$to   = array( 255 - $from[1], 255 - $from[2], 255 - $from[0] );
	for ( $y = 0; $y < $side; $y++ ) {
		$rows .= "\0";
		for ( $x = 0; $x < $side; $x++ ) {
			$share = ( $x + $y ) / ( 2 * $side );
			// Circles in the middle: a plain gradient is no picture.
			$inside = ( $x - $side / 2 ) ** 2 + ( $y - $side / 2 ) ** 2 < ( $side / ( 3 + $seed % 4 ) ) ** 2;
			$share  = $inside ? 1 - $share : $share;
			foreach ( $from as $index => $value ) {
				$rows .= chr( (int) ( $value + ( $to[ $index ] - $value ) * $share ) );
			}
		}
	}
	$chunk = static function ( $type, $data ) {
		return pack( 'N', strlen( $data ) ) . $type . $data . pack( 'N', crc32( $type . $data ) );
	};
	return "\x89PNG\r\n\x1a\n"
		. $chunk( 'IHDR', pack( 'NNCCCCC', $side, $side, 8, 2, 0, 0, 0 ) )
		. $chunk( 'IDAT', gzcompress( $rows, 6 ) )
		. $chunk( 'IEND', '' );
};

/**
 * Puts a file into the media library.
 *
 * @param string $name Of the file.
 * @param string $bytes Its content.
 * @param string $type MIME.
 * @return int Its id.
 */
$demo_media = static function ( $name, $bytes, $type ) {
	$stored = wp_upload_bits( $name, null, $bytes );
	if ( ! empty( $stored['error'] ) ) {
		throw new RuntimeException( $name . ': ' . $stored['error'] );
	}
	$id = wp_insert_attachment(
		array(
			'post_title'     => pathinfo( $name, PATHINFO_FILENAME ),
			'post_mime_type' => $type,
			'guid'           => $stored['url'],
			'post_status'    => 'inherit',
		),
		$stored['file']
	);
	wp_update_attachment_metadata( $id, wp_generate_attachment_metadata( $id, $stored['file'] ) );
	return $id;
};

$demo_user = static function ( $login, $role, $name ) {
	return wp_insert_user(
		array(
			'user_login'   => $login,
			'user_email'   => $login . '@demo.example',
			'user_pass'    => wp_generate_password( 24 ),
			'role'         => $role,
			'display_name' => $name,
		)
	);
};

// Who writes and buys.
$demo_editor   = $demo_user( 'edith', 'editor', 'Edith Editor' );
$demo_customer = $demo_user( 'carl', 'subscriber', 'Carl Customer' );
$demo_logo     = $demo_media( 'demo-logo.png', $demo_png( 96, 5 ), 'image/png' );
$demo_price    = $demo_media( 'price-list.txt', "Lamp 49.00\nTea 7.50\nMap 19.90\nBoat 4.20\nBread 3.80\n", 'text/plain' );
update_option( 'blogname', 'Harbour & Sons' );
update_option( 'blogdescription', 'Lamps, tea and paper boats — since 1911 ⛵' );

// Posts, a third of them with a picture.
for ( $demo_index = 1; $demo_index <= $demo_posts; $demo_index++ ) {
	$demo_title = $demo_subject[ $demo_index % count( $demo_subject ) ] . ' ' . $demo_index;
	$demo_image = '';
	$demo_thumb = 0;
	if ( 1 === $demo_index % 3 ) {
		$demo_thumb = $demo_media( "picture-$demo_index.png", $demo_png( $demo_side, $demo_index ), 'image/png' );
		$demo_image = sprintf(
			'<!-- wp:image {"id":%1$d,"sizeSlug":"full"} --><figure class="wp-block-image size-full"><img src="%2$s" alt="%3$s" class="wp-image-%1$d"/></figure><!-- /wp:image -->',
			$demo_thumb,
			wp_get_attachment_url( $demo_thumb ),
			esc_attr( $demo_title )
		);
	}
	$demo_post = wp_insert_post(
		wp_slash(
			array(
				'post_title'   => $demo_title,
				'post_status'  => 'publish',
				'post_author'  => $demo_index % 2 ? $demo_editor : 1,
				'post_date'    => gmdate( 'Y-m-d H:i:s', strtotime( '2026-01-01 09:00:00' ) + $demo_index * DAY_IN_SECONDS ),
				'tags_input'   => array( 'harbour', 0 === $demo_index % 2 ? 'even' : 'odd' ),
				'post_content' => $demo_image . "<!-- wp:paragraph --><p>No. $demo_index of our news: read <a href=\"$demo_url/about/\">who we are</a>, or look at <a href=\"$demo_url/shop/?from=" . rawurlencode( "$demo_url/" ) . '">the shop</a>. “Quotes”, ümläuts and 🚢 stay as they are.</p><!-- /wp:paragraph -->',
			)
		)
	);
	if ( $demo_thumb ) {
		set_post_thumbnail( $demo_post, $demo_thumb );
	}
	if ( 0 === $demo_index % 4 ) {
		wp_insert_comment(
			array(
				'comment_post_ID'      => $demo_post,
				'comment_author'       => 'Carl Customer',
				'comment_author_email' => 'carl@demo.example',
				'comment_author_url'   => "$demo_url/author/carl/",
				'comment_content'      => "Lovely, number $demo_index!",
				'user_id'              => $demo_customer,
				'comment_approved'     => 1,
			)
		);
	}
}

// The shop: its plugin comes with its tables, products and orders.
$demo_plugin = WP_PLUGIN_DIR . '/demo-shop';
if ( is_file( $demo_plugin . '/demo-shop.php' ) ) {
	activate_plugin( 'demo-shop/demo-shop.php' );
	demo_shop_install();
	global $wpdb;
	foreach ( array( 'Lamp' => '49.00', 'Tea' => '7.50', 'Map' => '19.90', 'Boat' => '4.20', 'Bread' => '3.80' ) as $demo_name => $demo_cost ) {
		$demo_product = wp_insert_post(
			array(
				'post_type'    => 'product',
				'post_title'   => $demo_name,
				'post_status'  => 'publish',
				'post_content' => "<p>$demo_name of the house, see <a href=\"$demo_url/shop/\">all</a>.</p>",
			)
		);
		update_post_meta( $demo_product, 'price', $demo_cost );
		update_post_meta( $demo_product, 'gallery', array( array( 'src' => wp_get_attachment_url( $demo_logo ), 'size' => array( 96, 96 ) ) ) );
		for ( $demo_index = 1; $demo_index <= 8; $demo_index++ ) {
			$wpdb->insert(
				$wpdb->prefix . 'demo_shop_orders',
				array(
					'customer' => 'Carl Customer',
					'email'    => 'carl@demo.example',
					'product'  => $demo_product,
					'total'    => $demo_cost,
					'receipt'  => wp_json_encode( array( 'link' => "$demo_url/receipt/$demo_product-$demo_index/", 'note' => 'Grüße' ) ),
				)
			);
		}
	}
	// What shops do to options: arrays in arrays, a serialized text within them, JSON with escaped slashes, encoded URLs.
	update_option(
		'demo_shop_settings',
		array(
			'currency' => 'EUR',
			'pages'    => array(
				'checkout' => array(
					'url'  => "$demo_url/checkout/",
					'logo' => wp_get_attachment_url( $demo_logo ),
				),
			),
			'legacy'   => serialize( array( 'home' => "$demo_url/", 'deep' => serialize( array( 'again' => "$demo_url/shop/" ) ) ) ),
			'json'     => wp_json_encode( array( 'return' => "$demo_url/thanks/" ) ),
			'encoded'  => 'https://pay.example/?back=' . rawurlencode( "$demo_url/thanks/" ),
			'enabled'  => true,
			'rates'    => array( 7, 19.5, null ),
		)
	);
}

// Pages, and a menu to them.
$demo_menu = wp_create_nav_menu( 'Main' );
foreach ( array(
	'About'   => '<!-- wp:paragraph --><p>Harbour & Sons sell what a harbour town needs.</p><!-- /wp:paragraph -->',
	'Shop'    => '<!-- wp:shortcode -->[demo_shop]<!-- /wp:shortcode -->',
	'Contact' => "<!-- wp:paragraph --><p>Write to <a href=\"mailto:hello@demo.example\">hello@demo.example</a>; <a href=\"" . wp_get_attachment_url( $demo_price ) . '">our prices</a>.</p><!-- /wp:paragraph -->',
) as $demo_title => $demo_content ) {
	$demo_page = wp_insert_post(
		array(
			'post_type'    => 'page',
			'post_title'   => $demo_title,
			'post_status'  => 'publish',
			'post_content' => $demo_content,
		)
	);
	wp_update_nav_menu_item(
		$demo_menu,
		0,
		array(
			'menu-item-title'     => $demo_title,
			'menu-item-object'    => 'page',
			'menu-item-object-id' => $demo_page,
			'menu-item-type'      => 'post_type',
			'menu-item-status'    => 'publish',
		)
	);
}
wp_update_nav_menu_item( $demo_menu, 0, array( 'menu-item-title' => 'News', 'menu-item-url' => "$demo_url/", 'menu-item-status' => 'publish' ) );
update_option( 'demo_filled', '1' );
delete_option( 'rewrite_rules' );
return array( 'filled' => true );
