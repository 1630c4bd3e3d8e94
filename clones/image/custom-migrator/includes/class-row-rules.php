<?php
/**
 * Which rows are copied, and which don't count when two sites are compared.
 *
 * @package Custom_Migrator
 */

/**
 * Rules without any state. Rows are arrays of values by column; names of tables come without prefix.
 *
 * Never copied: what a site makes anew by itself (transients, rewrite rules), what belongs to one server or one login (locks,
 * sessions, cron), and what is the plugin's own. Volatile in addition: what changes without anybody changing the site.
 */
final class Custom_Migrator_Row_Rules {
	/** Options that stay behind: caches; locks; the source's plans; keys of a recovery mode; the plugin's own. */
	const OPTIONS = '~^(?:_transient_|_site_transient_|custom_migrator_|action_scheduler_lock_|_wc_session_|jetpack_nonce_)|^(?:cron|rewrite_rules|recovery_keys|recovery_mode_email_last_sent|db_upgraded|can_compress_scripts|auth_key|secure_auth_key|logged_in_key|nonce_key|auth_salt|secure_auth_salt|logged_in_salt|nonce_salt|secret)$|\.lock$~';

	/** Meta of users that stays behind: logins, passwords of programs, and where somebody was last seen. */
	const USERMETA = '~^(?:session_tokens|_application_passwords|community-events-location|_woocommerce_persistent_cart.*)$~';

	/** Meta of posts that stays behind: who is editing just now. */
	const POSTMETA = '~^_edit_lock$~';

	/** Tables of which only the form is copied: what is in them belongs to visitors of just now. */
	const EMPTY_TABLES = array( 'woocommerce_sessions', 'wc_rate_limits', 'wc_reserved_stock', 'actionscheduler_claims' );

	/** Meta that changes by mere use. */
	const VOLATILE_USERMETA = '~(?:^|_)(?:last_?(?:login|active|activity|update|seen)|login_(?:count|amount)|dashboard_quick_press_last_post_id|user-settings-time)(?:$|_)|^wfls-|^_yoast_wpseo_profile_updated$~';
	const VOLATILE_POSTMETA = '~^(?:_edit_last|_pingme|_encloseme|_wp_old_date|(?:post_)?views(?:_count)?|.*_views_count)$~';

	/** Options that change by mere use. */
	const VOLATILE_OPTIONS = '~^(?:recently_(?:edited|activated)|auto_core_update_notified|fresh_site|finished_updating_comment_type|auto_plugin_theme_update_emails|theme_switch.*|action_scheduler_.*|woocommerce_(?:admin_last|maybe|queue|meta_box).*|.*_last_(?:run|check|checked|sync|cron)(?:_.*)?|limit_login_.*|https_detection_errors|wp_notes_notify.*|user_count|core_updater.*|adminhash|site_icon_cache.*)$~';

	/** Tables that only log or cache. */
	const VOLATILE_TABLES = '~^(?:actionscheduler_|woocommerce_(?:sessions|log)$|wc_(?:rate_limits|reserved_stock|webhooks_log)|wf|.*(?:_log|_logs|_sessions|_cache)$)~';

	/** Columns that only count what is elsewhere, or that a login changes. */
	const VOLATILE_COLUMNS = array(
		'posts'         => array( 'comment_count' ),
		'term_taxonomy' => array( 'count' ),
		'users'         => array( 'user_activation_key', 'user_status' ),
		// By name, and not by number: a restore numbers anew. Whether it is loaded at once is WordPress' own guess since 6.6.
		'options'       => array( 'option_id', 'autoload' ),
	);

	/**
	 * Whether a row comes along.
	 *
	 * @param string                     $table Without prefix.
	 * @param array<string, string|null> $row   Values by column.
	 * @return bool
	 */
	public static function is_copied( $table, array $row ) {
		if ( in_array( $table, self::EMPTY_TABLES, true ) ) {
			return false;
		}
		$patterns = array(
			'options'  => array( 'option_name', self::OPTIONS ),
			'usermeta' => array( 'meta_key', self::USERMETA ),
			'postmeta' => array( 'meta_key', self::POSTMETA ),
		);
		return ! self::is_one_of( $table, $row, $patterns );
	}

	/**
	 * Whether a row says nothing about whether anybody changed the site.
	 *
	 * @param string                     $table Without prefix.
	 * @param array<string, string|null> $row   Values by column.
	 * @return bool
	 */
	public static function is_volatile( $table, array $row ) {
		$patterns = array(
			'options'  => array( 'option_name', self::VOLATILE_OPTIONS ),
			'usermeta' => array( 'meta_key', self::VOLATILE_USERMETA ),
			'postmeta' => array( 'meta_key', self::VOLATILE_POSTMETA ),
		);
		// Drafts that WordPress saves while somebody writes, and an empty one for whoever opens "Add new".
		$is_draft = 'posts' === $table && isset( $row['post_status'], $row['post_name'] ) && ( 'auto-draft' === $row['post_status'] || false !== strpos( $row['post_name'], '-autosave-v1' ) );
		// What a restore never brings, nobody can lose by it.
		$is_kept = 'options' === $table && isset( $row['option_name'] ) && ! Custom_Migrator_Target_Options::comes( $row['option_name'], Custom_Migrator_Site_Tables::OPTION_SCOPES );
		return self::is_volatile_table( $table ) || $is_draft || $is_kept || ! self::is_copied( $table, $row ) || self::is_one_of( $table, $row, $patterns );
	}

	/**
	 * Whether nothing in a table counts.
	 *
	 * @param string $table Without prefix.
	 * @return bool
	 */
	public static function is_volatile_table( $table ) {
		return 1 === preg_match( self::VOLATILE_TABLES, $table );
	}

	/**
	 * Columns that don't count.
	 *
	 * @param string $table Without prefix.
	 * @return string[]
	 */
	public static function volatile_columns( $table ) {
		return isset( self::VOLATILE_COLUMNS[ $table ] ) ? self::VOLATILE_COLUMNS[ $table ] : array();
	}

	/**
	 * Whether a row has a name that a pattern knows.
	 *
	 * @param string                                     $table    Without prefix.
	 * @param array<string, string|null>                 $row      Values by column.
	 * @param array<string, array{0: string, 1: string}> $patterns Column and pattern by table.
	 * @return bool
	 */
	private static function is_one_of( $table, array $row, array $patterns ) {
		if ( ! isset( $patterns[ $table ] ) ) {
			return false;
		}
		list( $column, $pattern ) = $patterns[ $table ];
		return isset( $row[ $column ] ) && 1 === preg_match( $pattern, $row[ $column ] );
	}
}
