<?php
/**
 * Removes what the plugin keeps in options and tables besides imports.
 *
 * @package Custom_Migrator
 */

/** For reset and for uninstalling: afterwards the plugin was never here. */
final class Custom_Migrator_Leftovers {
	/** Forgets keys, kept mails and links for logging in. What a clone is, it stays. */
	public static function forget_options() {
		delete_option( Custom_Migrator_Keys::OPTION );
		Custom_Migrator_Kept_Mail::clear();
		Custom_Migrator_Login_Link::clear();
		delete_option( Custom_Migrator_Clone::BY_HAND );
	}
}
