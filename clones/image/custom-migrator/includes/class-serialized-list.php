<?php
/**
 * A list of texts as serialize() writes it, such as `active_plugins`, without unserialize().
 *
 * @package Custom_Migrator
 */

/** Reads and writes plain lists; anything else in it is nothing. */
final class Custom_Migrator_Serialized_List {
	/**
	 * The texts of a list.
	 *
	 * @param string $data As WordPress keeps it.
	 * @return string[]|null Null for what is no list of texts.
	 */
	public static function read( $data ) {
		if ( ! preg_match( '~^a:([0-9]{1,6}):\{~', $data, $head ) ) {
			return null;
		}
		$list = array();
		$at   = strlen( $head[0] );
		for ( $left = (int) $head[1]; $left > 0; --$left ) {
			if ( ! preg_match( '~i:[0-9]{1,10};s:([0-9]{1,6}):"~A', $data, $token, 0, $at ) ) {
				return null;
			}
			$at    += strlen( $token[0] );
			$list[] = (string) substr( $data, $at, (int) $token[1] );
			$at    += (int) $token[1];
			if ( '";' !== substr( $data, $at, 2 ) ) {
				return null;
			}
			$at += 2;
		}
		return '}' === substr( $data, $at ) ? $list : null;
	}

	/**
	 * A list as WordPress keeps it.
	 *
	 * @param string[] $texts Any.
	 * @return string
	 */
	public static function write( array $texts ) {
		return serialize( array_values( $texts ) ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- WordPress' own form of the option.
	}
}
