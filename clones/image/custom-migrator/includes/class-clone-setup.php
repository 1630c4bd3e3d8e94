<?php
/**
 * Makes a site of its own of a copy, before anybody can visit it.
 *
 * @package Custom_Migrator
 */

/** Works on the new tables: options with the clone's own place, and an administrator who isn't one of the source's. */
final class Custom_Migrator_Clone_Setup {
	/** Meta that marks the clone's own administrator: such a user never goes back to the source. */
	const MARK = 'custom_migrator_clone_admin';

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
	 * The import: `job`, `url`, `anonymize`, `admin`, `own`.
	 *
	 * @var array<string, mixed>
	 */
	private $job;

	/**
	 * Does nothing yet.
	 *
	 * @param Custom_Migrator_Database $database Where the clone is.
	 * @param string                   $prefix   Of its tables.
	 * @param array<string, mixed>     $job      The import.
	 */
	public function __construct( Custom_Migrator_Database $database, $prefix, array $job ) {
		$this->database = $database;
		$this->prefix   = $prefix;
		$this->job      = $job;
	}

	/**
	 * What the database may keep of an administrator: never the password, only its hash.
	 *
	 * @param array<string, mixed>|null $admin `username`, `email`, and `password` or `password_hash`.
	 * @return array<string, string>|null
	 */
	public static function sealed( $admin ) {
		if ( null === $admin ) {
			return null;
		}
		$sealed = array(
			'username' => (string) $admin['username'],
			'email'    => isset( $admin['email'] ) ? (string) $admin['email'] : '',
		);
		if ( isset( $admin['password_hash'] ) ) {
			$sealed['password_hash'] = (string) $admin['password_hash'];
		} else {
			$sealed['password_hash'] = function_exists( 'wp_hash_password' ) ? wp_hash_password( (string) $admin['password'] ) : password_hash( (string) $admin['password'], PASSWORD_BCRYPT );
		}
		return $sealed;
	}

	/**
	 * Sets the options.
	 *
	 * @param string $table Whole name of the new table.
	 */
	public function options( $table ) {
		$options = new Custom_Migrator_Option_Table( $this->database, $table );
		$options->remove( array( 'upload_path', 'upload_url_path', 'new_admin_email', 'adminhash' ) );
		$options->set( 'home', $this->job['own']['home'] );
		$options->set( 'siteurl', $this->job['own']['siteurl'] );
		$options->set( 'blog_public', '0' );
		if ( ! empty( $this->job['admin']['email'] ) ) {
			$options->set( 'admin_email', $this->job['admin']['email'] );
		}
		$plugins = Custom_Migrator_Serialized_List::read( (string) $options->get( 'active_plugins' ) );
		$options->set( 'active_plugins', Custom_Migrator_Serialized_List::write( array_filter( null === $plugins ? array() : $plugins, array( __CLASS__, 'stays_active' ) ) ) );
		$options->set(
			'custom_migrator_clone',
			(string) json_encode( // phpcs:ignore WordPress.WP.AlternativeFunctions -- plain PHP in tests.
				array(
					'job'        => $this->job['job'],
					'anonymized' => ! empty( $this->job['anonymize'] ),
					// Whom a login link lets in: nobody of the source's.
					'admin'      => isset( $this->job['admin']['username'] ) ? (string) $this->job['admin']['username'] : null,
				)
			)
		);
	}

	/**
	 * Makes the administrator; one of the same name becomes it.
	 *
	 * @param string $users Whole name of the new table of users.
	 * @param string $meta  Whole name of the new table of their meta.
	 */
	public function admin( $users, $meta ) {
		$admin = self::sealed( isset( $this->job['admin'] ) ? $this->job['admin'] : null );
		if ( null === $admin ) {
			return;
		}
		$users = Custom_Migrator_Site_Tables::quoted( $users );
		$meta  = Custom_Migrator_Site_Tables::quoted( $meta );
		$login = $this->database->quote( $admin['username'] );
		$hash  = $this->database->quote( $admin['password_hash'] );
		$email = $this->database->quote( $admin['email'] );
		$found = $this->database->rows( "SELECT ID FROM $users WHERE user_login = $login" );
		if ( $found ) {
			$id = (int) $found[0][0];
			$this->database->run( "UPDATE $users SET user_pass = $hash, user_activation_key = '' WHERE ID = $id" );
		} else {
			$id    = 1 + (int) $this->database->rows( "SELECT MAX(ID) FROM $users" )[0][0];
			$nice  = $this->database->quote( substr( (string) preg_replace( '~[^a-z0-9_-]+~', '-', strtolower( $admin['username'] ) ), 0, 50 ) );
			$since = $this->database->quote( gmdate( 'Y-m-d H:i:s' ) );
			$this->database->run( "INSERT INTO $users (ID, user_login, user_pass, user_nicename, user_email, user_url, user_registered, user_activation_key, user_status, display_name) VALUES ($id, $login, $hash, $nice, $email, '', $since, '', 0, $login)" );
			$this->meta( $meta, $id, self::MARK, '1' );
		}
		$this->meta( $meta, $id, $this->prefix . 'capabilities', 'a:1:{s:13:"administrator";b:1;}' );
		$this->meta( $meta, $id, $this->prefix . 'user_level', '10' );
	}

	/**
	 * Whether a plugin stays active in a clone.
	 *
	 * @param string $plugin Folder and file.
	 * @return bool
	 */
	public static function stays_active( $plugin ) {
		if ( 0 === strpos( $plugin, 'custom-migrator/' ) ) {
			return false;
		}
		return ! class_exists( 'Custom_Migrator_Clone_Rules' ) || ! Custom_Migrator_Clone_Rules::switched_off( $plugin );
	}

	/**
	 * Sets meta of a user.
	 *
	 * @param string $table Quoted name.
	 * @param int    $id    Of the user.
	 * @param string $key   Of the meta.
	 * @param string $value As it is kept.
	 */
	private function meta( $table, $id, $key, $value ) {
		$key = $this->database->quote( $key );
		$this->database->run( "DELETE FROM $table WHERE user_id = $id AND meta_key = $key" );
		$this->database->run( "INSERT INTO $table (user_id, meta_key, meta_value) VALUES ($id, $key, " . $this->database->quote( $value ) . ')' );
	}
}
