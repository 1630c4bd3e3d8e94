<?php
/**
 * A link that logs in to a clone once, so that no password need be shown or typed.
 *
 * @package Custom_Migrator
 */

/**
 * The link carries 256 random bits; the database has only their SHA-256. Taking it is deleting its row, which the database
 * lets one of any number of requests do. Links are asked for with the clone's key, and are no secret for longer than
 * {@see SECONDS}.
 */
class Custom_Migrator_Login_Link {
	/** Table, behind WordPress' own prefix. */
	const TABLE = 'cm_login';
	/** Parameter of the address. */
	const PARAMETER = 'custom_migrator_login';
	/** How long a link can be used. */
	const SECONDS = 600;
	/** Links that may be open at a time: a key that went astray can't fill the table. */
	const MOST_OPEN = 20;

	/** Has links work. */
	public static function register() {
		// Before plugins that send visitors elsewhere.
		add_action( 'init', array( __CLASS__, 'answer' ), -PHP_INT_MAX );
	}

	/**
	 * Makes a link.
	 *
	 * @param mixed $user Login or id of an administrator of the clone, or null for the clone's own.
	 * @return array{url: string, expires: int} Expires in seconds of Unix. The address is a secret.
	 * @throws Custom_Migrator_Error `NOT_A_CLONE`, `LOGIN_USER`, `LOGIN_LINKS`, `DATABASE`.
	 */
	public static function create( $user = null ) {
		global $wpdb;
		if ( ! Custom_Migrator_Clone::is_clone() ) {
			throw new Custom_Migrator_Error( 'NOT_A_CLONE', 'login-link: this site is no clone. Log in with a password.' );
		}
		$id = self::administrator( $user );
		if ( 0 === $id ) {
			throw new Custom_Migrator_Error( 'LOGIN_USER', 'login-link: the clone has no such administrator. Leave the user out, or name one that may manage options.' );
		}
		self::create_table();
		$table = $wpdb->prefix . self::TABLE;
		$now   = time();
		// phpcs:disable WordPress.DB -- a table of our own, of which nothing may be cached.
		$wpdb->query( $wpdb->prepare( "DELETE FROM $table WHERE expires <= %d", $now ) );
		if ( (int) $wpdb->get_var( "SELECT COUNT(*) FROM $table" ) >= self::MOST_OPEN ) {
			throw new Custom_Migrator_Error( 'LOGIN_LINKS', 'login-link: ' . self::MOST_OPEN . ' links wait to be used. Use one, or wait ten minutes.' );
		}
		$token = bin2hex( random_bytes( 32 ) );
		$row   = array(
			'token_hash' => hash( 'sha256', $token ),
			'user_id'    => $id,
			'expires'    => $now + self::SECONDS,
		);
		if ( 1 !== $wpdb->insert( $table, $row, array( '%s', '%d', '%d' ) ) ) {
			throw new Custom_Migrator_Error( 'DATABASE', 'login-link: the link could not be written. Look at the database\'s log.' );
		}
		// phpcs:enable
		return array(
			'url'     => add_query_arg( self::PARAMETER, $token, home_url( '/' ) ),
			'expires' => $row['expires'],
		);
	}

	/** Logs in whoever comes with a link, once. */
	public static function answer() {
		// phpcs:disable WordPress.Security -- the token is what is checked, and more than a nonce.
		if ( ! isset( $_GET[ self::PARAMETER ] ) ) {
			return;
		}
		$token  = is_string( $_GET[ self::PARAMETER ] ) ? $_GET[ self::PARAMETER ] : '';
		$method = isset( $_SERVER['REQUEST_METHOD'] ) ? $_SERVER['REQUEST_METHOD'] : '';
		// phpcs:enable
		nocache_headers();
		header( 'Referrer-Policy: no-referrer' );
		// Whoever only looks whether the address is there, such as a mail's scanner, doesn't use it up.
		$id = 'GET' === $method ? self::take( $token ) : 0;
		if ( 0 === $id ) {
			wp_die( 'This link was used already, or is older than ten minutes. Ask for a new one.', 'Link is over', array( 'response' => 403 ) );
		}
		wp_set_current_user( $id );
		// Without the action wp_login: there is no second factor here whose holder could answer for it.
		wp_set_auth_cookie( $id, false );
		wp_safe_redirect( admin_url() );
		exit;
	}

	/** Removes all links, with their table. */
	public static function clear() {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- a table of our own, and no value of anybody's.
		$wpdb->query( "DROP TABLE IF EXISTS {$wpdb->prefix}cm_login" );
	}

	/**
	 * Takes a link: of any number of requests at once, one gets its user.
	 *
	 * @param string $token Of the address.
	 * @return int Id of the user, or 0.
	 */
	private static function take( $token ) {
		global $wpdb;
		if ( 1 !== preg_match( '/\A[0-9a-f]{64}\z/', $token ) ) {
			return 0;
		}
		$table = $wpdb->prefix . self::TABLE;
		$hash  = hash( 'sha256', $token );
		// There is no table before the first link.
		$is_silent = $wpdb->suppress_errors( true );
		// phpcs:disable WordPress.DB -- a table of our own, of which nothing may be cached.
		$id = (int) $wpdb->get_var( $wpdb->prepare( "SELECT user_id FROM $table WHERE token_hash = %s AND expires > %d", $hash, time() ) );
		$wpdb->suppress_errors( $is_silent );
		if ( 0 === $id || 1 !== (int) $wpdb->query( $wpdb->prepare( "DELETE FROM $table WHERE token_hash = %s", $hash ) ) ) {
			return 0;
		}
		// phpcs:enable
		// The user may have gone, or have lost the right, since.
		return self::administrator( $id );
	}

	/**
	 * An administrator's id.
	 *
	 * @param mixed $user Login or id, or null for the clone's own.
	 * @return int 0 if there is no such administrator.
	 */
	private static function administrator( $user ) {
		if ( null === $user || '' === $user ) {
			$admin = Custom_Migrator_Clone::record()['admin'];
			$found = '' === $admin ? false : get_user_by( 'login', $admin );
			if ( false === $found ) {
				$all   = get_users(
					array(
						'role'    => 'administrator',
						'number'  => 1,
						'orderby' => 'ID',
					)
				);
				$found = isset( $all[0] ) ? $all[0] : false;
			}
		} else {
			$found = is_int( $user ) ? get_user_by( 'id', $user ) : get_user_by( 'login', (string) $user );
		}
		return false !== $found && user_can( $found, 'manage_options' ) ? (int) $found->ID : 0;
	}

	/** Makes the table, if it isn't there. */
	private static function create_table() {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- a table of our own, and no value of anybody's.
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}cm_login (token_hash char(64) NOT NULL, user_id bigint unsigned NOT NULL, expires bigint unsigned NOT NULL, PRIMARY KEY (token_hash))" );
	}
}
