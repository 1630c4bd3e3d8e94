<?php
/**
 * Runs inside a real WordPress: what the plugin's database half does there over WordPress' own object. Answers what it saw;
 * wpdb-database.process.test.ts says what that should be. `$input['includes']` is the plugin's folder.
 */

foreach ( array( 'migrator-error', 'archive-rules', 'table-export', 'table-sql', 'site-tables', 'import-store', 'long-values', 'table-writer', 'row-rules', 'prefix-map', 'url-rewriter', 'serialized-walker', 'row-urls', 'anonymizer', 'row-hash', 'row-intake', 'clone-base', 'serialized-list', 'option-table', 'target-options', 'clone-setup', 'restore-merge', 'import-steps', 'table-swap', 'staging-plan', 'staged-tables', 'fingerprint', 'sqlite-statements', 'wpdb-database' ) as $class ) {
	if ( 'import-store' === $class ) {
		require_once $input['includes'] . '/interface-database.php';
	}
	require_once $input['includes'] . "/class-$class.php";
}

return ( static function ( $to ) {
	global $wpdb;
	$seen    = array();
	$session = static function () use ( $wpdb ) {
		return $wpdb->is_mysql ? $wpdb->get_row( 'SELECT @@SESSION.sql_mode, @@SESSION.time_zone, @@SESSION.foreign_key_checks, @@character_set_connection', ARRAY_N ) : array();
	};
	$home    = static function () {
		wp_cache_flush();
		return array( get_option( 'home' ), get_post( 1 )->post_title, (bool) wp_authenticate( 'boss', 'the clone\'s' )->ID );
	};
	$before  = $session();
	wp_update_post( array( 'ID' => 1, 'post_title' => "Caf\u{E9} \u{1F44B} back\\\\slash", 'post_content' => home_url( '/x' ) ) );
	update_option( 'an_object', (object) array( 'url' => home_url( '/y' ) ) );

	$database     = new Custom_Migrator_Wpdb_Database( $wpdb );
	$seen['kind'] = $database->kind();
	$site         = new Custom_Migrator_Site_Tables( $database, $wpdb->prefix );
	$names        = $site->names( array( 'content', 'users', 'options' ) );
	$seen['names'] = $names;
	$seen['texts'] = $database->rows( 'SELECT ' . $database->quote( "it's \\ \u{1F44B} \u{0}zero" ) . ', NULL, 1, 1.5' )[0];

	try {
		$database->run( "INSERT INTO no_such_table VALUES ('secret content')" );
	} catch ( Custom_Migrator_Error $error ) {
		$seen['refusal'] = $error->getMessage();
	}
	try {
		$database->schema( "SHOW COLUMNS FROM no_such_table_with_secret_content" );
	} catch ( Custom_Migrator_Error $error ) {
		$seen['schema_refusal'] = $error->getMessage();
	}
	try {
		$database->transaction( static function () use ( $database, $wpdb ) {
			$database->run( "UPDATE {$wpdb->options} SET option_value = 'torn' WHERE option_name = 'blogname'" );
			throw new Custom_Migrator_Error( 'STOP', 'here.' );
		} );
	} catch ( Custom_Migrator_Error $error ) {
		$seen['name'] = $database->rows( "SELECT option_value FROM {$wpdb->options} WHERE option_name = 'blogname'" )[0][0];
	}

	$form = static function () use ( $site, $names ) {
		$all = array();
		foreach ( $names as $name ) {
			$form = $site->describe( $name );
			usort( $form['keys'], static function ( $one, $other ) {
				return strcmp( $one['name'], $other['name'] );
			} );
			$all[ $name ] = $form;
		}
		return $all;
	};
	$was    = $form();
	$job    = array( 'job' => 'job1', 'mode' => 'clone', 'scopes' => array( 'content', 'users', 'options' ), 'url' => $to, 'admin' => Custom_Migrator_Clone_Setup::sealed( array( 'username' => 'boss', 'password' => 'the clone\'s', 'email' => 'b@c.test' ) ), 'site' => array( 'home' => home_url(), 'prefix' => $wpdb->prefix ), 'db_version' => (string) get_option( 'db_version' ) );
	$staged = new Custom_Migrator_Staged_Tables( $database, $wpdb->prefix, $job );
	foreach ( $names as $name ) {
		$staged->create( array( 'table' => $name ) + $site->describe( $name ) );
		$cursor = null;
		do {
			$batch = $site->export( $name )->batch( $cursor );
			$staged->insert( $name, $batch['rows'] );
			$cursor = $batch['cursor'];
		} while ( null !== $cursor );
	}
	$staged->prepare();
	$seen['problems'] = $staged->problems();
	$staged->swap();
	$seen['clone']      = $home();
	$seen['object']     = get_option( 'an_object' )->url;
	$seen['content']    = get_post( 1 )->post_content;
	$seen['same_forms'] = $form() === $was;
	$seen['insert']     = array( wp_insert_post( array( 'post_title' => 'new', 'post_status' => 'publish' ) ) > 0, $wpdb->last_error );
	$seen['tables']     = $site->own();
	$staged->unswap();
	$seen['back']       = array_slice( $home(), 0, 2 );
	$seen['same_again'] = $form() === $was;
	$staged->discard();
	// What an upgrade of WordPress does to each table.
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	$seen['delta'] = dbDelta( 'all', false );
	// The same site as WordPress 6.4 had it: an index less, and the version of its tables.
	$own    = (string) get_option( 'db_version' );
	$staged = new Custom_Migrator_Staged_Tables( $database, $wpdb->prefix, array( 'job' => 'job2' ) + $job );
	foreach ( $names as $name ) {
		$old         = $site->describe( $name );
		$old['keys'] = array_values(
			array_filter(
				$old['keys'],
				static function ( $key ) {
					return 'type_status_author' !== $key['name'];
				}
			)
		);
		$rows        = $site->export( $name )->batch()['rows'];
		foreach ( $rows as &$row ) {
			if ( 'options' === $name && 'db_version' === $row[1] ) {
				$row[2] = '56657';
			}
		}
		unset( $row );
		$staged->create( array( 'table' => $name ) + $old );
		$staged->insert( $name, $rows );
	}
	$staged->prepare();
	$staged->swap();
	$seen['needs_upgrade'] = $staged->needs_upgrade();
	$seen['old_forms']     = $form() === $was;
	wp_upgrade();
	$seen['upgraded'] = array( get_option( 'db_version' ) === $own, $form() === $was, $home()[2] );
	$staged->drop_saved();
	Custom_Migrator_Staged_Tables::remove_all( $database, $wpdb->prefix );
	$seen['left'] = $site->own();
	$database->close();
	$seen['session'] = $session() === $before;
	return $seen;
} )( $input['to'] );
