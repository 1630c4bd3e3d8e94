<?php
/**
 * A table's form in MySQL's words, and back.
 *
 * @package Custom_Migrator
 */

/**
 * The statements are MySQL's; MariaDB takes them as they are, and WordPress' drop-in translates them for SQLite (an enum and a
 * set become texts there, a FULLTEXT index an ordinary one; its books keep what they were).
 *
 * New tables are InnoDB and DYNAMIC, whatever they were: 3,072 bytes of an index, and transactions. In utf8mb4 a character
 * takes four bytes, so that what was longer in another character set is made to fit: an index by shorter parts, which makes a
 * unique one an ordinary one; a row by texts instead of its longest varchars.
 */
final class Custom_Migrator_Table_Sql {
	/** Most bytes of an index of InnoDB's, and of the columns of a row that don't live elsewhere; less what a row needs itself. */
	const MAX_INDEX = 3072;
	const MAX_ROW   = 60000;

	/** Part of a text that is indexed where nothing tells: WordPress' own choice. */
	const GOOD_PART = 191;

	/** Types by how they are written down. */
	const WITH_LENGTH  = array( 'tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'bit', 'char', 'varchar', 'binary', 'varbinary', 'date', 'datetime', 'timestamp', 'time' );
	const WITH_SCALE   = array( 'decimal', 'float', 'double' );
	const WITH_CHARSET = array( 'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set' );
	const ENDLESS      = array( 'tinytext', 'text', 'mediumtext', 'longtext', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'json' );

	/**
	 * A column of the neutral form.
	 *
	 * @param array<int, string|null> $row Of SHOW FULL COLUMNS: name, type, collation, null, key, default, extra.
	 * @return array<string, mixed>
	 */
	public static function column_of( array $row ) {
		list( $name, $type, $collation, $null, , $default, $extra ) = $row;
		preg_match( '~^([a-z0-9_]+)(?:\((.*)\))?(.*)$~is', (string) $type, $found );
		$column = array(
			'name' => (string) $name,
			'type' => isset( $found[1] ) ? strtolower( $found[1] ) : '',
		);
		$inside = isset( $found[2] ) ? $found[2] : '';
		if ( in_array( $column['type'], array( 'enum', 'set' ), true ) ) {
			preg_match_all( "~'((?:[^']|'')*)'~", $inside, $values );
			$column['values'] = str_replace( "''", "'", $values[1] );
		} elseif ( preg_match( '~^([0-9]+)(?:,([0-9]+))?$~', $inside, $numbers ) ) {
			$column['length'] = (int) $numbers[1];
			if ( isset( $numbers[2] ) ) {
				$column['scale'] = (int) $numbers[2];
			}
		}
		$flags   = array(
			'unsigned' => isset( $found[3] ) && false !== stripos( $found[3], 'unsigned' ),
			'nullable' => 'YES' === strtoupper( (string) $null ),
			'auto'     => false !== stripos( (string) $extra, 'auto_increment' ),
			'binary'   => '_bin' === substr( (string) $collation, -4 ),
		);
		$column += array_filter( $flags );
		$default = self::default_of( $column['type'], $default, (string) $extra );
		if ( null !== $default ) {
			$column['default'] = $default;
		}
		return $column;
	}

	/**
	 * Keys of the neutral form. One that sorts by an expression is left out: it only makes faster.
	 *
	 * @param array<int, array<int, string|null>> $rows Of SHOW INDEX.
	 * @return array<int, array<string, mixed>>
	 */
	public static function keys_of( array $rows ) {
		$keys = array();
		$odd  = array();
		foreach ( $rows as $row ) {
			$name = (string) $row[2];
			if ( null === $row[4] ) {
				$odd[ $name ] = true;
				continue;
			}
			if ( ! isset( $keys[ $name ] ) ) {
				$keys[ $name ] = array(
					'kind'    => self::kind_of( $name, '1' === (string) $row[1], strtoupper( (string) $row[10] ) ),
					'name'    => Custom_Migrator_Archive_Rules::is_name( $name ) ? $name : 'k' . substr( md5( $name ), 0, 12 ),
					'columns' => array(),
				);
			}
			$part = array( 'name' => (string) $row[4] );
			if ( null !== $row[7] && (int) $row[7] > 0 && ! in_array( $keys[ $name ]['kind'], array( 'fulltext', 'spatial' ), true ) ) {
				$part['length'] = (int) $row[7];
			}
			$keys[ $name ]['columns'][] = $part;
		}
		return array_values( array_diff_key( $keys, $odd ) );
	}

	/**
	 * The statement that makes a table.
	 *
	 * @param string                           $name    Whole, with its prefix.
	 * @param array<int, array<string, mixed>> $columns Neutral, as Custom_Migrator_Archive_Rules::table() allows them.
	 * @param array<int, array<string, mixed>> $keys    The same.
	 * @param string                           $collate Collation of utf8mb4 for its texts, or empty for the server's own.
	 * @return string
	 */
	public static function create( $name, array $columns, array $keys, $collate = '' ) {
		$columns = self::within_row( $columns );
		$by_name = array();
		$lines   = array();
		foreach ( $columns as $column ) {
			$by_name[ strtolower( $column['name'] ) ] = $column;
			$lines[]                                  = self::column( $column );
		}
		foreach ( $keys as $key ) {
			$line = self::key( $key, $by_name );
			if ( '' !== $line ) {
				$lines[] = $line;
			}
		}
		return 'CREATE TABLE ' . Custom_Migrator_Site_Tables::quoted( $name ) . " (\n" . implode( ",\n", $lines ) . "\n) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4"
			. ( '' === $collate ? '' : ' COLLATE ' . preg_replace( '~[^a-z0-9_]~i', '', $collate ) );
	}

	/**
	 * A text as a literal of MySQL's, for Custom_Migrator_Database::schema().
	 *
	 * @param string $text Short, of UTF-8.
	 * @return string
	 */
	public static function literal( $text ) {
		return "'" . strtr(
			$text,
			array(
				'\\' => '\\\\',
				"'"  => "''",
			)
		) . "'";
	}

	/**
	 * One column.
	 *
	 * @param array<string, mixed> $column Neutral.
	 * @return string
	 */
	private static function column( array $column ) {
		$type    = $column['type'];
		$default = isset( $column['default'] ) ? $column['default'] : null;
		$is_null = ! empty( $column['nullable'] );
		$sql     = Custom_Migrator_Site_Tables::quoted( $column['name'] ) . ' ' . $type;
		if ( isset( $column['values'] ) ) {
			$sql .= '(' . implode( ',', array_map( array( __CLASS__, 'literal' ), $column['values'] ) ) . ')';
		} elseif ( isset( $column['length'] ) && in_array( $type, array_merge( self::WITH_LENGTH, self::WITH_SCALE ), true ) ) {
			$sql .= '(' . $column['length'] . ( isset( $column['scale'] ) && in_array( $type, self::WITH_SCALE, true ) ? ',' . $column['scale'] : '' ) . ')';
		}
		$sql .= ! empty( $column['unsigned'] ) ? ' unsigned' : '';
		$sql .= ! empty( $column['binary'] ) && in_array( $type, self::WITH_CHARSET, true ) ? ' COLLATE utf8mb4_bin' : '';
		$sql .= $is_null ? ' NULL' : ' NOT NULL';
		if ( ! empty( $column['auto'] ) ) {
			return $sql . ' AUTO_INCREMENT';
		}
		if ( null === $default && 'timestamp' === $type && ! $is_null ) {
			// Without one, MySQL 5.7 and MariaDB make it the time of the last change.
			$default = '0000-00-00 00:00:00';
		}
		if ( null === $default || in_array( $type, self::ENDLESS, true ) ) {
			return $sql;
		}
		if ( 'CURRENT_TIMESTAMP' === $default && in_array( $type, array( 'datetime', 'timestamp' ), true ) ) {
			return $sql . ' DEFAULT CURRENT_TIMESTAMP' . ( ! empty( $column['length'] ) ? '(' . $column['length'] . ')' : '' );
		}
		return $sql . ' DEFAULT ' . ( 'bit' === $type ? "b'" . decbin( (int) $default ) . "'" : self::literal( $default ) );
	}

	/**
	 * One key; empty for one of a kind that nothing in an archive has.
	 *
	 * @param array<string, mixed>                $key     Neutral.
	 * @param array<string, array<string, mixed>> $columns By name in lower case.
	 * @return string
	 */
	private static function key( array $key, array $columns ) {
		$kind  = $key['kind'];
		$left  = self::MAX_INDEX;
		$parts = array();
		if ( 'spatial' === $kind ) {
			return '';
		}
		foreach ( $key['columns'] as $index => $part ) {
			$column = $columns[ strtolower( $part['name'] ) ];
			$quoted = Custom_Migrator_Site_Tables::quoted( $part['name'] );
			if ( 'fulltext' === $kind ) {
				$parts[] = $quoted;
				continue;
			}
			$width  = self::width( $column );
			$whole  = self::characters( $column );
			$length = isset( $part['length'] ) ? $part['length'] : ( in_array( $column['type'], self::ENDLESS, true ) ? self::GOOD_PART : 0 );
			// What the rest of the key needs at least: a character, or a number.
			$most = (int) max( 1, ( $left - 8 * ( count( $key['columns'] ) - $index - 1 ) ) / $width );
			if ( $whole > 0 && ( 0 === $length ? $whole : $length ) > $most ) {
				$length = $most;
				$kind   = 'unique' === $kind ? 'index' : $kind;
			}
			$is_part = $length > 0 && $whole > 0 && $length < $whole;
			$left   -= $whole > 0 ? $width * ( $is_part ? $length : $whole ) : 8;
			$parts[] = $quoted . ( $is_part ? "($length)" : '' );
		}
		$words = array(
			'primary'  => 'PRIMARY KEY',
			'unique'   => 'UNIQUE KEY ' . Custom_Migrator_Site_Tables::quoted( $key['name'] ),
			'index'    => 'KEY ' . Custom_Migrator_Site_Tables::quoted( $key['name'] ),
			'fulltext' => 'FULLTEXT KEY ' . Custom_Migrator_Site_Tables::quoted( $key['name'] ),
		);
		return $words[ $kind ] . ' (' . implode( ', ', $parts ) . ')';
	}

	/**
	 * Columns whose varchars fit into a row: while they don't, the longest becomes a text.
	 *
	 * @param array<int, array<string, mixed>> $columns Neutral.
	 * @return array<int, array<string, mixed>>
	 */
	private static function within_row( array $columns ) {
		do {
			$bytes   = 0;
			$longest = null;
			foreach ( $columns as $index => $column ) {
				if ( in_array( $column['type'], array( 'varchar', 'varbinary', 'char' ), true ) ) {
					$bytes  += self::width( $column ) * self::characters( $column ) + 2;
					$longest = null === $longest || self::characters( $column ) * self::width( $column ) > self::characters( $columns[ $longest ] ) * self::width( $columns[ $longest ] ) ? $index : $longest;
				}
			}
			$is_over = $bytes > self::MAX_ROW && null !== $longest;
			if ( $is_over ) {
				$columns[ $longest ]['type'] = 'varbinary' === $columns[ $longest ]['type'] ? 'mediumblob' : 'mediumtext';
			}
		} while ( $is_over );
		return $columns;
	}

	/**
	 * Bytes of a character.
	 *
	 * @param array<string, mixed> $column Neutral.
	 * @return int
	 */
	private static function width( array $column ) {
		return in_array( $column['type'], self::WITH_CHARSET, true ) ? 4 : 1;
	}

	/**
	 * Characters or bytes that a column holds; 0 for one that has none to shorten.
	 *
	 * @param array<string, mixed> $column Neutral.
	 * @return int
	 */
	private static function characters( array $column ) {
		if ( in_array( $column['type'], self::ENDLESS, true ) ) {
			return PHP_INT_MAX >> 8;
		}
		return in_array( $column['type'], array( 'char', 'varchar', 'binary', 'varbinary' ), true ) ? ( isset( $column['length'] ) ? $column['length'] : 1 ) : 0;
	}

	/**
	 * A default of the neutral form.
	 *
	 * @param string      $type    Neutral.
	 * @param string|null $written As SHOW has it.
	 * @param string      $extra   As SHOW has it.
	 * @return string|null Null for none, and for an expression that only its own database understands.
	 */
	private static function default_of( $type, $written, $extra ) {
		if ( null === $written ) {
			return null;
		}
		if ( in_array( $type, array( 'datetime', 'timestamp' ), true ) && preg_match( '~^(?:current_timestamp|now)(?:\([0-9]*\))?$~i', $written ) ) {
			return 'CURRENT_TIMESTAMP';
		}
		if ( false !== stripos( $extra, 'DEFAULT_GENERATED' ) ) {
			return null;
		}
		return 'bit' === $type && preg_match( "~^b'([01]+)'$~", $written, $bits ) ? (string) bindec( $bits[1] ) : $written;
	}

	/**
	 * Kind of a key.
	 *
	 * @param string $name   As SHOW has it.
	 * @param bool   $is_any Whether the same may come twice.
	 * @param string $type   As SHOW has it.
	 * @return string
	 */
	private static function kind_of( $name, $is_any, $type ) {
		if ( in_array( $type, array( 'FULLTEXT', 'SPATIAL' ), true ) ) {
			return strtolower( $type );
		}
		return 'PRIMARY' === $name ? 'primary' : ( $is_any ? 'index' : 'unique' );
	}
}
