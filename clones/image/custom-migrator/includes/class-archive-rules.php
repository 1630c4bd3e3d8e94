<?php
/**
 * What may stand in an archive. The exporter asks as well: what these rules refuse it leaves out, and tells.
 *
 * @package Custom_Migrator
 */

/** Rules without any state: each answers with the code of the refusal, or an empty text. */
final class Custom_Migrator_Archive_Rules {
	/** Folders below wp-content that are copied. Not mu-plugins: there the clone's own rules live. */
	const SCOPES = array( 'uploads', 'themes', 'plugins', 'languages' );

	/** Longest path and longest name in it, in bytes: Linux has 4096 and 255; what stands before the path is unknown. */
	const MAX_PATH = 2048;
	const MAX_NAME = 255;

	/** Endings that some web server runs; anywhere in a name, for Apache's AddHandler looks at each (`a.php.jpg`). */
	const PROGRAMS = '~\.(?:php[0-9]*|phtml?|pht|phps|phar|shtml?|stm|cgi|fcgi|pl|py|rb|asp|aspx|ashx|asmx|cer|asa|jsp|jspx|cfm)(?=[. ]|$)~i';

	/** Names that tell a web server or PHP how to treat a folder. */
	const SETTINGS = '~^(?:\.ht[a-z]*|\.user\.ini|php\.ini|web\.config)[. ]*$~i';

	/** Types of columns that an archive knows, whatever the database calls them. */
	const TYPES = array( 'tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double', 'bit', 'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'date', 'datetime', 'timestamp', 'time', 'year', 'enum', 'set', 'json' );

	/** Kinds of keys. */
	const KEYS = array( 'primary', 'unique', 'index', 'fulltext', 'spatial' );

	/**
	 * Whether a file may be written below wp-content.
	 *
	 * @param mixed $scope First folder.
	 * @param mixed $path  Path below it, with slashes.
	 * @return string `ARCHIVE_SCOPE`, `ARCHIVE_PATH`, `ARCHIVE_FILE_TYPE` or empty.
	 */
	public static function file( $scope, $path ) {
		if ( ! in_array( $scope, self::SCOPES, true ) ) {
			return 'ARCHIVE_SCOPE';
		}
		if ( ! is_string( $path ) || '' === $path || strlen( $path ) > self::MAX_PATH || preg_match( '~[\x00-\x1F\x7F\\\\:]~', $path ) ) {
			return 'ARCHIVE_PATH';
		}
		foreach ( explode( '/', $path ) as $name ) {
			// An empty name is a slash at the beginning or the end, or two together.
			if ( '' === trim( $name, '. ' ) || strlen( $name ) > self::MAX_NAME ) {
				return 'ARCHIVE_PATH';
			}
			if ( 'uploads' === $scope && ( preg_match( self::PROGRAMS, $name ) || preg_match( self::SETTINGS, $name ) ) ) {
				return 'ARCHIVE_FILE_TYPE';
			}
		}
		return '';
	}

	/**
	 * Whether a table can be made from this: names that need no trust, and types that are known.
	 *
	 * @param array<string, mixed> $head `table` (without prefix), `columns` and `keys`.
	 * @return string `ARCHIVE_TABLE` or empty.
	 */
	public static function table( array $head ) {
		$names = array();
		if ( ! self::is_name( $head['table'] ) || ! is_array( $head['columns'] ) || ! $head['columns'] || count( $head['columns'] ) > 4096 || ! is_array( $head['keys'] ) ) {
			return 'ARCHIVE_TABLE';
		}
		foreach ( $head['columns'] as $column ) {
			if ( ! self::is_column( $column ) || isset( $names[ strtolower( $column['name'] ) ] ) ) {
				return 'ARCHIVE_TABLE';
			}
			$names[ strtolower( $column['name'] ) ] = true;
		}
		foreach ( $head['keys'] as $key ) {
			if ( ! is_array( $key ) || ! isset( $key['kind'], $key['name'], $key['columns'] ) || count( $key ) !== 3
				|| ! in_array( $key['kind'], self::KEYS, true ) || ! self::is_name( $key['name'] ) || ! is_array( $key['columns'] ) || ! $key['columns'] ) {
				return 'ARCHIVE_TABLE';
			}
			foreach ( $key['columns'] as $part ) {
				$length = is_array( $part ) && array_key_exists( 'length', $part ) ? $part['length'] : null;
				if ( ! is_array( $part ) || ! isset( $part['name'] ) || ! is_string( $part['name'] ) || ! isset( $names[ strtolower( $part['name'] ) ] )
					|| ( null !== $length && ! self::is_count( $length ) ) || array_diff( array_keys( $part ), array( 'name', 'length' ) ) ) {
					return 'ARCHIVE_TABLE';
				}
			}
		}
		return '';
	}

	/**
	 * Whether a value is a name of a table, column or key that needs no trust.
	 *
	 * @param mixed $name Anything.
	 * @return bool
	 */
	public static function is_name( $name ) {
		return is_string( $name ) && 1 === preg_match( '~^[A-Za-z0-9_$-][A-Za-z0-9_$ -]{0,63}$~D', $name ) && ' ' !== substr( $name, -1 );
	}

	/**
	 * Whether a value counts something.
	 *
	 * @param mixed $value Anything.
	 * @return bool
	 */
	public static function is_count( $value ) {
		return is_int( $value ) && $value >= 0;
	}

	/**
	 * Whether a column can be made from this.
	 *
	 * @param mixed $column `name`, `type`; where they matter `length`, `scale`, `unsigned`, `nullable`, `default`, `auto`, `values`, `binary`
	 *                      (a text that compares by bytes: `a` is not `A`).
	 * @return bool
	 */
	private static function is_column( $column ) {
		$known = array( 'name', 'type', 'length', 'scale', 'unsigned', 'nullable', 'default', 'auto', 'values', 'binary' );
		if ( ! is_array( $column ) || ! isset( $column['name'], $column['type'] ) || array_diff( array_keys( $column ), $known )
			|| ! self::is_name( $column['name'] ) || ! in_array( $column['type'], self::TYPES, true ) ) {
			return false;
		}
		foreach ( array( 'length', 'scale' ) as $number ) {
			if ( isset( $column[ $number ] ) && ! self::is_count( $column[ $number ] ) ) {
				return false;
			}
		}
		foreach ( array( 'unsigned', 'nullable', 'auto', 'binary' ) as $flag ) {
			if ( isset( $column[ $flag ] ) && ! is_bool( $column[ $flag ] ) ) {
				return false;
			}
		}
		$values = isset( $column['values'] ) ? $column['values'] : array();
		return ( ! isset( $column['default'] ) || is_string( $column['default'] ) )
			&& is_array( $values ) && count( array_filter( $values, 'is_string' ) ) === count( $values )
			&& in_array( $column['type'], array( 'enum', 'set' ), true ) === ( array() !== $values );
	}
}
