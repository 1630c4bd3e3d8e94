<?php
/** Which plugins are switched off on clones. */
require __DIR__ . '/harness.php';
require PLUGIN . '/includes/class-clone-rules.php';

const STRIPE = 'woocommerce-gateway-stripe/woocommerce-gateway-stripe.php';

function off( $file ) {
	return '' !== Custom_Migrator_Clone_Rules::switched_off( $file );
}

check( 'what acts on the world outside is switched off, with its reason', static function () {
	$files = array( STRIPE, 'woocommerce-payments/woocommerce-payments.php', 'woo-paypal-gateway/x.php', 'wp-webhooks/wp-webhooks.php', 'mailchimp-for-wp/mailchimp-for-wp.php', 'updraftplus/updraftplus.php', 'wp-rocket/wp-rocket.php', 'wordfence/wordfence.php', 'Jetpack/jetpack.php', 'wp-cerber/wp-cerber.php', 'redis-cache/redis-cache.php', 'wordfence.php' );
	foreach ( $files as $file ) {
		same( true, strlen( Custom_Migrator_Clone_Rules::switched_off( $file ) ) > 20, $file );
	}
} );

check( 'what a site shows and works with stays on', static function () {
	foreach ( array( 'woocommerce/woocommerce.php', 'akismet/akismet.php', 'elementor/elementor.php', 'hello.php', 'contact-form-7/wp-contact-form-7.php', 'advanced-custom-fields/acf.php', 'wordpress-seo/wp-seo.php', 'custom-migrator/custom-migrator.php', 'gutenberg/gutenberg.php', 'polylang/polylang.php', 'restripes/x.php.txt', '' ) as $file ) {
		same( 'restripes/x.php.txt' === $file, off( $file ), $file );
	}
} );

check( 'every pattern is in lower case, once, and of a kind with a reason', static function () {
	$all = array();
	foreach ( Custom_Migrator_Clone_Rules::PATTERNS as $kind => $patterns ) {
		same( true, isset( Custom_Migrator_Clone_Rules::REASONS[ $kind ] ), $kind );
		foreach ( $patterns as $pattern ) {
			same( 1, preg_match( '/\A[a-z0-9*-]+\z/', $pattern ), $pattern );
			same( false, in_array( $pattern, $all, true ), $pattern );
			$all[] = $pattern;
		}
	}
} );

check( 'CLONE_SWITCHED_OFF_PLUGINS adds, takes off, and empties', static function () {
	putenv( 'CLONE_SWITCHED_OFF_PLUGINS= my-erp-* , -woocommerce-gateway-stripe,-wordfence*' );
	same( array( true, false, false, true ), array_map( 'off', array( 'my-erp-link/x.php', STRIPE, 'wordfence/wordfence.php', 'updraftplus/updraftplus.php' ) ) );
	putenv( 'CLONE_SWITCHED_OFF_PLUGINS=none,my-erp-*' );
	same( array( true, false, false ), array_map( 'off', array( 'my-erp-link/x.php', STRIPE, 'updraftplus/updraftplus.php' ) ) );
	putenv( 'CLONE_SWITCHED_OFF_PLUGINS=.*,a.b(' );
	same( array( false, true ), array_map( 'off', array( 'gutenberg/gutenberg.php', 'a.b(/x.php' ) ) );
	putenv( 'CLONE_SWITCHED_OFF_PLUGINS' );
	same( true, off( STRIPE ) );
} );

check( 'what runs on a clone is the rest, and what somebody activated by hand', static function () {
	$active = array( 'a/a.php', STRIPE, 7, 'jetpack/jetpack.php' );
	same( array( 'a/a.php' ), Custom_Migrator_Clone_Rules::running( $active ) );
	same( array( 'a/a.php', STRIPE ), Custom_Migrator_Clone_Rules::running( $active, array( STRIPE ) ) );
	same( array(), Custom_Migrator_Clone_Rules::running( 'a/a.php' ) );
} );

check( 'a target keeps running what was switched off on its clone alone', static function () {
	same(
		array( 'a/a.php', 'new/new.php', STRIPE ),
		Custom_Migrator_Clone_Rules::restored( array( 'new/new.php', 'a/a.php' ), array( 'a/a.php', 'given-up/x.php', STRIPE ) )
	);
	same( array( STRIPE ), Custom_Migrator_Clone_Rules::restored( false, array( STRIPE ) ) );
	same( array( 'a/a.php' ), Custom_Migrator_Clone_Rules::restored( array( 'a/a.php' ), '' ) );
} );

finish();
