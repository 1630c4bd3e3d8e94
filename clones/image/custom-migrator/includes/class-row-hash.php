<?php
/**
 * A row's name and what it says, so short that two sites can be compared by them.
 *
 * @package Custom_Migrator
 */

/** The same on all databases: numbers are written in one way, and volatile columns don't count. */
final class Custom_Migrator_Row_Hash {
	/** Types that databases write differently. */
	const FRACTIONS = array( 'decimal', 'float', 'double' );

	/** Longest name of a row, in bytes; a longer one is named by its hash. */
	const MAX_KEY = 120;

	/**
	 * Names of columns that name a row of a table.
	 *
	 * @param string                           $table   Without prefix.
	 * @param array<int, array<string, mixed>> $columns Neutral.
	 * @param array<int, array<string, mixed>> $keys    Neutral.
	 * @return string[] Empty if nothing names a row but all of it.
	 */
	public static function key_columns( $table, array $columns, array $keys ) {
		if ( 'options' === $table && in_array( 'option_name', array_column( $columns, 'name' ), true ) ) {
			return array( 'option_name' );
		}
		foreach ( array( 'primary', 'unique' ) as $kind ) {
			foreach ( $keys as $key ) {
				if ( $kind === $key['kind'] ) {
					return array_column( $key['columns'], 'name' );
				}
			}
		}
		return array();
	}

	/**
	 * What a row is called, the same on both sites.
	 *
	 * @param array<string, string|null> $row    Values by column.
	 * @param string[]                   $key    Of key_columns().
	 * @param string                     $prefix Of this site's tables: names that begin with it are written without.
	 * @param string                     $hash   Of the row, in hex, for tables without a key.
	 * @return string Printable.
	 */
	public static function name( array $row, array $key, $prefix, $hash ) {
		if ( ! $key ) {
			return "#$hash";
		}
		$parts = array();
		foreach ( $key as $column ) {
			$value = isset( $row[ $column ] ) ? $row[ $column ] : '';
			if ( 'option_name' === $column && $prefix . 'user_roles' === $value ) {
				$value = '{prefix}user_roles';
			}
			$parts[] = str_replace( array( '%', ',' ), array( '%25', '%2C' ), $value );
		}
		$name = implode( ',', $parts );
		return strlen( $name ) > self::MAX_KEY || preg_match( '~[^\x20-\x7E]~', $name ) ? '#' . md5( $name ) : $name;
	}

	/**
	 * What a row says.
	 *
	 * @param string                     $table Without prefix.
	 * @param array<string, string>      $types Neutral types by column.
	 * @param array<string, string|null> $row   Values by column.
	 * @return string 32 hex digits.
	 */
	public static function of( $table, array $types, array $row ) {
		$hash = hash_init( 'sha256' );
		$out  = Custom_Migrator_Row_Rules::volatile_columns( $table );
		ksort( $row, SORT_STRING );
		foreach ( $row as $name => $value ) {
			if ( in_array( (string) $name, $out, true ) ) {
				continue;
			}
			if ( null !== $value && in_array( $types[ $name ], self::FRACTIONS, true ) ) {
				$value = sprintf( '%.12G', (float) $value );
			}
			hash_update( $hash, strlen( $name ) . ':' . $name . ( null === $value ? '-' : '+' . strlen( $value ) . ':' . $value ) );
		}
		return substr( hash_final( $hash ), 0, 32 );
	}
}
