<?php
/**
 * Installs WordPress in a site that run.php has loaded. An installed one stays as it is.
 *
 * @package Loomworks
 */

require_once ABSPATH . 'wp-admin/includes/upgrade.php';
if ( is_blog_installed() ) {
	return array( 'installed' => false );
}
// Nobody waits for a mail about a site of this machine.
add_filter( 'pre_wp_mail', '__return_true' );
// It would ask itself whether permalinks work; they do, and where there is one PHP alone nobody could answer.
add_filter(
	'pre_http_request',
	static function () {
		return new WP_Error( 'installing', 'No requests while installing.' );
	}
);
wp_install( $input['title'], $input['username'], $input['email'], false, '', $input['password'] );
update_option( 'siteurl', $input['url'] );
update_option( 'home', $input['url'] );
$GLOBALS['wp_rewrite']->set_permalink_structure( '/%postname%/' );
// While WordPress installs itself not every kind of page is known: the next request writes the rules.
delete_option( 'rewrite_rules' );
return array( 'installed' => true );
