<?php
/**
 * Names in rows that begin with the prefix of the tables.
 *
 * @package Custom_Migrator
 */

/**
 * WordPress writes the prefix into one option and into meta of users. Only names that WordPress and well-known plugins write so
 * are mapped: a plugin's own `wp_mail_smtp_note` begins with `wp_` by chance, and must stay what it is.
 */
final class Custom_Migrator_Prefix_Map {
	/** Meta of users that belongs to one site: what update_user_option() writes. */
	const USERMETA = '~^(?:capabilities|user_level|user-settings|user-settings-time|dashboard_quick_press_last_post_id|autosave_draft_ids|media_library_mode|persisted_preferences|user_avatar|yoast_notifications|elementor_[a-z_]+|_stripe_[a-z_]+|wpseo[a-z_-]*|nav_menu_recently_edited|r_tru_u_x|googlesitekit[a-z_]*|(?:metaboxhidden|closedpostboxes|meta-box-order|screen_layout)_.+)$~';

	/** Options. */
	const OPTIONS = '~^user_roles$~';

	/**
	 * The source's.
	 *
	 * @var string
	 */
	private $from;

	/**
	 * Ours.
	 *
	 * @var string
	 */
	private $to;

	/**
	 * Makes a map.
	 *
	 * @param string $from The source's prefix.
	 * @param string $to   Ours.
	 */
	public function __construct( $from, $to ) {
		$this->from = $from;
		$this->to   = $to;
	}

	/**
	 * A row with our own names.
	 *
	 * @param string                     $table Without prefix.
	 * @param array<string, string|null> $row   Values by column.
	 * @return array<string, string|null>
	 */
	public function row( $table, array $row ) {
		$columns = array(
			'options'  => array( 'option_name', self::OPTIONS ),
			'usermeta' => array( 'meta_key', self::USERMETA ),
		);
		if ( isset( $columns[ $table ] ) ) {
			list( $column, $pattern ) = $columns[ $table ];
			$name                     = isset( $row[ $column ] ) ? $row[ $column ] : '';
			if ( 0 === strncmp( $name, $this->from, strlen( $this->from ) ) && preg_match( $pattern, (string) substr( $name, strlen( $this->from ) ) ) ) {
				$row[ $column ] = $this->to . substr( $name, strlen( $this->from ) );
			}
		}
		return $row;
	}
}
