<?php
/**
 * Tools → Kept mail: what the clone would have sent.
 *
 * @package Custom_Migrator
 */

/**
 * For who may manage options: a kept mail may hold a link that sets somebody's password. Texts are shown as they were written,
 * with no HTML of theirs, so that reading one loads nothing and runs nothing.
 */
class Custom_Migrator_Kept_Mail_Screen {
	/** Its place in the admin. */
	const PAGE = 'custom-migrator-mail';
	/** Who may read and delete. */
	const RIGHT = 'manage_options';
	/** Name of what a form does. */
	const ACTION = 'custom_migrator_delete_mail';

	/** Puts it into the menu. */
	public static function register() {
		add_action( 'admin_menu', array( __CLASS__, 'menu' ) );
		add_action( 'admin_post_' . self::ACTION, array( __CLASS__, 'delete' ) );
	}

	/** The entry under Tools. */
	public static function menu() {
		add_management_page( 'Kept mail', 'Kept mail', self::RIGHT, self::PAGE, array( __CLASS__, 'show' ) );
	}

	/** The list, or one mail. */
	public static function show() {
		if ( ! current_user_can( self::RIGHT ) ) {
			wp_die( 'You may not read mail of this clone.', '', array( 'response' => 403 ) );
		}
		// phpcs:ignore WordPress.Security.NonceVerification -- reading changes nothing.
		$id = isset( $_GET['mail'] ) ? absint( $_GET['mail'] ) : 0;
		echo '<div class="wrap"><h1>Kept mail</h1><p>This clone sends no mail. What it would have sent is kept here: the newest ' . (int) Custom_Migrator_Kept_Mail::MOST_MAILS . ' at most.</p>';
		if ( $id > 0 ) {
			self::show_one( Custom_Migrator_Kept_Mail::one( $id ) );
		} else {
			self::show_all( Custom_Migrator_Kept_Mail::all() );
		}
		echo '</div>';
	}

	/** Deletes one, or all, and goes back to the list. */
	public static function delete() {
		if ( ! current_user_can( self::RIGHT ) ) {
			wp_die( 'You may not delete mail of this clone.', '', array( 'response' => 403 ) );
		}
		check_admin_referer( self::ACTION );
		$id = isset( $_POST['mail'] ) ? absint( $_POST['mail'] ) : 0;
		if ( $id > 0 ) {
			Custom_Migrator_Kept_Mail::delete( $id );
		} else {
			Custom_Migrator_Kept_Mail::clear();
		}
		wp_safe_redirect( self::address() );
		exit;
	}

	/**
	 * The list.
	 *
	 * @param array<int, object> $mails Of Custom_Migrator_Kept_Mail::all().
	 */
	private static function show_all( array $mails ) {
		if ( array() === $mails ) {
			echo '<p>None so far.</p>';
			return;
		}
		echo '<table class="widefat striped"><thead><tr><th>When (UTC)</th><th>To</th><th>Subject</th><th>Attachments</th><th></th></tr></thead><tbody>';
		foreach ( $mails as $mail ) {
			echo '<tr><td>' . esc_html( $mail->kept_at ) . '</td><td>' . esc_html( $mail->recipients ) . '</td><td><a href="' . esc_url( self::address( (int) $mail->id ) ) . '">' . esc_html( '' === $mail->subject ? '(no subject)' : $mail->subject ) . '</a></td><td>' . esc_html( $mail->attachments ) . '</td><td>';
			self::show_button( 'Delete', (int) $mail->id );
			echo '</td></tr>';
		}
		echo '</tbody></table><p>';
		self::show_button( 'Delete all', 0 );
		echo '</p>';
	}

	/**
	 * One mail.
	 *
	 * @param object|null $mail Of Custom_Migrator_Kept_Mail::one().
	 */
	private static function show_one( $mail ) {
		echo '<p><a href="' . esc_url( self::address() ) . '">All kept mail</a></p>';
		if ( null === $mail ) {
			echo '<p>This one is gone.</p>';
			return;
		}
		echo '<h2>' . esc_html( $mail->subject ) . '</h2><p>To: ' . esc_html( $mail->recipients ) . '<br>When: ' . esc_html( $mail->kept_at ) . ' UTC</p>';
		foreach ( array( 'headers', 'body' ) as $part ) {
			echo '<pre style="white-space:pre-wrap;background:#fff;padding:1em">' . esc_html( $mail->$part ) . '</pre>';
		}
		self::show_button( 'Delete', (int) $mail->id );
	}

	/**
	 * A form of one button.
	 *
	 * @param string $label Of the button.
	 * @param int    $id    Of the mail; 0 for all.
	 */
	private static function show_button( $label, $id ) {
		echo '<form method="post" action="' . esc_url( admin_url( 'admin-post.php' ) ) . '"><input type="hidden" name="action" value="' . esc_attr( self::ACTION ) . '"><input type="hidden" name="mail" value="' . (int) $id . '">';
		wp_nonce_field( self::ACTION );
		echo '<button class="button button-small">' . esc_html( $label ) . '</button></form>';
	}

	/**
	 * Where the list is, or one mail.
	 *
	 * @param int $id Of the mail; 0 for the list.
	 * @return string
	 */
	private static function address( $id = 0 ) {
		return admin_url( 'tools.php?page=' . self::PAGE . ( $id > 0 ? '&mail=' . $id : '' ) );
	}
}
