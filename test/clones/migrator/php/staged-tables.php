<?php
/** On SQLite as WordPress has it; with MIGRATOR_DSN, MIGRATOR_USER and MIGRATOR_PASSWORD on MySQL as well, in all directions. */
require __DIR__ . '/harness.php';
require __DIR__ . '/pdo-database.php';
require __DIR__ . '/sample-site.php';

class Custom_Migrator_Clone_Rules {
	public static function switched_off( $plugin ) {
		return 0 === strpos( $plugin, 'stripe/' );
	}
}

$has_mysql = false !== getenv( 'MIGRATOR_DSN' );
$pairs     = $has_mysql ? array( array( 'mysql', 'sqlite' ), array( 'sqlite', 'mysql' ), array( 'mysql', 'mysql' ) ) : array( array( 'sqlite', 'sqlite' ) );
$homes     = $has_mysql ? array( 'mysql' ) : array( 'sqlite' );

function fresh( $engine ) {
	static $count = 0;
	return 'mysql' === $engine ? mysql_database( 'test' . ( ++$count ) ) : sqlite_database();
}

function clone_job( $from_prefix, array $more = array() ) {
	return $more + array( 'job' => 'job1', 'mode' => 'clone', 'scopes' => ALL, 'url' => TARGET, 'anonymize' => false, 'admin' => array( 'username' => 'boss', 'email' => 'boss@c.test', 'password_hash' => 'HASH' ), 'site' => site_of( $from_prefix ), 'db_version' => '60000' );
}

function restore_job( $from_prefix, array $scopes, array $more = array() ) {
	return $more + array( 'job' => 'job2', 'mode' => 'restore', 'scopes' => $scopes, 'url' => HOME, 'site' => array( 'home' => TARGET, 'siteurl' => TARGET ) + site_of( $from_prefix ), 'db_version' => '60000' );
}

/** A clone of a sample site in a database of this engine, swapped. */
function cloned( $from, $to, array $more = array() ) {
	$source = fresh( $from );
	make_site( $source, 'xyz_' );
	$target = fresh( $to );
	make_schema( $target, 'wp_' );
	$staged = new Custom_Migrator_Staged_Tables( $target, 'wp_', clone_job( 'xyz_', $more ) );
	copy_site( $source, 'xyz_', $staged, $target );
	$staged->prepare();
	$staged->swap();
	return array( $source, $target, $staged );
}

/** A production site and the tables of a clone that was changed, staged on it. */
function staged_restore( $engine, array $scopes, array $more = array(), $change = null ) {
	list( $site, $copy ) = cloned( $engine, 'sqlite' );
	if ( $change ) {
		$change( $copy, $site );
	}
	$staged = new Custom_Migrator_Staged_Tables( $site, 'xyz_', restore_job( 'wp_', $scopes, $more ) );
	copy_site( $copy, 'wp_', $staged, $site, $scopes );
	return array( $site, $staged, $copy );
}

function option( Pdo_Database $database, $prefix, $name ) {
	return one( $database, "SELECT option_value FROM {$prefix}options WHERE option_name = " . $database->quote( $name ) );
}

foreach ( $pairs as list( $from, $to ) ) {
	$there = "from $from to $to";

	check( "makes tables of the same form $there", static function () use ( $from, $to ) {
		$source = fresh( $from );
		make_schema( $source, 'xyz_' );
		$target = fresh( $to );
		$a      = new Custom_Migrator_Site_Tables( $source, 'xyz_' );
		$b      = new Custom_Migrator_Site_Tables( $target, 'abc_' );
		same( 16, count( $a->names( ALL ) ) );
		foreach ( $a->names( ALL ) as $name ) {
			$form = $a->describe( $name );
			$target->schema( Custom_Migrator_Table_Sql::create( "abc_$name", $form['columns'], $form['keys'] ) );
			$got = $b->describe( $name );
			foreach ( array( 'columns', 'keys' ) as $part ) {
				$plain = static function ( $form ) {
					// MariaDB tells no scale of a float, and the order of keys is nobody's.
					usort( $form, static function ( $one, $other ) {
						return strcmp( $one['name'], $other['name'] );
					} );
					return $form;
				};
				same( $plain( $form[ $part ] ), $plain( $got[ $part ] ), "$name $part" );
			}
		}
	} );

	check( "copies every row $there but those that stay, with the prefix and the URLs of the target", static function () use ( $from, $to ) {
		list( $source, $target, $staged ) = cloned( $from, $to );
		same( array(), $staged->problems() );
		same( TARGET, option( $target, 'wp_', 'home' ) );
		same( "Shop \u{1F6D2} d'or \\ back", option( $target, 'wp_', 'blogname' ) );
		same( option( $source, 'xyz_', 'xyz_user_roles' ), option( $target, 'wp_', 'wp_user_roles' ) );
		same( 'no row', option( $target, 'wp_', 'xyz_user_roles' ) );
		same( array( 'logo' => TARGET . '/logo.png' ), unserialize( option( $target, 'wp_', 'theme_mods_x' ) ) );
		same( 'O:8:"stdClass":2:{s:3:"url";s:' . strlen( TARGET . '/x' ) . ':"' . TARGET . '/x";s:4:"self";r:1;}', option( $target, 'wp_', 'objects' ) );
		foreach ( array( '_transient_x', '_site_transient_y', 'cron', 'rewrite_rules', 'custom_migrator_keys', 'upload_path' ) as $name ) {
			same( 'no row', option( $target, 'wp_', $name ), $name );
		}
		same( array( array( 'wp_capabilities' ), array( 'wp_dashboard_quick_press_last_post_id' ), array( 'wp_user_level' ), array( 'xyz_something_else' ) ), $target->rows( 'SELECT meta_key FROM wp_usermeta WHERE user_id = 1 ORDER BY meta_key' ) );
		same( TARGET . '/?p=1', one( $target, 'SELECT guid FROM wp_posts WHERE ID = 1' ) );
		same( '$P$' . HOME, one( $target, 'SELECT user_pass FROM wp_users WHERE ID = 7' ) );
		same( TARGET, one( $target, 'SELECT user_url FROM wp_users WHERE ID = 1' ) );
		same( 'See <a href="' . TARGET . '/a">a</a> and {"u":"' . str_replace( '/', '\/', TARGET ) . '\/b"}', one( $target, 'SELECT post_content FROM wp_posts WHERE ID = 1' ) );
		same( "back\\slash 'quote' \"double\" \u{0}zero", one( $target, 'SELECT post_content FROM wp_posts WHERE ID = 2' ) );
		same( array( 'in' => serialize( array( TARGET . '/deep' ) ) ), unserialize( one( $target, 'SELECT meta_value FROM wp_postmeta WHERE meta_id = 2' ) ) );
		same( null, one( $target, 'SELECT meta_value FROM wp_postmeta WHERE meta_id = 3' ) );
		same( '0000-00-00 00:00:00', one( $target, 'SELECT post_date_gmt FROM wp_posts WHERE ID = 1' ) );
		same( 'no row', one( $target, 'SELECT meta_id FROM wp_postmeta WHERE meta_id = 1' ) );
		same( '0', one( $target, 'SELECT COUNT(*) FROM wp_woocommerce_sessions' ) );
		same( dump( $source, 'xyz_no_key' ), dump( $target, 'wp_no_key' ) );
		foreach ( array( "COALESCE(HEX(secret), '')", 'HEX(picture)', 'kind', 'tags', 'changed', 'made', 'day', 'flags + 0' ) as $column ) {
			$sql = "SELECT $column FROM %sshop_prices ORDER BY id";
			same( $source->rows( sprintf( $sql, 'xyz_' ) ), $target->rows( sprintf( $sql, 'wp_' ) ), $column );
		}
	} );

	check( "gives the same rows after a way there and back $there", static function () use ( $from, $to ) {
		$start = fresh( $from );
		make_site( $start, 'xyz_' );
		$form = ( new Custom_Migrator_Site_Tables( $start, 'xyz_' ) );
		foreach ( array( 'shop_prices', 'posts', 'postmeta', 'comments', 'wc_order_addresses', 'no_key' ) as $name ) {
			$there  = fresh( $to );
			$back   = fresh( $from );
			$writer = new Custom_Migrator_Table_Writer( $there );
			$shape  = $form->describe( $name );
			$types  = array_column( $shape['columns'], 'type', 'name' );
			foreach ( array( array( $start, $there ), array( $there, $back ) ) as list( $one, $other ) ) {
				$other->schema( Custom_Migrator_Table_Sql::create( "xyz_$name", $shape['columns'], $shape['keys'] ) );
				$batch = ( new Custom_Migrator_Site_Tables( $one, 'xyz_' ) )->export( $name )->batch();
				$rows  = array_map( static function ( $row ) use ( $types ) {
					return array_combine( array_keys( $types ), $row );
				}, $batch['rows'] );
				$writer = new Custom_Migrator_Table_Writer( $other );
				$writer->insert( "xyz_$name", $types, $rows );
				same( array(), $writer->problems(), $name );
			}
			same( dump( $start, "xyz_$name" ), dump( $back, "xyz_$name" ), $name );
		}
	} );
}

foreach ( $homes as $engine ) {
	check( "a clone is one on $engine: own administrator, not public, no way to pay, known as a clone", static function () use ( $engine ) {
		list( , $target ) = cloned( $engine, $engine );
		same( '0', option( $target, 'wp_', 'blog_public' ) );
		same( 'boss@c.test', option( $target, 'wp_', 'admin_email' ) );
		same( array( 'shop/shop.php' ), unserialize( option( $target, 'wp_', 'active_plugins' ) ) );
		same( array( 'job' => 'job1', 'anonymized' => false, 'admin' => 'boss' ), json_decode( option( $target, 'wp_', 'custom_migrator_clone' ), true ) );
		same( array( array( '8', 'HASH' ) ), $target->rows( "SELECT ID, user_pass FROM wp_users WHERE user_login = 'boss'" ) );
		same( 'a:1:{s:13:"administrator";b:1;}', one( $target, "SELECT meta_value FROM wp_usermeta WHERE user_id = 8 AND meta_key = 'wp_capabilities'" ) );
	} );

	check( "an administrator of the source's name becomes the clone's on $engine, with the clone's password", static function () use ( $engine ) {
		list( , $target ) = cloned( $engine, $engine, array( 'admin' => array( 'username' => 'jane', 'email' => 'j@c.test', 'password_hash' => 'HASH' ) ) );
		same( array( array( '7', 'HASH', 'Jane Doe' ) ), $target->rows( "SELECT ID, user_pass, display_name FROM wp_users WHERE user_login = 'jane'" ) );
		same( array( array( 'a:1:{s:13:"administrator";b:1;}' ) ), $target->rows( "SELECT meta_value FROM wp_usermeta WHERE user_id = 7 AND meta_key = 'wp_capabilities'" ) );
	} );

	check( "no person is left on $engine after a clone without persons, but who belongs together still does", static function () use ( $engine ) {
		list( , $target ) = cloned( $engine, $engine, array( 'anonymize' => true ) );
		$all = '';
		foreach ( $target->schema( "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'" ) as $row ) {
			// What was there before is the template's.
			$all .= 0 === strpos( $row[0], 'wp_cm_o' ) ? '' : implode( "\n", dump( $target, $row[0] ) );
		}
		foreach ( array( 'jane', 'Doe', 'Olga', '$P$', '203.0.113.9', 'Firefox', 'Berlin', '10115', '+49 30', 'ring twice' ) as $trace ) {
			same( false, stripos( $all, $trace ), $trace );
		}
		$email = one( $target, 'SELECT user_email FROM wp_users WHERE ID = 7' );
		same( 1, preg_match( '~^user-[0-9a-f]{16}@example\.invalid$~', $email ), $email );
		same( $email, one( $target, 'SELECT comment_author_email FROM wp_comments' ) );
		same( $email, one( $target, 'SELECT email FROM wp_wc_order_addresses' ) );
		same( $email, one( $target, "SELECT meta_value FROM wp_postmeta WHERE meta_key = '_billing_email'" ) );
		same( array( 'DE', 'BY', null ), array( one( $target, 'SELECT country FROM wp_wc_order_addresses' ), one( $target, "SELECT meta_value FROM wp_postmeta WHERE meta_key = '_billing_state'" ), one( $target, 'SELECT company FROM wp_wc_order_addresses' ) ) );
		same( 20, strlen( substr( one( $target, 'SELECT postcode FROM wp_wc_order_addresses' ), 0, 20 ) . '....' ) );
		same( '', ( new Custom_Migrator_Import_Store( $target, 'wp_' ) )->load( 'job1', 'tables' )['salt'] );
		list( , $other ) = cloned( $engine, $engine, array( 'anonymize' => true ) );
		same( false, $email === one( $other, 'SELECT user_email FROM wp_users WHERE ID = 7' ) );
	} );

	check( "tables that the source hasn't go from a clone on $engine, and come back with the rest", static function () use ( $engine ) {
		$source = fresh( $engine );
		make_site( $source, 'xyz_' );
		$target = fresh( $engine );
		make_schema( $target, 'wp_' );
		$target->schema( 'CREATE TABLE wp_of_the_template (a int)' );
		$target->schema( 'CREATE TABLE other_table (a int)' );
		$before = dump_all( $target, '' );
		$staged = new Custom_Migrator_Staged_Tables( $target, 'wp_', clone_job( 'xyz_' ) );
		copy_site( $source, 'xyz_', $staged, $target );
		$staged->prepare();
		$staged->swap();
		$tables = new Custom_Migrator_Site_Tables( $target, 'wp_' );
		same( false, $tables->has( 'of_the_template' ) );
		same( true, array_key_exists( 'other_table', dump_all( $target, '' ) ) );
		$staged->unswap();
		$staged->discard();
		same( $before, array_diff_key( dump_all( $target, '' ), array( 'wp_cm_import' => 1 ) ) );
		same( array( 'cm_import' ), $tables->own() );
	} );

	check( "an older WordPress' tables have to be upgraded on $engine, a newer one's pass for our own", static function () use ( $engine ) {
		list( , $target, $staged ) = cloned( $engine, $engine, array( 'db_version' => '60421' ) );
		same( array( true, '60000' ), array( $staged->needs_upgrade(), option( $target, 'wp_', 'db_version' ) ) );
		list( , $target, $staged ) = cloned( $engine, $engine, array( 'db_version' => '50000' ) );
		same( array( false, '50000' ), array( $staged->needs_upgrade(), option( $target, 'wp_', 'db_version' ) ) );
	} );

	foreach ( array( 'swap', 'unswap' ) as $step ) {
		check( "a $step that is killed between any two statements on $engine leaves all or nothing, and done again is done", static function () use ( $engine, $step ) {
			list( $site, $staged ) = staged_restore( $engine, array( 'users', 'options' ) );
			$staged->prepare();
			$old = dump_all( $site, 'xyz_' );
			$staged->swap();
			$new = dump_all( $site, 'xyz_' );
			$staged->unswap();
			same( $old, dump_all( $site, 'xyz_' ) );
			same( false, $old === $new );
			if ( 'unswap' === $step ) {
				$staged->swap();
			}
			for ( $statements = 0; ; ++$statements ) {
				$site->left = $statements;
				try {
					$staged->$step();
					$is_killed = false;
				} catch ( Killed $killed ) {
					$is_killed = true;
				}
				$site->left = null;
				$now        = dump_all( $site, 'xyz_' );
				same( true, $now === $old || $now === $new, "after $statements statements" );
				same( $now === $new, $staged->is_swapped() );
				// A new process knows only what is in the database.
				$staged = new Custom_Migrator_Staged_Tables( $site, 'xyz_', restore_job( 'wp_', array( 'users', 'options' ) ) );
				if ( ! $is_killed ) {
					break;
				}
			}
			same( true, $statements > ( 'mysql' === $engine ? 1 : 20 ), "$statements statements" );
			same( 'swap' === $step ? $new : $old, dump_all( $site, 'xyz_' ) );
			$staged->$step();
			same( 'swap' === $step ? $new : $old, dump_all( $site, 'xyz_' ) );
			$staged->unswap();
			same( $old, dump_all( $site, 'xyz_' ) );
			// The tables are whole: WordPress finds their indexes by their names.
			$form = ( new Custom_Migrator_Site_Tables( $site, 'xyz_' ) )->describe( 'users' );
			same( 4, count( $form['keys'] ) );
			$site->schema( 'ALTER TABLE xyz_users DROP INDEX user_nicename' );
		} );
	}

	check( "an import that is killed while tables are made and rows come goes on behind what was saved, on $engine", static function () use ( $engine ) {
		$source = fresh( $engine );
		make_site( $source, 'xyz_' );
		$target = fresh( $engine );
		make_schema( $target, 'wp_' );
		$before = dump_all( $target, 'wp_' );
		$store  = new Custom_Migrator_Import_Store( $target, 'wp_' );
		$store->save( 'job1', array( 'at' => 0 ) );
		$tables = new Custom_Migrator_Site_Tables( $source, 'xyz_' );
		$frames = array();
		foreach ( $tables->names( ALL ) as $name ) {
			$frames[] = array( 'create', array( 'table' => $name ) + $tables->describe( $name ) );
			$rows     = $tables->export( $name )->batch()['rows'];
			foreach ( array_chunk( $rows, 2 ) as $some ) {
				$frames[] = array( 'insert', $name, $some );
			}
		}
		$kills = 0;
		for ( $left = 1; $store->load( 'job1' )['at'] < count( $frames ); ++$left ) {
			$target->left = 3 + $left % 23;
			try {
				$staged = new Custom_Migrator_Staged_Tables( $target, 'wp_', clone_job( 'xyz_' ) );
				for ( $at = $store->load( 'job1' )['at']; $at < count( $frames ); ++$at ) {
					$frame = $frames[ $at ];
					if ( 'create' === $frame[0] ) {
						$staged->create( $frame[1] );
						$store->save( 'job1', array( 'at' => $at + 1 ) );
					} else {
						$target->transaction( static function () use ( $staged, $frame, $store, $at ) {
							$staged->insert( $frame[1], $frame[2] );
							$store->save( 'job1', array( 'at' => $at + 1 ) );
						} );
					}
				}
			} catch ( Killed $killed ) {
				++$kills;
			}
			$target->left = null;
		}
		same( true, $kills > 20, "$kills kills" );
		same( $before, dump_all( $target, 'wp_' ) );
		$staged = new Custom_Migrator_Staged_Tables( $target, 'wp_', clone_job( 'xyz_' ) );
		$staged->prepare();
		$staged->swap();
		list( , $other ) = cloned( $engine, $engine );
		foreach ( array( 'posts', 'postmeta', 'no_key', 'wc_order_addresses', 'usermeta', 'comments' ) as $name ) {
			same( dump( $other, "wp_$name" ), dump( $target, "wp_$name" ), $name );
		}
		same( one( $other, 'SELECT COUNT(*) FROM wp_cm_base' ), one( $target, 'SELECT COUNT(*) FROM wp_cm_base' ) );
	} );

	check( "a discarded import leaves nothing on $engine, one that is in place isn't discarded, and one without a way back says so", static function () use ( $engine ) {
		list( $site, $staged ) = staged_restore( $engine, array( 'content' ) );
		$tables = new Custom_Migrator_Site_Tables( $site, 'xyz_' );
		$old    = dump_all( $site, 'xyz_' );
		$staged->discard();
		$staged->discard();
		same( array( 'cm_import' ), $tables->own() );
		same( $old, dump_all( $site, 'xyz_' ) );
		list( $site, $staged ) = staged_restore( $engine, array( 'content' ) );
		same( 'IMPORT_TABLES', refusal( array( $staged, 'swap' ) ) );
		$staged->drop_saved();
		$staged->prepare();
		$staged->swap();
		$new = dump_all( $site, 'xyz_' );
		$staged->discard();
		same( $new, dump_all( $site, 'xyz_' ) );
		$staged->drop_saved();
		$staged->drop_saved();
		$staged->unswap();
		$staged->swap();
		same( $new, dump_all( $site, 'xyz_' ) );
		same( array( 'cm_import' ), ( new Custom_Migrator_Site_Tables( $site, 'xyz_' ) )->own() );
	} );

	check( "a restore on $engine changes what was asked for, and keeps the target's users, place, mail and secrets", static function () use ( $engine ) {
		list( $site, $staged ) = staged_restore( $engine, array( 'content', 'options' ), array(), static function ( $copy, $site ) {
			$copy->run( "UPDATE wp_posts SET post_content = 'new " . TARGET . "/n', post_author = 8 WHERE ID = 2" );
			$copy->run( "UPDATE wp_options SET option_value = 'New name' WHERE option_name = 'blogname'" );
			put( $copy, 'wp_options', array( array( 'option_name' => 'widget_new', 'option_value' => TARGET ), array( 'option_name' => 'some_api_key', 'option_value' => 'clone' ), array( 'option_name' => 'woocommerce_stripe_settings', 'option_value' => 'sandbox' ) ) );
			$site->run( "UPDATE xyz_posts SET guid = 'http://before-https.test/?p=2' WHERE ID = 2" );
			put( $copy, 'wp_posts', array( a_post( array( 'ID' => 30, 'guid' => TARGET . '/?p=30' ) ) ) );
			put( $site, 'xyz_options', array( array( 'option_name' => 'woocommerce_stripe_settings', 'option_value' => 'live' ), array( 'option_name' => 'gone', 'option_value' => 'x' ) ) );
		} );
		$users = dump( $site, 'xyz_users' ) + dump( $site, 'xyz_usermeta' );
		$staged->prepare();
		$staged->swap();
		same( $users, dump( $site, 'xyz_users' ) + dump( $site, 'xyz_usermeta' ) );
		same( array( array( 'new ' . HOME . '/n', '1' ) ), $site->rows( 'SELECT post_content, post_author FROM xyz_posts WHERE ID = 2' ) );
		same( array( array( HOME . '/?p=1' ), array( 'http://before-https.test/?p=2' ), array( HOME . '/?p=30' ) ), $site->rows( 'SELECT guid FROM xyz_posts WHERE ID IN (1, 2, 30) ORDER BY ID' ) );
		$expected = array( 'blogname' => 'New name', 'widget_new' => HOME, 'some_api_key' => 'no row', 'woocommerce_stripe_settings' => 'live', 'gone' => 'no row', 'home' => HOME, 'siteurl' => HOME, 'admin_email' => 'owner@example.com', 'blog_public' => '1', 'upload_path' => '/srv/www/files', 'custom_migrator_keys' => '[]', 'custom_migrator_clone' => 'no row', 'cron' => 'a:0:{}', 'wp_user_roles' => 'no row', 'rewrite_rules' => 'no row', 'db_version' => '60000' );
		foreach ( $expected as $name => $value ) {
			same( $value, option( $site, 'xyz_', $name ), $name );
		}
		same( array( 'shop/shop.php', 'stripe/stripe.php', 'custom-migrator/custom-migrator.php' ), unserialize( option( $site, 'xyz_', 'active_plugins' ) ) );
		same( false, 'no row' === option( $site, 'xyz_', 'xyz_user_roles' ) );
		same( '1', one( $site, "SELECT COUNT(*) FROM xyz_options WHERE option_name = 'home'" ) );
	} );

	check( "a restore of themes on $engine brings the theme and its settings, and no other option", static function () use ( $engine ) {
		list( $site, $staged ) = staged_restore( $engine, array( 'themes' ), array(), static function ( $copy ) {
			$copy->run( "UPDATE wp_options SET option_value = 'theme-b' WHERE option_name IN ('template', 'stylesheet')" );
			$copy->run( "UPDATE wp_options SET option_value = 'New name' WHERE option_name = 'blogname'" );
		} );
		$staged->prepare();
		$staged->swap();
		same( array( 'theme-b', "Shop \u{1F6D2} d'or \\ back" ), array( option( $site, 'xyz_', 'template' ), option( $site, 'xyz_', 'blogname' ) ) );
		same( array( 'logo' => HOME . '/logo.png' ), unserialize( option( $site, 'xyz_', 'theme_mods_x' ) ) );
	} );

	check( "a restore of plugins on $engine activates the clone's, and leaves those that a clone switches off as they are", static function () use ( $engine ) {
		list( $site, $staged ) = staged_restore( $engine, array( 'plugins' ), array(), static function ( $copy ) {
			$copy->run( 'UPDATE wp_options SET option_value = ' . $copy->quote( serialize( array( 'new/new.php' ) ) ) . " WHERE option_name = 'active_plugins'" );
		} );
		$staged->prepare();
		$staged->swap();
		same( array( 'custom-migrator/custom-migrator.php', 'new/new.php', 'stripe/stripe.php' ), unserialize( option( $site, 'xyz_', 'active_plugins' ) ) );
	} );

	check( "a restore of users on $engine leaves passwords and logins the target's, newcomers in, and the clone's administrator out", static function () use ( $engine ) {
		list( $site, $staged ) = staged_restore( $engine, array( 'users' ), array(), static function ( $copy, $site ) {
			$copy->run( "UPDATE wp_users SET user_pass = 'clone', display_name = 'Jane Roe', user_email = 'x@clone.test' WHERE ID = 7" );
			put( $copy, 'wp_users', array( array( 'ID' => 20, 'user_login' => 'made-on-clone', 'user_pass' => 'p' ) ) );
			put( $site, 'xyz_users', array( array( 'ID' => 30, 'user_login' => 'customer', 'user_pass' => 'c' ) ) );
			put( $site, 'xyz_usermeta', array( array( 'user_id' => 30, 'meta_key' => 'nickname', 'meta_value' => 'Cu' ) ) );
		} );
		$staged->prepare();
		$staged->swap();
		same( array( array( '1', 'owner', '$P$owner', 'Olga Owner' ), array( '7', 'jane', '$P$' . HOME, 'Jane Roe' ), array( '20', 'made-on-clone', 'p', '' ), array( '30', 'customer', 'c', '' ) ), $site->rows( 'SELECT ID, user_login, user_pass, display_name FROM xyz_users ORDER BY ID' ) );
		same( 'Jane@example.com', one( $site, 'SELECT user_email FROM xyz_users WHERE ID = 7' ) );
		same( 'Cu', one( $site, "SELECT meta_value FROM xyz_usermeta WHERE user_id = 30 AND meta_key = 'nickname'" ) );
		same( '1', one( $site, "SELECT COUNT(*) FROM xyz_usermeta WHERE meta_key = 'session_tokens'" ) );
		same( '0', one( $site, "SELECT COUNT(*) FROM xyz_usermeta WHERE meta_key = 'custom_migrator_clone_admin' OR user_id = 8" ) );
		same( '1', one( $site, "SELECT COUNT(*) FROM xyz_usermeta WHERE user_id = 1 AND meta_key = 'xyz_capabilities'" ) );
	} );

	check( "tables that weren't asked for stay on $engine, even if they are in the archive", static function () use ( $engine ) {
		list( $site, $staged, $copy ) = staged_restore( $engine, array( 'content' ) );
		copy_site( $copy, 'wp_', $staged, $site, array( 'users', 'options' ) );
		$kept = array( dump( $site, 'xyz_users' ), dump( $site, 'xyz_options' ), dump( $site, 'xyz_usermeta' ) );
		$staged->prepare();
		$staged->swap();
		same( $kept, array( dump( $site, 'xyz_users' ), dump( $site, 'xyz_options' ), dump( $site, 'xyz_usermeta' ) ) );
	} );

	check( "a restore on $engine keeps the form of the target's tables where the rows fit", static function () use ( $engine ) {
		list( $source, $copy ) = cloned( $engine, 'sqlite' );
		$source->schema( "ALTER TABLE xyz_comments ADD COLUMN extra varchar(20) NOT NULL DEFAULT 'd'" );
		$staged = new Custom_Migrator_Staged_Tables( $source, 'xyz_', restore_job( 'wp_', array( 'content' ) ) );
		copy_site( $copy, 'wp_', $staged, $source, array( 'content' ) );
		$staged->prepare();
		$staged->swap();
		same( 'd', one( $source, 'SELECT extra FROM xyz_comments' ) );
	} );

	check( "persons that a clone has lost never go back on $engine", static function () use ( $engine ) {
		$site = fresh( $engine );
		make_site( $site, 'xyz_' );
		foreach ( array( 'content' => 'IMPORT_ANONYMIZED', 'users' => 'IMPORT_ANONYMIZED', 'themes' => 'none' ) as $scope => $code ) {
			same( $code, refusal( static function () use ( $site, $scope ) {
				new Custom_Migrator_Staged_Tables( $site, 'xyz_', restore_job( 'wp_', array( $scope ), array( 'site' => array( 'anonymized' => true ) + site_of( 'wp_' ) ) ) );
			} ), $scope );
		}
	} );

	check( "a fingerprint on $engine sees each change that somebody made, and none that nobody made", static function () use ( $engine ) {
		$site = fresh( $engine );
		make_site( $site, 'xyz_' );
		$prints = static function () use ( $site ) {
			$lines = array();
			$of    = new Custom_Migrator_Fingerprint( $site, 'xyz_' );
			foreach ( ( new Custom_Migrator_Site_Tables( $site, 'xyz_' ) )->names( ALL ) as $name ) {
				$cursor = null;
				do {
					$part   = $of->rows( $name, $cursor );
					$cursor = json_decode( json_encode( $part['cursor'] ), true );
					foreach ( $part['lines'] as list( $key, $hash ) ) {
						$lines[ "$name $key" ] = $hash;
					}
				} while ( null !== $cursor );
			}
			return $lines;
		};
		$before = $prints();
		same( true, isset( $before['options blogname'], $before['posts 1'], $before['options {prefix}user_roles'], $before['usermeta 1'] ) );
		foreach ( array( "UPDATE xyz_options SET option_value = 'x' WHERE option_name IN ('_transient_x', 'cron', 'rewrite_rules', 'custom_migrator_keys')", "UPDATE xyz_usermeta SET meta_value = 'x' WHERE meta_key = 'session_tokens'", 'UPDATE xyz_posts SET comment_count = 5', "UPDATE xyz_postmeta SET meta_value = '2:2' WHERE meta_key = '_edit_lock'", "UPDATE xyz_users SET user_activation_key = 'x'", "UPDATE xyz_posts SET post_title = 'x' WHERE post_status = 'auto-draft'" ) as $sql ) {
			$site->run( $sql );
			same( $before, $prints(), $sql );
		}
		foreach ( array( "UPDATE xyz_posts SET post_title = 'x' WHERE ID = 2" => 'posts 2', "UPDATE xyz_options SET option_value = 'x' WHERE option_name = 'blogname'" => 'options blogname', "UPDATE xyz_shop_prices SET price = 20 WHERE id = 1" => 'shop_prices 1', 'DELETE FROM xyz_comments' => 'comments 1' ) as $sql => $key ) {
			$site->run( $sql );
			$now = $prints();
			same( array( $key ), array_keys( array_diff_assoc( $before, $now ) ), $sql );
			$before = $now;
		}
	} );

	check( "a clone on $engine knows what its rows were and became", static function () use ( $engine ) {
		list( $source, $target ) = cloned( $engine, 'mysql' === $engine ? 'sqlite' : $engine );
		$print = static function ( $database, $prefix ) {
			$lines = array();
			foreach ( ( new Custom_Migrator_Site_Tables( $database, $prefix ) )->names( ALL ) as $name ) {
				foreach ( ( new Custom_Migrator_Fingerprint( $database, $prefix ) )->rows( $name )['lines'] as $line ) {
					$lines[] = implode( ' ', array_merge( array( $name ), $line ) );
				}
			}
			sort( $lines );
			return $lines;
		};
		$noted = static function ( $of ) use ( $target, $source ) {
			$names = ( new Custom_Migrator_Site_Tables( $source, 'xyz_' ) )->names( ALL );
			$lines = array_map( static function ( $line ) {
				return implode( ' ', $line );
			}, ( new Custom_Migrator_Fingerprint( $target, 'wp_' ) )->noted( $of, $names )['lines'] );
			sort( $lines );
			return $lines;
		};
		same( $print( $source, 'xyz_' ), $noted( 'base' ) );
		same( $print( $target, 'wp_' ), $noted( 'copy' ) );
		same( array(), ( new Custom_Migrator_Fingerprint( $source, 'xyz_' ) )->noted( 'base', array( 'posts' ) )['lines'] );
	} );

	check( "what doesn't fit on $engine costs no other row, and is told", static function () use ( $engine ) {
		$target  = fresh( $engine );
		$staged  = new Custom_Migrator_Staged_Tables( $target, 'wp_', clone_job( 'xyz_' ) );
		$columns = array( array( 'name' => 'id', 'type' => 'bigint' ), array( 'name' => 'v', 'type' => 'varchar', 'length' => 5 ) );
		$keys    = array( array( 'kind' => 'primary', 'name' => 'PRIMARY', 'columns' => array( array( 'name' => 'id' ) ) ), array( 'kind' => 'unique', 'name' => 'v', 'columns' => array( array( 'name' => 'v' ) ) ) );
		$staged->create( array( 'table' => 'odd', 'columns' => $columns, 'keys' => $keys ) );
		$staged->insert( 'odd', array( array( '1', 'a' ), array( '2', 'A' ), array( '3', 'c' ) ) );
		same( array( array( 'code' => 'row_left_out', 'table' => 'odd', 'column' => '', 'count' => 1 ) ), $staged->problems() );
		same( array( array( '1' ), array( '3' ) ), $target->rows( 'SELECT id FROM wp_cm_n1 ORDER BY id' ) );
		$again = new Custom_Migrator_Staged_Tables( $target, 'wp_', clone_job( 'xyz_' ) );
		same( $staged->problems(), $again->problems() );
		same( 'IMPORT_TABLE', refusal( static function () use ( $staged ) {
			$staged->insert( 'unknown', array() );
		} ) );
		// Whatever else goes wrong may have undone the rows before: nothing goes on then.
		$target->schema( 'DROP TABLE wp_cm_n1' );
		same( 'DATABASE', refusal( static function () use ( $staged ) {
			$staged->insert( 'odd', array( array( '9', 'z' ) ) );
		} ) );
	} );

	check( "makes tables on $engine of forms that are too large for it", static function () use ( $engine ) {
		$target  = fresh( $engine );
		$columns = array( array( 'name' => 'id', 'type' => 'bigint', 'unsigned' => true, 'auto' => true ) );
		foreach ( array( 'a' => 1000, 'b' => 700, 'c' => 20000, 'd' => 10000 ) as $name => $length ) {
			$columns[] = array( 'name' => $name, 'type' => 'varchar', 'length' => $length, 'default' => "it's \\" );
		}
		$columns[] = array( 'name' => 't', 'type' => 'longtext' );
		$columns[] = array( 'name' => 's', 'type' => 'timestamp' );
		$key       = static function ( $kind, $name, $names ) {
			return array( 'kind' => $kind, 'name' => $name, 'columns' => array_map( static function ( $name ) {
				return array( 'name' => $name );
			}, $names ) );
		};
		$keys      = array( $key( 'primary', 'PRIMARY', array( 'id' ) ), $key( 'unique', 'u', array( 'a' ) ), $key( 'index', 'ab', array( 'a', 'b', 'id' ) ), $key( 'index', 't', array( 't' ) ), $key( 'index', 'c', array( 'c' ) ), $key( 'fulltext', 'f', array( 't', 'a' ) ), $key( 'spatial', 'sp', array( 't' ) ) );
		$target->schema( Custom_Migrator_Table_Sql::create( 'wp_large', $columns, $keys ) );
		$form = ( new Custom_Migrator_Site_Tables( $target, 'wp_' ) )->describe( 'large' );
		same( array( 'bigint', 'varchar', 'varchar', 'mediumtext', 'varchar', 'longtext', 'timestamp' ), array_column( $form['columns'], 'type' ) );
		same( "it's \\", $form['columns'][1]['default'] );
		same( '0000-00-00 00:00:00', $form['columns'][6]['default'] );
		same( 6, count( $form['keys'] ) );
	} );

	check( "leaves out tables on $engine that are another site's, the plugin's own, or of another prefix", static function () use ( $engine ) {
		$site = fresh( $engine );
		make_schema( $site, 'wp_' );
		make_schema( $site, 'wp_blog_' );
		$site->schema( 'CREATE TABLE wp_cm_n1 (a int)' );
		$site->schema( 'CREATE TABLE wpx_posts (a int)' );
		$site->schema( 'CREATE TABLE wp_blogroll (a int)' );
		// Of nobody's prefix, but what stands behind as many letters is a name of ours.
		$site->schema( 'CREATE TABLE xx_posts (a point)' );
		$site->schema( 'CREATE TABLE wp_places (id int, a point)' );
		$tables = new Custom_Migrator_Site_Tables( $site, 'wp_' );
		$names  = $tables->names( ALL );
		same( 17, count( $names ), implode( ' ', $names ) );
		same( array( 'places' ), $tables->left_out() );
		same( 'TABLE_FORM', refusal( static function () use ( $tables ) {
			$tables->describe( 'places' );
		} ) );
		same( true, in_array( 'blogroll', $names, true ) );
		same( array( 'options' ), ( new Custom_Migrator_Site_Tables( $site, 'wp_' ) )->names( array( 'themes' ) ) );
		same( array( 'usermeta', 'users' ), ( new Custom_Migrator_Site_Tables( $site, 'wp_' ) )->names( array( 'users', 'uploads' ) ) );
	} );

	check( "takes 100,000 rows and a row of 15 MB on $engine within the memory of a small host", static function () use ( $engine ) {
		$target = fresh( $engine );
		$staged = new Custom_Migrator_Staged_Tables( $target, 'wp_', clone_job( 'xyz_' ) );
		$form   = array( 'columns' => array( array( 'name' => 'meta_id', 'type' => 'bigint' ), array( 'name' => 'meta_key', 'type' => 'varchar', 'length' => 255 ), array( 'name' => 'meta_value', 'type' => 'longtext' ) ), 'keys' => array( array( 'kind' => 'primary', 'name' => 'PRIMARY', 'columns' => array( array( 'name' => 'meta_id' ) ) ) ) );
		$staged->create( array( 'table' => 'postmeta' ) + $form );
		for ( $frame = 0; $frame < 40; ++$frame ) {
			$rows = array();
			for ( $number = 1; $number <= 2500; ++$number ) {
				$rows[] = array( (string) ( $frame * 2500 + $number ), 'key', 0 === $number % 10 ? serialize( array( HOME . "/$number" ) ) : str_repeat( 'x', 100 ) );
			}
			$staged->insert( 'postmeta', $rows );
		}
		unset( $rows );
		same( '100000', one( $target, 'SELECT COUNT(*) FROM wp_cm_n1' ) );
		same( '10000', one( $target, "SELECT COUNT(*) FROM wp_cm_n1 WHERE meta_value LIKE '%" . TARGET . "%'" ) );
		$large = array( array( '200000', 'large', str_repeat( "it's \\ ", intdiv( 15 * 1048576, 8 ) ) ) );
		$staged->insert( 'postmeta', $large );
		same( (string) strlen( $large[0][2] ), one( $target, 'SELECT ' . $target->byte_length( 'meta_value' ) . " FROM wp_cm_n1 WHERE meta_key = 'large'" ) );
		same( array(), $staged->problems() );
	} );
}

finish();
