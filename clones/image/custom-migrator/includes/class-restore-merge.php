<?php
/**
 * Puts into a restore's new tables what a target keeps of its own.
 *
 * @package Custom_Migrator
 */

/** Works on the new tables, with the site's own next to them. */
final class Custom_Migrator_Restore_Merge {
	/** Numbers in one statement. */
	const IDS = 500;

	/** Columns of WordPress' table of users that every version has. */
	const USER = 'ID, user_login, user_pass, user_nicename, user_email, user_url, user_registered, user_activation_key, user_status, display_name';

	/**
	 * The database.
	 *
	 * @var Custom_Migrator_Database
	 */
	private $database;

	/**
	 * Of the site's tables.
	 *
	 * @var string
	 */
	private $prefix;

	/**
	 * Does nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where the site is.
	 * @param string                   $prefix   Of its tables.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix ) {
		$this->database = $database;
		$this->prefix   = $prefix;
	}

	/**
	 * Options: all that don't come are the target's, or missing as there.
	 *
	 * @param string   $table  Whole name of the new table.
	 * @param string[] $scopes Of the restore.
	 */
	public function options( $table, array $scopes ) {
		$live    = new Custom_Migrator_Option_Table( $this->database, $this->prefix . 'options' );
		$new     = new Custom_Migrator_Option_Table( $this->database, $table );
		$plugins = $this->plugins( (string) $new->get( 'active_plugins' ), (string) $live->get( 'active_plugins' ) );
		$stays   = static function ( $name ) use ( $scopes ) {
			return ! Custom_Migrator_Target_Options::comes( $name, $scopes );
		};
		$new->remove( array_filter( $new->names(), $stays ) );
		$kept = array_filter( $live->names(), $stays );
		$new->take(
			$this->prefix . 'options',
			array_filter(
				$kept,
				static function ( $name ) {
					return 1 !== preg_match( '~^(?:_transient_|_site_transient_|rewrite_rules$)|\.lock$~', $name );
				}
			)
		);
		if ( in_array( 'plugins', $scopes, true ) ) {
			$new->set( 'active_plugins', $plugins );
		}
	}

	/**
	 * Users: the clone's administrator goes; everybody else on the target keeps password, address and logins, and those who
	 * came after the clone was made stay.
	 *
	 * @param string $users Whole name of the new table of users.
	 * @param string $meta  Whole name of the new table of their meta.
	 */
	public function users( $users, $meta ) {
		$users     = Custom_Migrator_Site_Tables::quoted( $users );
		$meta      = Custom_Migrator_Site_Tables::quoted( $meta );
		$live      = Custom_Migrator_Site_Tables::quoted( $this->prefix . 'users' );
		$live_meta = Custom_Migrator_Site_Tables::quoted( $this->prefix . 'usermeta' );
		$mark      = $this->database->quote( Custom_Migrator_Clone_Setup::MARK );
		foreach ( $this->ids( "SELECT user_id FROM $meta WHERE meta_key = $mark" ) as $ids ) {
			$this->database->run( "DELETE FROM $users WHERE ID IN ($ids)" );
			$this->database->run( "DELETE FROM $meta WHERE user_id IN ($ids)" );
		}
		foreach ( array( 'user_pass', 'user_email', 'user_activation_key' ) as $column ) {
			$this->database->run( "UPDATE $users SET $column = (SELECT l.$column FROM $live l WHERE l.user_login = $users.user_login) WHERE user_login IN (SELECT user_login FROM $live)" );
		}
		$logins = "meta_key IN ('session_tokens', '_application_passwords') AND user_id IN (SELECT l.ID FROM $live l JOIN $users n ON n.ID = l.ID AND n.user_login = l.user_login)";
		$this->database->run( "INSERT INTO $meta (user_id, meta_key, meta_value) SELECT user_id, meta_key, meta_value FROM $live_meta WHERE $logins" );
		foreach ( $this->ids( "SELECT ID FROM $live WHERE ID NOT IN (SELECT ID FROM $users) AND user_login NOT IN (SELECT user_login FROM $users)" ) as $ids ) {
			$this->database->run( "INSERT INTO $users (" . self::USER . ') SELECT ' . self::USER . " FROM $live WHERE ID IN ($ids)" );
			$this->database->run( "INSERT INTO $meta (user_id, meta_key, meta_value) SELECT user_id, meta_key, meta_value FROM $live_meta WHERE user_id IN ($ids)" );
		}
	}

	/**
	 * Content whose author exists on the clone only gets an administrator of the target's.
	 *
	 * @param string $posts Whole name of the new table of posts.
	 */
	public function authors( $posts ) {
		$posts = Custom_Migrator_Site_Tables::quoted( $posts );
		$live  = Custom_Migrator_Site_Tables::quoted( $this->prefix . 'users' );
		$meta  = Custom_Migrator_Site_Tables::quoted( $this->prefix . 'usermeta' );
		$admin = $this->database->rows( "SELECT MIN(user_id) FROM $meta WHERE meta_key = " . $this->database->quote( $this->prefix . 'capabilities' ) . " AND meta_value LIKE '%\"administrator\"%'" );
		if ( null !== $admin[0][0] ) {
			$this->database->run( "UPDATE $posts SET post_author = " . (int) $admin[0][0] . " WHERE post_author <> 0 AND post_author NOT IN (SELECT ID FROM $live)" );
		}
	}

	/**
	 * What readers of feeds know the target's posts by, which must never change: a site that has moved to https has names that
	 * begin with http still.
	 *
	 * @param string $posts Whole name of the new table of posts.
	 */
	public function guids( $posts ) {
		$posts = Custom_Migrator_Site_Tables::quoted( $posts );
		$live  = Custom_Migrator_Site_Tables::quoted( $this->prefix . 'posts' );
		$this->database->run( "UPDATE $posts SET guid = (SELECT l.guid FROM $live l WHERE l.ID = $posts.ID) WHERE ID IN (SELECT ID FROM $live)" );
	}

	/**
	 * Active plugins: the clone's, but whatever a clone switches off by itself is as it was on the target.
	 *
	 * @param string $ours  Of the clone, serialized.
	 * @param string $their Of the target, serialized.
	 * @return string Serialized.
	 */
	private function plugins( $ours, $their ) {
		$new  = Custom_Migrator_Serialized_List::read( $ours );
		$live = Custom_Migrator_Serialized_List::read( $their );
		if ( null === $new ) {
			return $their;
		}
		$off  = static function ( $plugin ) {
			return ! Custom_Migrator_Clone_Setup::stays_active( $plugin );
		};
		$list = array_unique( array_merge( array_filter( $new, array( 'Custom_Migrator_Clone_Setup', 'stays_active' ) ), array_filter( null === $live ? array() : $live, $off ) ) );
		sort( $list, SORT_STRING );
		return Custom_Migrator_Serialized_List::write( $list );
	}

	/**
	 * Numbers that a query answers, as lists for IN().
	 *
	 * @param string $sql Of one column of numbers.
	 * @return string[]
	 */
	private function ids( $sql ) {
		$ids = array_map( 'intval', array_column( $this->database->rows( $sql ), 0 ) );
		return array_map(
			static function ( $some ) {
				return implode( ',', $some );
			},
			array_chunk( $ids, self::IDS )
		);
	}
}
