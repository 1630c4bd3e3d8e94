<?php
/**
 * What of a site is asked for, and which tables and folders that means.
 *
 * @package Custom_Migrator
 */

/** Scopes without any state. */
final class Custom_Migrator_Scopes {
	/** All of them: what a clone has. */
	const ALL = array( 'content', 'uploads', 'plugins', 'themes', 'options', 'users' );

	/** Folders below wp-content by scope; translations go with what they translate. */
	const FOLDERS = array(
		'uploads' => array( 'uploads' ),
		'plugins' => array( 'plugins', 'languages' ),
		'themes'  => array( 'themes', 'languages' ),
	);

	/** Folder of ours at the top of any other: never copied, never replaced. */
	const OWN = 'custom-migrator';

	/**
	 * Scopes as somebody gave them.
	 *
	 * @param mixed $given Anything.
	 * @return string[] In one order, each once.
	 * @throws Custom_Migrator_Error `MIGRATOR_SCOPES`.
	 */
	public static function checked( $given ) {
		if ( ! is_array( $given ) || ! $given || count( array_filter( $given, 'is_string' ) ) !== count( $given ) || array_diff( $given, self::ALL ) ) {
			throw new Custom_Migrator_Error( 'MIGRATOR_SCOPES', 'scopes: are none, or unknown ones. Give some of ' . implode( ', ', self::ALL ) . '.' );
		}
		return array_values( array_intersect( self::ALL, $given ) );
	}

	/**
	 * Folders that scopes mean, as bytes sort: the order in which an archive has them.
	 *
	 * @param string[] $scopes Checked.
	 * @return string[]
	 */
	public static function folders( array $scopes ) {
		$folders = array();
		foreach ( array_intersect_key( self::FOLDERS, array_flip( $scopes ) ) as $of_scope ) {
			$folders = array_merge( $folders, $of_scope );
		}
		$folders = array_values( array_unique( $folders ) );
		sort( $folders, SORT_STRING );
		return $folders;
	}

	/**
	 * Whether scopes ask for a table.
	 *
	 * @param string   $table  Without prefix.
	 * @param string[] $scopes Checked.
	 * @return bool
	 */
	public static function has_table( $table, array $scopes ) {
		$table = strtolower( $table );
		if ( 0 === strpos( $table, 'cm_' ) ) {
			return false;
		}
		if ( in_array( $table, array( 'users', 'usermeta' ), true ) ) {
			return in_array( 'users', $scopes, true );
		}
		return array() !== array_intersect( 'options' === $table ? array( 'options', 'plugins', 'themes' ) : array( 'content' ), $scopes );
	}

	/**
	 * Whether scopes ask for a file.
	 *
	 * @param string   $folder One of Custom_Migrator_Archive_Rules::SCOPES.
	 * @param string   $path   Below it.
	 * @param string[] $scopes Checked.
	 * @return bool
	 */
	public static function has_file( $folder, $path, array $scopes ) {
		$first = explode( '/', $path )[0];
		return in_array( $folder, self::folders( $scopes ), true ) && self::OWN !== strtolower( $first ) && ! Custom_Migrator_Left_Out::has( $folder, $first );
	}
}
