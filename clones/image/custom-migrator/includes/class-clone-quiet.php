<?php
/**
 * A clone is quiet: nothing runs by the clock, no search engine lists it, no other system hears of it.
 *
 * @package Custom_Migrator
 */

/** Filters of WordPress, of the Action Scheduler that shops run their jobs with, and of WooCommerce's webhooks. */
class Custom_Migrator_Clone_Quiet {
	/** Sets all of it up. */
	public static function register() {
		// Whoever asks wp-cron.php directly, or spawns it by another way, is told that nothing is due.
		add_filter( 'pre_get_ready_cron_jobs', '__return_empty_array', PHP_INT_MAX );

		// Its runner also comes by requests of administrators and by its own loop-back; with no batch allowed, it takes none.
		add_filter( 'action_scheduler_queue_runner_concurrent_batches', '__return_zero', PHP_INT_MAX );
		add_filter( 'action_scheduler_allow_async_request_runner', '__return_false', PHP_INT_MAX );

		add_filter( 'woocommerce_webhook_should_deliver', '__return_false', PHP_INT_MAX );
		add_filter( 'automatic_updater_disabled', '__return_true', PHP_INT_MAX );

		add_filter( 'pre_option_blog_public', array( __CLASS__, 'zero' ), PHP_INT_MAX );
		add_filter( 'wp_robots', array( __CLASS__, 'robots' ), PHP_INT_MAX );
		add_filter( 'robots_txt', array( __CLASS__, 'robots_txt' ), PHP_INT_MAX );
		// Where no page of the theme is made, too: the REST API, the login, the admin. And again behind what others send.
		add_action( 'init', array( __CLASS__, 'send_header' ), 0 );
		add_action( 'send_headers', array( __CLASS__, 'send_header' ), PHP_INT_MAX );
	}

	/**
	 * The value of `blog_public`, whatever the database has.
	 *
	 * @return string
	 */
	public static function zero() {
		return '0';
	}

	/**
	 * Directives of the robots' meta element, whatever a plugin for search engines wants.
	 *
	 * @return array<string, bool>
	 */
	public static function robots() {
		return array(
			'noindex'  => true,
			'nofollow' => true,
		);
	}

	/**
	 * The text of robots.txt.
	 *
	 * @return string
	 */
	public static function robots_txt() {
		return "User-agent: *\nDisallow: /\n";
	}

	/** The header that search engines read without reading the page. */
	public static function send_header() {
		if ( ! headers_sent() ) {
			header( 'X-Robots-Tag: noindex, nofollow, noarchive' );
		}
	}
}
