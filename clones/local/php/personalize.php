<?php
/**
 * Makes a copied site one of its own: address, administrator, and nothing in it that was for everybody.
 *
 * @package Loomworks
 */

update_option( 'siteurl', $input['url'] );
update_option( 'home', $input['url'] );
foreach ( get_posts( array( 'post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1 ) ) as $loomworks_post ) {
	wp_delete_post( $loomworks_post->ID, true );
}
wp_set_password( $input['password'], get_user_by( 'login', $input['username'] )->ID );
return array( 'url' => get_option( 'home' ) );
