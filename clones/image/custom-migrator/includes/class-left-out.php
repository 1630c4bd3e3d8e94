<?php
/**
 * What a site has in its folders, and a copy doesn't need: caches, logs, and backups that other plugins made.
 *
 * @package Custom_Migrator
 */

/**
 * A list, and no guesses: a folder that isn't on it is copied. Folders of this list stay on the target of a restore as they
 * are. Documented in docs/migrator.md, whose list a test holds against this one.
 */
final class Custom_Migrator_Left_Out {
	/** Below uploads/: names of folders at its top; `*` ends a name that goes on. */
	const UPLOADS = array(
		'ai1wm-backups',
		'aiowps_backups',
		'backup-guard',
		'backupbuddy_backups',
		'backupbuddy_temp',
		'backwpup-*',
		'cache',
		'jetbackup',
		'pb_backupbuddy',
		'snapshots',
		'updraft',
		'wc-logs',
		'wp-clone',
		'wp-file-manager-pro',
		'wp-migrate-db',
		'wp-staging',
		'wpvividbackups',
		'xcloner',
	);

	/** Names anywhere: of version control, and what desktops leave behind. */
	const ANYWHERE = array( '.git', '.svn', '.hg', '.DS_Store', 'Thumbs.db', 'node_modules' );

	/**
	 * Whether a file or folder is left out.
	 *
	 * @param string $folder One of Custom_Migrator_Archive_Rules::SCOPES.
	 * @param string $path   Below it.
	 * @return bool
	 */
	public static function has( $folder, $path ) {
		$names = explode( '/', $path );
		if ( in_array( end( $names ), self::ANYWHERE, true ) ) {
			return true;
		}
		$name = strtolower( $names[0] );
		if ( 1 !== count( $names ) || 'uploads' !== $folder ) {
			return false;
		}
		foreach ( self::UPLOADS as $known ) {
			$start = rtrim( $known, '*' );
			if ( $name === $known || ( $start !== $known && 0 === strpos( $name, $start ) ) ) {
				return true;
			}
		}
		return false;
	}
}
