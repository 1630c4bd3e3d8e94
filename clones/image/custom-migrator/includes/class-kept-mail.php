<?php
/**
 * Mail of a clone: kept for reading under Tools → Kept mail, and never sent. Its readers would be real customers.
 *
 * @package Custom_Migrator
 */

/**
 * In a table of its own: no import or restore takes it along, and no option grows. Bounded: the oldest go when there are
 * more than {@see MOST_MAILS} or {@see MOST_BYTES}; a longer text is cut. Attachments are kept by name alone.
 */
class Custom_Migrator_Kept_Mail {
	/** Table, behind WordPress' own prefix. */
	const TABLE = 'cm_mail';
	/** As many as a page shows at once. */
	const MOST_MAILS = 200;
	/** Of all kept texts; a clone's own, so that a shop's night of mails fills no disk. */
	const MOST_BYTES = 8388608;
	/** Of one text: a newsletter with its styles has some 100 KB. */
	const LONGEST_BODY = 131072;
	/** Of each list of recipients, headers, attachments, and of the subject. */
	const LONGEST_LINE = 4096;

	/** Takes mail in the place of whoever sends it. */
	public static function register() {
		// First of all, since a plugin that sends by another way may do it in this very filter.
		add_filter( 'pre_wp_mail', array( __CLASS__, 'take' ), -PHP_INT_MAX, 2 );
		// Last of all, and again in case one of them gave its own answer.
		add_filter( 'pre_wp_mail', array( __CLASS__, 'taken' ), PHP_INT_MAX );
		add_action( 'phpmailer_init', array( __CLASS__, 'take_from_mailer' ), PHP_INT_MAX );
	}

	/**
	 * Keeps what wp_mail() was to send.
	 *
	 * @param mixed               $answer Of an earlier filter.
	 * @param array<string,mixed> $mail   Arguments of wp_mail().
	 * @return bool True: for its sender it is sent.
	 */
	public static function take( $answer, $mail ) {
		self::keep(
			isset( $mail['to'] ) ? $mail['to'] : '',
			isset( $mail['subject'] ) ? $mail['subject'] : '',
			isset( $mail['headers'] ) ? $mail['headers'] : '',
			isset( $mail['message'] ) ? $mail['message'] : '',
			isset( $mail['attachments'] ) ? $mail['attachments'] : array()
		);
		return true;
	}

	/**
	 * The answer of wp_mail(), whoever filtered it.
	 *
	 * @return bool
	 */
	public static function taken() {
		return true;
	}

	/**
	 * Keeps the mail of a plugin that has a wp_mail() of its own, and takes all recipients away. PHPMailer sends nothing
	 * without one, so that such a plugin sees a failure.
	 *
	 * @param object $mailer PHPMailer.
	 */
	public static function take_from_mailer( $mailer ) {
		$to = array();
		foreach ( array( 'getToAddresses', 'getCcAddresses', 'getBccAddresses' ) as $method ) {
			foreach ( $mailer->$method() as $address ) {
				$to[] = $address[0];
			}
		}
		$names = array();
		foreach ( $mailer->getAttachments() as $attachment ) {
			$names[] = $attachment[2];
		}
		// phpcs:ignore WordPress.NamingConventions.ValidVariableName.UsedPropertyNotSnakeCase -- PHPMailer's own.
		self::keep( $to, $mailer->Subject, 'From: ' . $mailer->From, $mailer->Body, $names );
		$mailer->clearAllRecipients();
	}

	/**
	 * Keeps a mail.
	 *
	 * @param mixed $to          Recipients, one text or several.
	 * @param mixed $subject     Text.
	 * @param mixed $headers     One text or several.
	 * @param mixed $body        Text.
	 * @param mixed $attachments Paths or names.
	 */
	public static function keep( $to, $subject, $headers, $body, $attachments ) {
		global $wpdb;
		$names = array_map( 'basename', array_filter( is_array( $attachments ) ? $attachments : explode( "\n", (string) $attachments ), 'is_string' ) );
		$row   = array(
			'kept_at'     => gmdate( 'Y-m-d H:i:s' ),
			'recipients'  => self::line( $to ),
			'subject'     => self::line( $subject ),
			'headers'     => self::line( $headers, "\n" ),
			'attachments' => self::line( $names ),
			'body'        => self::cut( is_scalar( $body ) ? (string) $body : '', self::LONGEST_BODY ),
		);
		$bytes = strlen( implode( '', $row ) );
		// phpcs:disable WordPress.DB -- a table of our own.
		$insert    = $wpdb->prepare( "INSERT INTO {$wpdb->prefix}cm_mail (kept_at, recipients, subject, headers, attachments, body, bytes) VALUES (%s, %s, %s, %s, %s, %s, %d)", array_merge( array_values( $row ), array( $bytes ) ) );
		$is_silent = $wpdb->suppress_errors( true );
		// The table comes with the first mail, and not before each: its making would end a transaction that the sender has open.
		if ( false === $wpdb->query( $insert ) ) {
			self::create_table();
			$wpdb->query( $insert );
		}
		$wpdb->suppress_errors( $is_silent );
		// phpcs:enable
		self::forget_oldest();
	}

	/**
	 * The kept mails, the newest first, without their texts.
	 *
	 * @return array<int, object> With id, kept_at, recipients, subject, attachments.
	 */
	public static function all() {
		global $wpdb;
		self::create_table();
		// phpcs:ignore WordPress.DB -- a table of our own, and no value of anybody's.
		return (array) $wpdb->get_results( "SELECT id, kept_at, recipients, subject, attachments FROM {$wpdb->prefix}cm_mail ORDER BY id DESC" );
	}

	/**
	 * One of them, whole.
	 *
	 * @param int $id Of the row.
	 * @return object|null
	 */
	public static function one( $id ) {
		global $wpdb;
		self::create_table();
		// phpcs:ignore WordPress.DB -- a table of our own.
		return $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}cm_mail WHERE id = %d", $id ) );
	}

	/**
	 * Deletes one.
	 *
	 * @param int $id Of the row.
	 */
	public static function delete( $id ) {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- a table of our own.
		$wpdb->delete( $wpdb->prefix . self::TABLE, array( 'id' => $id ), array( '%d' ) );
	}

	/** Deletes all, with the table. */
	public static function clear() {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- a table of our own, and no value of anybody's.
		$wpdb->query( "DROP TABLE IF EXISTS {$wpdb->prefix}cm_mail" );
	}

	/** Holds the bounds, whichever is reached first. */
	private static function forget_oldest() {
		global $wpdb;
		$bytes = 0;
		$count = 0;
		// phpcs:disable WordPress.DB -- a table of our own, and no value of anybody's.
		foreach ( (array) $wpdb->get_results( "SELECT id, bytes FROM {$wpdb->prefix}cm_mail ORDER BY id DESC" ) as $row ) {
			$bytes += (int) $row->bytes;
			++$count;
			if ( $count > self::MOST_MAILS || $bytes > self::MOST_BYTES ) {
				$wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->prefix}cm_mail WHERE id <= %d", $row->id ) );
				return;
			}
		}
		// phpcs:enable
	}

	/** Makes the table, if it isn't there. */
	private static function create_table() {
		global $wpdb;
		$text = 'mediumtext ' . ( '' === (string) $wpdb->charset ? '' : "CHARACTER SET {$wpdb->charset} " ) . 'NOT NULL';
		// phpcs:ignore WordPress.DB -- a table of our own, and no value of anybody's.
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}cm_mail (id bigint unsigned NOT NULL AUTO_INCREMENT, kept_at datetime NOT NULL, bytes int unsigned NOT NULL, recipients $text, subject $text, headers $text, attachments $text, body $text, PRIMARY KEY (id))" );
	}

	/**
	 * One text of one or several, of bounded length.
	 *
	 * @param mixed  $value     Text or texts.
	 * @param string $separator Between several.
	 * @return string
	 */
	private static function line( $value, $separator = ', ' ) {
		return self::cut( implode( $separator, array_filter( is_array( $value ) ? $value : array( $value ), 'is_scalar' ) ), self::LONGEST_LINE );
	}

	/**
	 * A text of UTF-8 that isn't longer, and doesn't end within a character.
	 *
	 * @param string $text  Of a mail.
	 * @param int    $bytes At most.
	 * @return string
	 */
	private static function cut( $text, $bytes ) {
		$text = wp_check_invalid_utf8( $text, true );
		if ( strlen( $text ) <= $bytes ) {
			return $text;
		}
		return wp_check_invalid_utf8( substr( $text, 0, $bytes ), true ) . ' … [' . strlen( $text ) . ' bytes]';
	}
}
