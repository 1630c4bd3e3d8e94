<?php
/**
 * Options of a target that a restore must not change.
 *
 * @package Custom_Migrator
 */

/** Rules without any state. */
final class Custom_Migrator_Target_Options {
	/** Names that stay the target's whatever was asked for, and why. */
	const KEPT = array(
		// Where the site is, and who is told about it; a clone has another place and another admin.
		'~^(?:siteurl|home|admin_email|new_admin_email|adminhash|blog_public|upload_path|upload_url_path)$~',
		// The plugin's own: keys, and what an import knows of itself.
		'~^custom_migrator_~',
		// Plans and tables of this server; a clone has no cron, and maybe another WordPress.
		'~^(?:cron|db_version|initial_db_version|rewrite_rules|db_upgraded|recovery_keys|recovery_mode_email_last_sent|https_detection_errors)$|\.lock$~',
		// How mail gets in and out: a clone has none, and may have been given a test account.
		'~^mailserver_|smtp|^(?:swpsmtp|fluentmail|postman|sendgrid|mailgun|sparkpost|postmark|mailjet|ses_|wp_ses|wp_offload_ses|easy_wp_smtp|mailpoet_mta|mandrill)~i',
		// Keys and salts of this installation.
		'~^(?:auth|secure_auth|logged_in|nonce)_(?:key|salt)$|^secret$~',
		// What is a secret by its name, or ties the site to an account of a service.
		'~secret|passw|private_?key|api_?key|access_?key|licen[cs]e|credential|(?:^|_)tokens?(?:_|$)|oauth|webhook~i',
		'~^(?:jetpack_(?:options|private_options|secrets|active_modules|state)|wpcom_|stats_options|wcpay_|woocommerce_helper_data|googlesitekit|connected_)~',
		// Ways to pay: a clone may have been switched to a sandbox.
		'~^(?:woocommerce_.*|wc_.*|edd_.*|give_.*)?(?:stripe|paypal|ppcp|ppec|klarna|mollie|square|braintree|adyen|authorize_net|authnet|amazon_pay|payments|payu|razorpay|sagepay|worldpay|paystack|mercadopago|afterpay|affirm|bacs|cheque|cod)(?:_|-).*settings~i',
		'~^woocommerce_gateway_order$~',
	);

	/** What a theme's scope brings. */
	const OF_THEMES = '~^(?:template|stylesheet|current_theme|template_root|stylesheet_root|theme_mods_.+|theme_switched)$~';

	/** What the plugins' scope brings. */
	const OF_PLUGINS = '~^(?:active_plugins|uninstall_plugins)$~';

	/**
	 * Whether an option comes from the archive; otherwise, the target's own stays, or stays missing.
	 *
	 * @param string   $name   Of the option, with the target's prefix.
	 * @param string[] $scopes Of the restore.
	 * @return bool
	 */
	public static function comes( $name, array $scopes ) {
		foreach ( self::KEPT as $pattern ) {
			if ( preg_match( $pattern, $name ) ) {
				return false;
			}
		}
		if ( preg_match( self::OF_THEMES, $name ) ) {
			return in_array( 'themes', $scopes, true );
		}
		return in_array( preg_match( self::OF_PLUGINS, $name ) ? 'plugins' : 'options', $scopes, true );
	}
}
