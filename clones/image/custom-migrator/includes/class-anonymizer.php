<?php
/**
 * Replaces persons in rows while they come, before anybody could read them.
 *
 * @package Custom_Migrator
 */

/**
 * The same value becomes the same other one, so that a customer's orders stay one customer's; HMAC with a random key of the
 * job, which is forgotten with it, so that nobody finds the way back, not even by trying all addresses. What is empty stays
 * empty. Of WordPress and WooCommerce the columns and meta are known; in tables of other plugins, columns and meta with the
 * names of such things count as well. Texts that people wrote (posts, comments) stay.
 */
final class Custom_Migrator_Anonymizer {
	/** What becomes of a column: `email`, `login`, `name`, `text`, `ip`, `none`; by table. */
	const COLUMNS = array(
		'users'                      => array(
			'user_login'          => 'login',
			'user_pass'           => 'none',
			'user_nicename'       => 'login',
			'user_email'          => 'email',
			'user_url'            => 'none',
			'user_activation_key' => 'none',
			'display_name'        => 'name',
		),
		'comments'                   => array(
			'comment_author'       => 'name',
			'comment_author_email' => 'email',
			'comment_author_url'   => 'none',
			'comment_author_IP'    => 'ip',
			'comment_agent'        => 'none',
		),
		'wc_orders'                  => array(
			'billing_email'  => 'email',
			'ip_address'     => 'ip',
			'user_agent'     => 'none',
			'customer_note'  => 'none',
			'transaction_id' => 'none',
		),
		'wc_customer_lookup'         => array( 'username' => 'login' ),
		'woocommerce_payment_tokens' => array( 'token' => 'text' ),
	);

	/** Tables of WordPress' own, in which no other column is guessed. */
	const KNOWN = array( 'users', 'usermeta', 'comments', 'posts', 'postmeta', 'options', 'terms', 'termmeta', 'term_taxonomy', 'term_relationships', 'links' );

	/** Rows that would be worth nothing without the person: tokens of cards, and what a filter of spam kept of a comment. */
	const DROPPED = array(
		'woocommerce_payment_tokenmeta' => '~~',
		'commentmeta'                   => '~^akismet_~',
	);

	/** Meta and columns of persons, by name; countries and states stay, taxes need them. */
	const PERSONAL = '~^_?(?:billing|shipping)_(?!country$|state$|method)|^(?:first_name|last_name|nickname|description|aim|yim|jabber|googleplus|facebook|twitter|instagram|linkedin|myspace|pinterest|soundcloud|tumblr|wikipedia|youtube)$|^_(?:customer_ip_address|customer_user_agent|transaction_id|payment_tokens|wcpay_.*|.*stripe_.*|.*paypal.*|payer.*)$|(?:^|_)(?:e_?mail|user_?email|email_?address|first_?name|last_?name|full_?name|sur_?name|phone|phone_?number|mobile|fax|address(?:_?[0-9])?|street|city|postcode|zip(?:_?code)?|birth_?(?:day|date)|dob|company|vat(?:_?(?:id|number))?|iban|ip|ip_?address|user_?agent)$~i';

	/** Columns that can be replaced by a text. */
	const TEXTS = array( 'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext' );

	/**
	 * Random, of one job.
	 *
	 * @var string
	 */
	private $salt;

	/**
	 * Makes one for a job.
	 *
	 * @param string $salt Random, 32 bytes or more.
	 */
	public function __construct( $salt ) {
		$this->salt = $salt;
	}

	/**
	 * A row without persons.
	 *
	 * @param string                     $table   Without prefix.
	 * @param array<string, string>      $types   Neutral types by column.
	 * @param array<string, string|null> $row     Values by column.
	 * @param array<string, int>         $lengths Characters that a column holds, where it has a bound.
	 * @return array<string, string|null>|null Null if it doesn't come along.
	 */
	public function row( $table, array $types, array $row, array $lengths = array() ) {
		$meta = isset( $row['meta_key'] ) ? $row['meta_key'] : null;
		if ( isset( self::DROPPED[ $table ] ) && preg_match( self::DROPPED[ $table ], (string) $meta ) ) {
			return null;
		}
		$known = isset( self::COLUMNS[ $table ] ) ? self::COLUMNS[ $table ] : array();
		foreach ( $row as $name => $value ) {
			$kind = isset( $known[ $name ] ) ? $known[ $name ] : '';
			if ( '' === $kind && ! in_array( $table, self::KNOWN, true ) && preg_match( self::PERSONAL, (string) $name ) ) {
				$kind = self::kind_of( $name );
			}
			if ( 'meta_value' === $name && null !== $meta && 'termmeta' !== $table && preg_match( self::PERSONAL, $meta ) ) {
				$kind = self::kind_of( $meta );
			}
			if ( '' !== $kind && in_array( $types[ $name ], self::TEXTS, true ) ) {
				$row[ $name ] = $this->value( $kind, $value, isset( $lengths[ $name ] ) ? $lengths[ $name ] : 0 );
			}
		}
		if ( 'posts' === $table && isset( $row['post_type'] ) && 0 === strpos( $row['post_type'], 'shop_order' ) ) {
			$row['post_excerpt'] = '';
		}
		if ( 'comments' === $table && isset( $row['comment_type'] ) && 'order_note' === $row['comment_type'] ) {
			$row['comment_content'] = '(order note)';
		}
		return $row;
	}

	/**
	 * What stands in the place of a value.
	 *
	 * @param string      $kind   `email`, `login`, `name`, `text`, `ip` or `none`.
	 * @param string|null $value  As it was.
	 * @param int         $length Characters at most; 0 for any number.
	 * @return string|null
	 */
	private function value( $kind, $value, $length ) {
		if ( null === $value || '' === $value || 'none' === $kind || preg_match( '~^\s*(?:[aOsC]:[0-9]+:|[\[{])~', $value ) ) {
			return null === $value ? null : '';
		}
		if ( 'ip' === $kind ) {
			return '0.0.0.0';
		}
		$token = substr( hash_hmac( 'sha256', strtolower( trim( $value ) ), $this->salt ), 0, 16 );
		$forms = array(
			'email' => "user-$token@example.invalid",
			'login' => "user-$token",
			'name'  => "Person $token",
			'text'  => "anon-$token",
		);
		$text  = $forms[ $kind ];
		return $length > 0 && strlen( $text ) > $length ? substr( $token, 0, $length ) : $text;
	}

	/**
	 * Kind of a column or meta by its name.
	 *
	 * @param string $name Of PERSONAL.
	 * @return string
	 */
	private static function kind_of( $name ) {
		if ( preg_match( '~e_?mail~i', $name ) ) {
			return 'email';
		}
		if ( preg_match( '~agent$|^description$|transaction_id|token|stripe|paypal|wcpay|payer~i', $name ) ) {
			return 'none';
		}
		return preg_match( '~(?:^|_)ip(?:_?address)?$~i', $name ) ? 'ip' : 'text';
	}
}
