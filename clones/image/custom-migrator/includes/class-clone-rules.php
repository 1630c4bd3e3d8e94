<?php
/**
 * Plugins that are switched off on a clone: what acts on the world outside, or on the clone's own availability.
 *
 * @package Custom_Migrator
 */

/**
 * A plugin is known by its file below wp-content/plugins, as WordPress names it in `active_plugins`. Patterns are matched
 * with its folder, or with its file's name where it has none; `*` stands for anything. The environment variable or constant
 * CLONE_SWITCHED_OFF_PLUGINS changes the list: patterns with commas between are added, one with `-` before it is taken off
 * (as it stands here, or as the plugin's folder), and `none` empties the list.
 */
class Custom_Migrator_Clone_Rules {
	/** Why, by the kinds of {@see PATTERNS}. */
	const REASONS = array(
		'payment'  => 'It takes or pays out money, with the source\'s own keys.',
		'webhook'  => 'It tells other systems of what happens here, as if it had happened on the source.',
		'mail'     => 'It sends mail, or writes to lists of real people.',
		'backup'   => 'It would write over the source\'s own backups, or fill the clone\'s disk.',
		'cache'    => 'It would serve, or empty, the source\'s cache or delivery network.',
		'security' => 'It locks out whoever comes by another address or host, or reports the clone to its maker.',
		'link'     => 'It would take over the source\'s connection to a service that knows one site of this name.',
		'asked'    => 'CLONE_SWITCHED_OFF_PLUGINS names it.',
	);

	/** By kind; names of folders in the directory of WordPress.org and of the makers that sell their own. */
	const PATTERNS = array(
		'payment'  => array(
			'*stripe*',
			'*paypal*',
			'*braintree*',
			'*klarna*',
			'*mollie*',
			'*adyen*',
			'*razorpay*',
			'*authorize-net*',
			'*2checkout*',
			'*mercadopago*',
			'*square*payment*',
			'woocommerce-square',
			'woocommerce-payments',
			'woocommerce-gateway-*',
			'woo-gateway-*',
			'pay-with-*',
			'amazon-payments-*',
			'woocommerce-amazon-pay',
			'checkout-com-*',
			'*-payment-gateway*',
			'payment-gateway-*',
			'payplug',
			'payfast*',
			'paystack*',
			'woo-paystack',
			'worldpay*',
			'surecart',
		),
		'webhook'  => array(
			'*webhook*',
			'*zapier*',
			'uncanny-automator*',
			'automatorwp*',
			'suretriggers',
			'bit-integrations',
			'bit-flow',
			'integromat*',
			'make-connector',
			'ifttt*',
			'wp-fusion*',
			'hubspot*',
			'leadin',
			'salesforce*',
			'object-sync-for-salesforce',
			'zoho-*',
			'slack-*',
			'pushengage',
			'onesignal-*',
			'webpushr*',
			'revive-old-post*',
			'tweet-old-post',
			'blog2social',
		),
		'mail'     => array(
			'mailchimp*',
			'mc4wp*',
			'mailpoet*',
			'newsletter',
			'newsletter-*',
			'sendinblue*',
			'mailin',
			'brevo*',
			'woocommerce-sendinblue*',
			'klaviyo*',
			'activecampaign*',
			'convertkit',
			'constant-contact*',
			'fluent-crm*',
			'fluentcampaign*',
			'fluent-smtp',
			'groundhogg*',
			'mailster*',
			'mailerlite*',
			'official-mailerlite*',
			'getresponse*',
			'omnisend*',
			'drip*',
			'email-subscribers*',
			'noptin*',
			'sendgrid*',
			'mailgun*',
			'postmark*',
			'sparkpost*',
			'wp-ses',
			'wp-offload-ses*',
			'post-smtp*',
			'wp-mail-smtp*',
			'easy-wp-smtp*',
			'*-smtp-mailer',
			'automatewoo*',
			'woocommerce-follow-up-emails',
			'woo-cart-abandonment-recovery',
		),
		'backup'   => array(
			'updraft*',
			'backwpup*',
			'backupbuddy',
			'solid-backups*',
			'duplicator*',
			'vaultpress',
			'jetpack-backup',
			'blogvault*',
			'*backup*',
			'wpvivid-*',
			'all-in-one-wp-migration*',
			'xcloner*',
			'managewp*',
			'worker',
			'mainwp-child*',
			'infinitewp*',
			'iwp-client',
		),
		'cache'    => array(
			'w3-total-cache',
			'wp-super-cache',
			'wp-rocket',
			'wp-fastest-cache*',
			'litespeed-cache',
			'cache-enabler',
			'comet-cache*',
			'hummingbird-performance',
			'wp-hummingbird',
			'sg-cachepress',
			'breeze',
			'nitropack',
			'wp-optimize*',
			'wp-cloudflare-page-cache',
			'cloudflare',
			'flying-press',
			'nginx-helper',
			'varnish-*',
			'redis-cache',
			'object-cache-pro',
			'wp-redis',
			'memcached*',
			'bunnycdn',
			'cdn-enabler',
			'*-cdn',
			'wp-stateless',
			'amazon-s3-and-cloudfront*',
		),
		'security' => array(
			'wordfence*',
			'sucuri-*',
			'better-wp-security',
			'ithemes-security*',
			'solid-security*',
			'all-in-one-wp-security-and-firewall',
			'limit-login-attempts*',
			'loginizer*',
			'wp-limit-login-attempts',
			'wps-hide-login',
			'rename-wp-login',
			'hide-my-wp*',
			'wp-cerber',
			'ninjafirewall',
			'malcare-security',
			'wp-simple-firewall',
			'bulletproof-security',
			'defender-security',
			'wp-defender',
			'really-simple-ssl*',
			'wp-force-ssl',
			'patchstack',
			'two-factor*',
			'wp-2fa*',
			'miniorange-2-factor*',
			'google-captcha',
			'advanced-nocaptcha-recaptcha',
			'*-recaptcha',
		),
		'link'     => array(
			'jetpack',
			'jetpack-*',
			'google-site-kit',
			'google-listings-and-ads',
			'facebook-for-woocommerce',
			'official-facebook-pixel',
			'pinterest-for-woocommerce',
			'tiktok-for-business',
			'woocommerce-services',
			'woocommerce-shipstation*',
			'indexnow',
			'instant-indexing',
		),
	);

	/**
	 * Why a plugin is switched off on clones.
	 *
	 * @param string $plugin_file As in `active_plugins`, such as `woocommerce-gateway-stripe/woocommerce-gateway-stripe.php`.
	 * @return string A sentence, or an empty text if it stays on.
	 */
	public static function switched_off( $plugin_file ) {
		$parts  = explode( '/', strtolower( (string) $plugin_file ) );
		$folder = count( $parts ) > 1 ? $parts[0] : preg_replace( '/\.php$/', '', $parts[0] );
		$asked  = self::asked();
		if ( self::is_among( $folder, $asked['on'] ) ) {
			return '';
		}
		if ( self::is_among( $folder, $asked['off'] ) ) {
			return self::REASONS['asked'];
		}
		foreach ( $asked['none'] ? array() : self::PATTERNS as $kind => $patterns ) {
			if ( self::is_among( $folder, array_diff( $patterns, $asked['on'] ) ) ) {
				return self::REASONS[ $kind ];
			}
		}
		return '';
	}

	/**
	 * The plugins that run on a clone.
	 *
	 * @param mixed    $active  Value of `active_plugins`.
	 * @param string[] $by_hand Files of those that somebody has activated on the clone.
	 * @return array<int, string>
	 */
	public static function running( $active, array $by_hand = array() ) {
		$running = array();
		foreach ( is_array( $active ) ? $active : array() as $file ) {
			if ( is_string( $file ) && ( in_array( $file, $by_hand, true ) || '' === self::switched_off( $file ) ) ) {
				$running[] = $file;
			}
		}
		return $running;
	}

	/**
	 * The plugins of a target that gets a clone's: what was switched off on the clone, and runs on the target, goes on
	 * running there, for nobody asked to switch it off.
	 *
	 * @param mixed $of_clone  Value of `active_plugins` of the clone.
	 * @param mixed $of_target The same of the target before.
	 * @return array<int, string> Sorted, as WordPress keeps them.
	 */
	public static function restored( $of_clone, $of_target ) {
		$active = array_filter( is_array( $of_clone ) ? $of_clone : array(), 'is_string' );
		foreach ( is_array( $of_target ) ? $of_target : array() as $file ) {
			if ( is_string( $file ) && '' !== self::switched_off( $file ) ) {
				$active[] = $file;
			}
		}
		$active = array_values( array_unique( $active ) );
		sort( $active );
		return $active;
	}

	/**
	 * What CLONE_SWITCHED_OFF_PLUGINS says.
	 *
	 * @return array{on: string[], off: string[], none: bool}
	 */
	private static function asked() {
		$text  = defined( 'CLONE_SWITCHED_OFF_PLUGINS' ) ? constant( 'CLONE_SWITCHED_OFF_PLUGINS' ) : getenv( 'CLONE_SWITCHED_OFF_PLUGINS' );
		$asked = array(
			'on'   => array(),
			'off'  => array(),
			'none' => false,
		);
		foreach ( explode( ',', strtolower( (string) $text ) ) as $pattern ) {
			$pattern = trim( $pattern );
			if ( 'none' === $pattern ) {
				$asked['none'] = true;
			} elseif ( '' !== $pattern && '-' === $pattern[0] ) {
				$asked['on'][] = substr( $pattern, 1 );
			} elseif ( '' !== $pattern ) {
				$asked['off'][] = $pattern;
			}
		}
		return $asked;
	}

	/**
	 * Whether a pattern is of this folder.
	 *
	 * @param string   $folder   In lower case.
	 * @param string[] $patterns With `*` for anything.
	 * @return bool
	 */
	private static function is_among( $folder, array $patterns ) {
		foreach ( $patterns as $pattern ) {
			if ( 1 === preg_match( '/\A' . str_replace( '\*', '.*', preg_quote( $pattern, '/' ) ) . '\z/s', $folder ) ) {
				return true;
			}
		}
		return false;
	}
}
