<?php
/**
 * Plugin Name: Demo shop
 * Description: A small shop for the demo site: options nested in each other, a table of its own, a list on a page.
 * Version: 1.0.0
 *
 * @package Loomworks
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** Makes the table of the orders. */
function demo_shop_install() {
	global $wpdb;
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	dbDelta(
		"CREATE TABLE {$wpdb->prefix}demo_shop_orders (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			customer varchar(190) NOT NULL DEFAULT '',
			email varchar(190) NOT NULL DEFAULT '',
			product bigint(20) unsigned NOT NULL DEFAULT 0,
			total decimal(10,2) NOT NULL DEFAULT 0,
			receipt longtext NOT NULL,
			ordered datetime NOT NULL DEFAULT '2026-01-01 00:00:00',
			PRIMARY KEY  (id),
			KEY email (email)
		) {$wpdb->get_charset_collate()};"
	);
}
register_activation_hook( __FILE__, 'demo_shop_install' );

add_action(
	'init',
	static function () {
		register_post_type(
			'product',
			array(
				'label'        => 'Products',
				'public'       => true,
				'show_in_rest' => true,
				'supports'     => array( 'title', 'editor', 'thumbnail', 'custom-fields' ),
			)
		);
		add_shortcode( 'demo_shop', 'demo_shop_list' );
	}
);

/** The products with their prices, and how many were ordered. */
function demo_shop_list() {
	global $wpdb;
	$settings = get_option( 'demo_shop_settings', array() );
	$lines    = '';
	foreach ( get_posts( array( 'post_type' => 'product', 'numberposts' => -1, 'orderby' => 'title', 'order' => 'ASC' ) ) as $product ) {
		$ordered = $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM {$wpdb->prefix}demo_shop_orders WHERE product = %d", $product->ID ) );
		$lines  .= sprintf(
			'<li><a href="%s">%s</a>: %s %s, ordered %d times</li>',
			esc_url( get_permalink( $product ) ),
			esc_html( $product->post_title ),
			esc_html( get_post_meta( $product->ID, 'price', true ) ),
			esc_html( $settings['currency'] ?? '' ),
			$ordered
		);
	}
	$logo = $settings['pages']['checkout']['logo'] ?? '';
	return '<div class="demo-shop"><img alt="Demo shop" src="' . esc_url( $logo ) . '" width="96"><ul>' . $lines . '</ul></div>';
}
