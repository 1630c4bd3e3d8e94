<?php
/**
 * Gives an installed WordPress the shop's address, and its content.
 *
 * @package Loomworks
 */

update_option( 'siteurl', getenv( 'CLONES_URL' ) );
update_option( 'home', getenv( 'CLONES_URL' ) );
// The image installs quietly; a shop is found by search engines.
update_option( 'blog_public', '1' );
return require '/shop/fill.php';
