<?php
/**
 * A site's tables with WordPress' real schema (of MIGRATOR_WORDPRESS), in any database, and its way through the plugin.
 */

foreach ( array( 'archive-rules', 'table-export', 'table-sql', 'site-tables', 'import-store', 'long-values', 'table-writer', 'row-rules', 'prefix-map', 'url-rewriter', 'serialized-walker', 'row-urls', 'anonymizer', 'row-hash', 'row-intake', 'clone-base', 'serialized-list', 'option-table', 'target-options', 'clone-setup', 'restore-merge', 'import-steps', 'table-swap', 'staging-plan', 'staged-tables', 'fingerprint' ) as $class ) {
	require_once PLUGIN . "/includes/class-$class.php";
}

function is_multisite() {
	return false;
}

/** As much of wpdb as schema.php needs. */
class Schema_Wpdb {
	public $prefix;
	public function __construct( $prefix ) {
		$this->prefix = $prefix;
	}
	public function __get( $name ) {
		return $this->prefix . $name;
	}
	public function get_charset_collate() {
		return 'DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci';
	}
}

/** WordPress' tables, and some that plugins make. */
function make_schema( Pdo_Database $database, $prefix ) {
	$GLOBALS['wpdb'] = new Schema_Wpdb( $prefix );
	require_once getenv( 'MIGRATOR_WORDPRESS' ) . '/wp-admin/includes/schema.php';
	$more = "
CREATE TABLE {$prefix}shop_prices (
 id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
 sku varchar(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
 price decimal(19,4) NOT NULL DEFAULT '0.0000',
 weight double DEFAULT NULL,
 kind enum('simple','it''s','a,b') NOT NULL DEFAULT 'simple',
 tags set('new','sale') NOT NULL DEFAULT '',
 secret varbinary(64) DEFAULT NULL,
 picture longblob,
 flags bit(3) DEFAULT b'101',
 changed timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
 made datetime DEFAULT CURRENT_TIMESTAMP,
 day date NOT NULL DEFAULT '0000-00-00',
 note text,
 PRIMARY KEY (id),
 UNIQUE KEY sku (sku),
 KEY price_day (price,day),
 FULLTEXT KEY note (note)
) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE {$prefix}wc_order_addresses (
 id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
 order_id bigint(20) unsigned NOT NULL,
 first_name text, last_name text, company text, city text, postcode varchar(20), country text,
 email varchar(320), phone varchar(100),
 PRIMARY KEY (id), KEY order_id (order_id)
) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE {$prefix}no_key (a varchar(20), b int(11)) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE {$prefix}woocommerce_sessions (session_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, session_key char(32) NOT NULL, PRIMARY KEY (session_id)) DEFAULT CHARACTER SET utf8mb4";
	foreach ( explode( ';', wp_get_db_schema() . $more ) as $statement ) {
		if ( '' !== trim( $statement ) ) {
			$database->schema( trim( $statement ) );
		}
	}
}

/** Rows as arrays by column; what is missing is the column's default. */
function put( Pdo_Database $database, $table, array $rows ) {
	foreach ( $rows as $row ) {
		$values = array();
		foreach ( $row as $column => $value ) {
			$values[] = null === $value ? 'NULL' : ( is_int( $value ) ? (string) $value : ( in_array( $column, array( 'secret', 'picture' ), true ) ? "X'" . bin2hex( $value ) . "'" : $database->quote( $value ) ) );
		}
		$database->run( "INSERT INTO `$table` (`" . implode( '`, `', array_keys( $row ) ) . '`) VALUES (' . implode( ', ', $values ) . ')' );
	}
}

const HOME   = 'https://shop.example.com';
const TARGET = 'https://c1.clones.test';

/** A post with all columns that have no default. */
function a_post( array $row ) {
	return $row + array( 'post_author' => 1, 'post_content' => '', 'post_title' => '', 'post_excerpt' => '', 'to_ping' => '', 'pinged' => '', 'post_content_filtered' => '', 'post_date' => '2024-05-01 10:00:00', 'post_date_gmt' => '0000-00-00 00:00:00' );
}

/** A site with one of everything that is hard. */
function make_site( Pdo_Database $database, $prefix ) {
	make_schema( $database, $prefix );
	put( $database, "{$prefix}options", array(
		array( 'option_name' => 'siteurl', 'option_value' => HOME ),
		array( 'option_name' => 'home', 'option_value' => HOME ),
		array( 'option_name' => 'blogname', 'option_value' => "Shop \u{1F6D2} d'or \\ back" ),
		array( 'option_name' => 'blog_public', 'option_value' => '1' ),
		array( 'option_name' => 'admin_email', 'option_value' => 'owner@example.com' ),
		array( 'option_name' => 'db_version', 'option_value' => '60000' ),
		array( 'option_name' => 'active_plugins', 'option_value' => serialize( array( 'shop/shop.php', 'stripe/stripe.php', 'custom-migrator/custom-migrator.php' ) ) ),
		array( 'option_name' => "{$prefix}user_roles", 'option_value' => serialize( array( 'administrator' => array( 'name' => 'Administrator' ) ) ) ),
		array( 'option_name' => 'theme_mods_x', 'option_value' => serialize( array( 'logo' => HOME . '/logo.png' ) ) ),
		array( 'option_name' => 'template', 'option_value' => 'theme-a' ),
		array( 'option_name' => 'stylesheet', 'option_value' => 'theme-a' ),
		array( 'option_name' => 'objects', 'option_value' => 'O:8:"stdClass":2:{s:3:"url";s:' . strlen( HOME . '/x' ) . ':"' . HOME . '/x";s:4:"self";r:1;}' ),
		array( 'option_name' => '_transient_x', 'option_value' => 'old' ),
		array( 'option_name' => '_site_transient_y', 'option_value' => 'old' ),
		array( 'option_name' => 'cron', 'option_value' => 'a:0:{}' ),
		array( 'option_name' => 'rewrite_rules', 'option_value' => 'old' ),
		array( 'option_name' => 'custom_migrator_keys', 'option_value' => '[]' ),
		array( 'option_name' => 'wp_mail_smtp', 'option_value' => 'a:0:{}' ),
		array( 'option_name' => 'upload_path', 'option_value' => '/srv/www/files' ),
	) );
	put( $database, "{$prefix}users", array(
		array( 'ID' => 1, 'user_login' => 'owner', 'user_pass' => '$P$owner', 'user_nicename' => 'owner', 'user_email' => 'owner@example.com', 'user_url' => HOME, 'user_registered' => '2020-01-01 00:00:00', 'display_name' => 'Olga Owner' ),
		array( 'ID' => 7, 'user_login' => 'jane', 'user_pass' => '$P$' . HOME, 'user_nicename' => 'jane', 'user_email' => 'Jane@example.com', 'display_name' => 'Jane Doe' ),
	) );
	put( $database, "{$prefix}usermeta", array(
		array( 'user_id' => 1, 'meta_key' => "{$prefix}capabilities", 'meta_value' => 'a:1:{s:13:"administrator";b:1;}' ),
		array( 'user_id' => 1, 'meta_key' => "{$prefix}user_level", 'meta_value' => '10' ),
		array( 'user_id' => 1, 'meta_key' => "{$prefix}dashboard_quick_press_last_post_id", 'meta_value' => '3' ),
		array( 'user_id' => 1, 'meta_key' => "{$prefix}something_else", 'meta_value' => 'stays' ),
		array( 'user_id' => 1, 'meta_key' => 'session_tokens', 'meta_value' => 'a:0:{}' ),
		array( 'user_id' => 7, 'meta_key' => 'first_name', 'meta_value' => 'Jane' ),
		array( 'user_id' => 7, 'meta_key' => 'billing_email', 'meta_value' => 'jane@example.com' ),
		array( 'user_id' => 7, 'meta_key' => 'billing_country', 'meta_value' => 'DE' ),
		array( 'user_id' => 7, 'meta_key' => "{$prefix}capabilities", 'meta_value' => 'a:1:{s:8:"customer";b:1;}' ),
	) );
	put( $database, "{$prefix}posts", array(
		a_post( array( 'ID' => 1, 'post_content' => 'See <a href="' . HOME . '/a">a</a> and {"u":"' . str_replace( '/', '\/', HOME ) . '\/b"}', 'post_title' => "Hello \u{1F44B}", 'guid' => HOME . '/?p=1' ) ),
		a_post( array( 'ID' => 2, 'post_content' => "back\\slash 'quote' \"double\" \u{0}zero", 'guid' => HOME . '/?p=2' ) ),
		a_post( array( 'ID' => 3, 'post_status' => 'auto-draft', 'guid' => '' ) ),
		a_post( array( 'ID' => 9, 'post_type' => 'shop_order', 'post_excerpt' => 'please ring twice', 'guid' => '' ) ),
	) );
	put( $database, "{$prefix}postmeta", array(
		array( 'meta_id' => 1, 'post_id' => 1, 'meta_key' => '_edit_lock', 'meta_value' => '1:1' ),
		array( 'meta_id' => 2, 'post_id' => 1, 'meta_key' => 'nested', 'meta_value' => serialize( array( 'in' => serialize( array( HOME . '/deep' ) ) ) ) ),
		array( 'meta_id' => 3, 'post_id' => 1, 'meta_key' => 'nothing', 'meta_value' => null ),
		array( 'meta_id' => 4, 'post_id' => 9, 'meta_key' => '_billing_email', 'meta_value' => 'jane@example.com' ),
		array( 'meta_id' => 5, 'post_id' => 9, 'meta_key' => '_billing_state', 'meta_value' => 'BY' ),
	) );
	put( $database, "{$prefix}comments", array(
		array( 'comment_ID' => 1, 'comment_post_ID' => 1, 'comment_author' => 'Jane Doe', 'comment_author_email' => 'jane@example.com', 'comment_author_url' => 'https://jane.example', 'comment_author_IP' => '203.0.113.9', 'comment_agent' => 'Firefox', 'comment_content' => 'nice' ),
	) );
	put( $database, "{$prefix}commentmeta", array( array( 'comment_id' => 1, 'meta_key' => 'akismet_as_submitted', 'meta_value' => 'jane@example.com' ) ) );
	put( $database, "{$prefix}wc_order_addresses", array( array( 'order_id' => 9, 'first_name' => 'Jane', 'last_name' => 'Doe', 'company' => null, 'city' => 'Berlin', 'postcode' => '10115', 'country' => 'DE', 'email' => 'jane@example.com', 'phone' => '+49 30 1' ) ) );
	put( $database, "{$prefix}shop_prices", array(
		array( 'id' => 1, 'sku' => 'A', 'price' => '19.9900', 'weight' => '0.1', 'kind' => "it's", 'tags' => 'new,sale', 'secret' => "\0\xFF\x27\\", 'picture' => random_bytes( 2000 ), 'flags' => 5, 'changed' => '2024-03-31 02:30:00', 'made' => '2024-01-01 00:00:00', 'note' => HOME ),
		array( 'id' => 2, 'sku' => 'B', 'price' => '-0.5000', 'weight' => null, 'kind' => 'simple', 'secret' => null, 'picture' => '', 'flags' => null, 'made' => null, 'note' => null ),
	) );
	put( $database, "{$prefix}no_key", array( array( 'a' => 'x', 'b' => 1 ), array( 'a' => 'x', 'b' => 1 ), array( 'a' => null, 'b' => null ) ) );
	put( $database, "{$prefix}woocommerce_sessions", array( array( 'session_key' => 'abc' ) ) );
}

const ALL = array( 'content', 'uploads', 'plugins', 'themes', 'options', 'users' );

/** What the manifest would say of a site. */
function site_of( $prefix, array $more = array() ) {
	return $more + array( 'home' => HOME, 'siteurl' => HOME, 'uploads_url' => HOME . '/wp-content/uploads', 'prefix' => $prefix, 'db_version' => '60000' );
}

/** Everything of a site into an import's tables. */
function copy_site( Pdo_Database $from, $from_prefix, Custom_Migrator_Staged_Tables $staged, Pdo_Database $to, array $scopes = ALL ) {
	$tables = new Custom_Migrator_Site_Tables( $from, $from_prefix );
	foreach ( $tables->names( $scopes ) as $name ) {
		// Through JSON, as an archive's heads go.
		$form = json_decode( json_encode( $tables->describe( $name ) ), true );
		$staged->create( array( 'table' => $name ) + $form );
		$export = $tables->export( $name );
		$cursor = null;
		do {
			$batch = $export->batch( $cursor );
			if ( $batch['rows'] ) {
				$to->transaction( static function () use ( $staged, $name, $batch ) {
					$staged->insert( $name, $batch['rows'] );
				} );
			}
			$cursor = $batch['cursor'];
		} while ( null !== $cursor );
	}
}

/** All rows of a table in a fixed order. */
function dump( Pdo_Database $database, $table ) {
	$rows = array_map( 'serialize', $database->rows( "SELECT * FROM `$table`" ) );
	sort( $rows );
	return $rows;
}

/** All tables of a prefix and their rows, to compare before and after. */
function dump_all( Pdo_Database $database, $prefix ) {
	$all = array();
	foreach ( $database->schema( "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'" ) as $row ) {
		if ( 0 === strpos( $row[0], $prefix ) && 0 !== strpos( $row[0], $prefix . 'cm_' ) ) {
			$all[ $row[0] ] = md5( implode( "\n", dump( $database, $row[0] ) ) );
		}
	}
	ksort( $all );
	return $all;
}

function one( Pdo_Database $database, $sql ) {
	$rows = $database->rows( $sql );
	return $rows ? $rows[0][0] : 'no row';
}
