<?php
/**
 * Says on each page of the admin, and in the bar above the site, that this is a clone.
 *
 * @package Custom_Migrator
 */

/** Nobody should do today's work in a site that ends tonight. */
class Custom_Migrator_Clone_Notice {
	/** Shows it. */
	public static function register() {
		add_action( 'admin_bar_menu', array( __CLASS__, 'bar' ), 1 );
		add_action( 'admin_notices', array( __CLASS__, 'notice' ), -PHP_INT_MAX );
		add_filter( 'plugin_row_meta', array( __CLASS__, 'plugin_row' ), PHP_INT_MAX, 2 );
	}

	/**
	 * What the site is, in a sentence.
	 *
	 * @return string Plain text.
	 */
	public static function sentence() {
		$record = Custom_Migrator_Clone::record();
		$of     = (string) wp_parse_url( $record['of'], PHP_URL_HOST ) . (string) wp_parse_url( $record['of'], PHP_URL_PATH );
		$what   = '' === $of ? 'This is a clone' : 'This is a clone of ' . $of;
		$until  = 0 === $record['ends'] ? 'it ends when its time is over' : 'it ends at ' . wp_date( 'Y-m-d H:i T', $record['ends'] );
		return $what . '; ' . $until . '.';
	}

	/**
	 * The badge in the bar.
	 *
	 * @param object $bar WP_Admin_Bar.
	 */
	public static function bar( $bar ) {
		$bar->add_node(
			array(
				'id'    => 'custom-migrator-clone',
				'title' => '<span style="background:#d63638;color:#fff;padding:0 8px;display:inline-block">Clone</span>',
				'href'  => current_user_can( 'manage_options' ) ? admin_url( 'tools.php?page=' . Custom_Migrator_Kept_Mail_Screen::PAGE ) : false,
				'meta'  => array( 'title' => self::sentence() ),
			)
		);
	}

	/** The notice in the admin. */
	public static function notice() {
		$more = 'Mail is kept under Tools, nothing runs by the clock, and search engines stay out.';
		$own  = self::replaced_mail();
		if ( '' !== $own ) {
			$more .= ' The plugin ' . $own . ' has its own way of sending mail: what it sends without WordPress may leave the clone.';
		}
		if ( 'production' === wp_get_environment_type() ) {
			$more .= ' Its plugins take it for production: set the environment variable WP_ENVIRONMENT_TYPE to staging.';
		}
		echo '<div class="notice notice-warning"><p><strong>' . esc_html( self::sentence() ) . '</strong> ' . esc_html( $more ) . '</p></div>';
	}

	/**
	 * Why a plugin is off, in its row of the list.
	 *
	 * @param mixed  $meta        What stands there: pieces of HTML.
	 * @param string $plugin_file As in `active_plugins`.
	 * @return array<string>
	 */
	public static function plugin_row( $meta, $plugin_file ) {
		$meta   = (array) $meta;
		$reason = Custom_Migrator_Clone_Rules::switched_off( $plugin_file );
		if ( '' !== $reason ) {
			$is_on  = in_array( $plugin_file, Custom_Migrator_Clone::activated_by_hand(), true );
			$meta[] = '<strong>' . ( $is_on ? 'Activated by hand on this clone.' : 'Switched off on this clone.' ) . '</strong> ' . esc_html( $reason );
		}
		return $meta;
	}

	/**
	 * The folder of a plugin whose wp_mail() stands in the place of WordPress' own.
	 *
	 * @return string Empty if none does.
	 */
	private static function replaced_mail() {
		$file = wp_normalize_path( (string) ( new ReflectionFunction( 'wp_mail' ) )->getFileName() );
		$base = wp_normalize_path( WP_PLUGIN_DIR ) . '/';
		return 0 === strpos( $file, $base ) ? explode( '/', substr( $file, strlen( $base ) ) )[0] : '';
	}
}
