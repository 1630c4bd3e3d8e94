<?php
require __DIR__ . '/harness.php';
foreach ( array( 'migrator-error', 'archive-format', 'archive-rules', 'archive-writer', 'archive-reader' ) as $class ) {
	require PLUGIN . "/includes/class-$class.php";
}

const MOST = array( 'rows' => 100, 'files' => 10, 'bytes' => 10000 );

$columns = array( array( 'name' => 'id', 'type' => 'bigint', 'unsigned' => true, 'auto' => true ), array( 'name' => 'v', 'type' => 'longtext', 'nullable' => true ) );
$keys    = array( array( 'kind' => 'primary', 'name' => 'PRIMARY', 'columns' => array( array( 'name' => 'id' ) ) ) );
$rows    = array( array( '1', "a\0\xFF" ), array( '2', null ), array( '3', '' ) );

/** The bytes that `write` writes. */
function written( $write, $state = null ) {
	$stream = fopen( 'php://temp/maxmemory:1000000', 'w+b' );
	$writer = new Custom_Migrator_Archive_Writer( $stream, $state );
	$write( $writer );
	rewind( $stream );
	return stream_get_contents( $stream );
}

function stream_of( $bytes ) {
	$stream = fopen( 'php://memory', 'w+b' );
	fwrite( $stream, $bytes );
	rewind( $stream );
	return $stream;
}

/** Frames that are handed on, the code of the refusal or `none`, and the state afterwards. */
function read_all( $bytes, $limits = array(), $state = null ) {
	$reader = new Custom_Migrator_Archive_Reader( stream_of( $bytes ), $limits, $state );
	$frames = array();
	$code   = refusal( static function () use ( $reader, &$frames ) {
		while ( null !== ( $frame = $reader->next() ) ) {
			$frames[] = $frame;
		}
	} );
	return array( $frames, $code, $reader->state(), $reader );
}

/** Frames by hand, with right checksums: what a hostile exporter would write. Each: type, head, body, [numbers instead]. */
function forged( array $frames ) {
	$out    = Custom_Migrator_Archive_Format::MAGIC;
	$digest = Custom_Migrator_Archive_Format::first_digest();
	foreach ( $frames as $number => $frame ) {
		$json     = is_string( $frame[1] ) ? $frame[1] : json_encode( $frame[1], JSON_UNESCAPED_SLASHES );
		$body     = isset( $frame[2] ) ? $frame[2] : '';
		$preamble = $frame[0] . pack( 'NNN', isset( $frame[3]['number'] ) ? $frame[3]['number'] : $number, isset( $frame[3]['head'] ) ? $frame[3]['head'] : strlen( $json ), isset( $frame[3]['body'] ) ? $frame[3]['body'] : strlen( $body ) );
		$digest   = Custom_Migrator_Archive_Format::digest( $digest, $preamble, $json, $body );
		$out     .= $preamble . $json . $body . $digest;
	}
	return $out;
}

$whole = written( static function ( $writer ) use ( $columns, $keys, $rows ) {
	$writer->manifest( array( 'home' => 'https://shop.example.com' ), array( 'posts', 'empty' ), MOST );
	$writer->table( 'posts', $columns, $keys );
	$writer->rows( 'posts', $rows );
	$writer->table( 'empty', $columns, array() );
	$writer->file_chunk( 'plugins', 'a/a.php', 4, 0, '<?ph' );
	$writer->file_chunk( 'uploads', '2024/b.png', 5, 0, "\x89PN" );
	$writer->file_chunk( 'uploads', '2024/b.png', 5, 3, "G\0" );
	$writer->file_chunk( 'uploads', 'empty.txt', 0, 0, '' );
	$writer->finish();
} );

check( 'reads what was written: rows with NULL and bytes of any kind, files in parts, empty ones', static function () use ( $whole, $rows, $columns, $keys ) {
	list( $frames, $code, $state ) = read_all( $whole );
	same( 'none', $code );
	same( 'MTRTFFFFE', implode( '', array_column( $frames, 'type' ) ) );
	same( $columns, $frames[1]['head']['columns'] );
	same( $keys, $frames[1]['head']['keys'] );
	same( $rows, $frames[2]['rows'] );
	same( "\x89PNG\0", $frames[5]['bytes'] . $frames[6]['bytes'] );
	same( array( 2, 3, 3, true ), array( $state['tables'], $state['rows'], $state['files'], $state['ended'] ) );
} );

check( 'notices a stream that was cut at any byte, and hands on only whole frames', static function () use ( $whole ) {
	list( $all ) = read_all( $whole );
	for ( $length = 0; $length < strlen( $whole ); ++$length ) {
		list( $frames, $code ) = read_all( substr( $whole, 0, $length ) );
		same( 'ARCHIVE_CUT', $code, "after $length bytes" );
		same( array_slice( $all, 0, count( $frames ) ), $frames );
	}
} );

check( 'notices every single bit that changed, and hands on only frames before it', static function () use ( $whole ) {
	list( $all ) = read_all( $whole );
	for ( $at = 0; $at < strlen( $whole ); ++$at ) {
		$broken        = $whole;
		$broken[ $at ] = chr( ord( $broken[ $at ] ) ^ ( 1 << ( $at % 8 ) ) );
		list( $frames, $code ) = read_all( $broken );
		if ( 'none' === $code || count( $frames ) >= count( $all ) ) {
			throw new Exception( "byte $at" );
		}
		same( array_slice( $all, 0, count( $frames ) ), $frames );
	}
} );

check( 'goes on behind any frame, with states that were JSON in between', static function () use ( $columns, $keys, $rows ) {
	$steps = array(
		static function ( $writer ) {
			$writer->manifest( array(), array( 'posts' ), MOST );
		},
		static function ( $writer ) use ( $columns, $keys ) {
			$writer->table( 'posts', $columns, $keys );
		},
		static function ( $writer ) use ( $rows ) {
			$writer->rows( 'posts', $rows );
		},
		static function ( $writer ) {
			$writer->file_chunk( 'uploads', 'b.png', 5, 0, 'abc' );
		},
		static function ( $writer ) {
			$writer->file_chunk( 'uploads', 'b.png', 5, 3, 'de' );
		},
		static function ( $writer ) {
			$writer->finish();
		},
	);
	$writer_state = null;
	$reader_state = null;
	$types        = '';
	foreach ( $steps as $step ) {
		$bytes = written( static function ( $writer ) use ( $step, &$writer_state ) {
			$step( $writer );
			$writer_state = json_decode( json_encode( $writer->state() ), true );
		}, $writer_state );
		$reader       = new Custom_Migrator_Archive_Reader( stream_of( $bytes ), array(), $reader_state );
		$types       .= $reader->next()['type'];
		$reader_state = json_decode( json_encode( $reader->state() ), true );
		same( $writer_state['next'], $reader_state['next'] );
		same( $writer_state['digest'], $reader_state['digest'] );
	}
	same( 'MTRFFE', $types );
} );

check( 'says the same again when it is asked again after a refusal', static function () use ( $whole ) {
	$broken       = $whole;
	$broken[ 30 ] = chr( ord( $broken[ 30 ] ) ^ 1 );
	list( , $code, , $reader ) = read_all( $broken );
	same( 'ARCHIVE_CHECKSUM', $code );
	same( 'ARCHIVE_CHECKSUM', refusal( array( $reader, 'next' ) ) );
} );

check( 'writes rows in frames of a good size, and refuses a row that none can hold', static function () use ( $columns ) {
	$many  = static function () {
		for ( $id = 0; $id < 40; ++$id ) {
			yield array( (string) $id, str_repeat( 'x', 100000 ) );
		}
	};
	$bytes = written( static function ( $writer ) use ( $many, $columns ) {
		$writer->manifest( array(), array( 'posts' ), array( 'rows' => 40, 'files' => 0, 'bytes' => 5000000 ) );
		$writer->table( 'posts', $columns, array() );
		$writer->rows( 'posts', $many() );
		$writer->finish();
	} );
	list( $frames, $code ) = read_all( $bytes );
	same( 'none', $code );
	same( 'MTRRRRE', implode( '', array_column( $frames, 'type' ) ) );
	same( 'ARCHIVE_ROW_SIZE', refusal( static function () {
		written( static function ( $writer ) {
			$writer->rows( 'posts', array( array( str_repeat( 'x', 17000000 ) ) ) );
		} );
	} ) );
} );

$manifest = array( 'M', array( 'site' => (object) array(), 'tables' => array( 'posts' ), 'most' => MOST ) );
$nothing  = array( 'M', array( 'site' => (object) array(), 'tables' => array(), 'most' => MOST ) );
$table    = array( 'T', array( 'table' => 'posts', 'columns' => $columns, 'keys' => $keys ) );
$row      = array( 'R', array( 'table' => 'posts', 'count' => 1 ), Custom_Migrator_Archive_Format::encode_row( array( '1', 'a' ) ) );
$file     = static function ( $path, $more = array(), $bytes = 'x' ) {
	return array( 'F', $more + array( 'scope' => 'uploads', 'path' => $path, 'size' => 1, 'offset' => 0 ), $bytes );
};
$end      = static function ( $tables, $rows, $files, $bytes ) {
	return array( 'E', compact( 'tables', 'rows', 'files', 'bytes' ) );
};
$with     = static function ( $change ) use ( $manifest ) {
	return array( 'M', $change + $manifest[1] );
};
$column   = static function ( $change ) use ( $columns ) {
	return array( 'T', array( 'table' => 'posts', 'columns' => array( $change + $columns[0], $columns[1] ), 'keys' => array() ) );
};
$key      = static function ( $change ) use ( $columns, $keys ) {
	return array( 'T', array( 'table' => 'posts', 'columns' => $columns, 'keys' => array( $change + $keys[0] ) ) );
};

// Title, code, frames; all but the last must be fine.
$hostile = array(
	array( 'no manifest', 'ARCHIVE_ORDER', array( $table ) ),
	array( 'a second manifest', 'ARCHIVE_ORDER', array( $manifest, $manifest ) ),
	array( 'a frame of an unknown type', 'ARCHIVE_FRAME_TYPE', array( $manifest, array( 'L', array( 'path' => 'a', 'to' => '/etc/passwd' ) ) ) ),
	array( 'a frame of type zero', 'ARCHIVE_FRAME_TYPE', array( $manifest, array( "\0", array() ) ) ),
	array( 'a frame with another number', 'ARCHIVE_ORDER', array( $manifest, array( 'T', $table[1], '', array( 'number' => 7 ) ) ) ),
	array( 'a head too large, before it is read', 'ARCHIVE_FRAME_SIZE', array( $manifest, array( 'T', $table[1], '', array( 'head' => 0xFFFFFFFF ) ) ) ),
	array( 'a body too large, before it is read', 'ARCHIVE_FRAME_SIZE', array( $manifest, array( 'T', $table[1], '', array( 'body' => 16777217 ) ) ) ),
	array( 'a head that is no JSON', 'ARCHIVE_HEAD', array( $manifest, array( 'T', '{"table":' ) ) ),
	array( 'a head that is a number', 'ARCHIVE_HEAD', array( $manifest, array( 'T', '7' ) ) ),
	array( 'a head that is deep', 'ARCHIVE_HEAD', array( $manifest, array( 'T', str_repeat( '[', 9999 ) . str_repeat( ']', 9999 ) ) ) ),
	array( 'a head without all of its keys', 'ARCHIVE_HEAD', array( $manifest, array( 'T', array( 'table' => 'posts', 'columns' => $columns ) ) ) ),
	array( 'a head with another key instead', 'ARCHIVE_HEAD', array( $nothing, array( 'F', array( 'scope' => 'uploads', 'path' => 'a', 'size' => 1, 'link' => 'b' ), 'x' ) ) ),
	array( 'a table with a body', 'ARCHIVE_HEAD', array( $manifest, array( 'T', $table[1], 'x' ) ) ),
	array( 'a promise of more bytes than the limit', 'ARCHIVE_TOO_LARGE', array( $with( array( 'most' => array( 'bytes' => PHP_INT_MAX ) + MOST ) ) ) ),
	array( 'a promise of more files than the limit', 'ARCHIVE_TOO_LARGE', array( $with( array( 'most' => array( 'files' => PHP_INT_MAX ) + MOST ) ) ) ),
	array( 'a promise of more rows than the limit', 'ARCHIVE_TOO_LARGE', array( $with( array( 'most' => array( 'rows' => PHP_INT_MAX ) + MOST ) ) ) ),
	array( 'a promise of more tables than the limit', 'ARCHIVE_TOO_LARGE', array( $with( array( 'tables' => array_fill( 0, 5000, 'a' ) ) ) ) ),
	array( 'a promise below zero', 'ARCHIVE_HEAD', array( $with( array( 'most' => array( 'bytes' => -1 ) + MOST ) ) ) ),
	array( 'a promise that is a text', 'ARCHIVE_HEAD', array( $with( array( 'most' => array( 'bytes' => '9' ) + MOST ) ) ) ),
	array( 'more bytes than promised', 'ARCHIVE_TOTAL_SIZE', array( $with( array( 'most' => array( 'bytes' => 3 ) + MOST ) ), $table, $row ) ),
	array( 'more rows than promised', 'ARCHIVE_TOTAL_SIZE', array( $with( array( 'most' => array( 'rows' => 1 ) + MOST ) ), $table, $row, $row ) ),
	array( 'more files than promised', 'ARCHIVE_TOTAL_SIZE', array( $with( array( 'most' => array( 'files' => 1 ) + MOST ) ), $file( 'a' ), $file( 'b' ) ) ),
	array( 'a table that the manifest has not', 'ARCHIVE_ORDER', array( $nothing, $table ) ),
	array( 'a table twice', 'ARCHIVE_ORDER', array( $manifest, $table, $table ) ),
	array( 'a table twice in the manifest, in other case', 'ARCHIVE_TABLE', array( $with( array( 'tables' => array( 'posts', 'POSTS' ) ) ) ) ),
	array( 'a table\'s name that leaves its quotes', 'ARCHIVE_TABLE', array( $with( array( 'tables' => array( 'a`; DROP TABLE b; --' ) ) ) ) ),
	array( 'a column\'s name that leaves its quotes', 'ARCHIVE_TABLE', array( $manifest, $column( array( 'name' => 'a`b' ) ) ) ),
	array( 'a column twice', 'ARCHIVE_TABLE', array( $manifest, $column( array( 'name' => 'V' ) ) ) ),
	array( 'a column of an unknown type', 'ARCHIVE_TABLE', array( $manifest, $column( array( 'type' => 'int) ENGINE=x --' ) ) ) ),
	array( 'a column with more than is known', 'ARCHIVE_TABLE', array( $manifest, $column( array( 'after' => 'x' ) ) ) ),
	array( 'a column whose length is a text', 'ARCHIVE_TABLE', array( $manifest, $column( array( 'length' => '1) x' ) ) ) ),
	array( 'a column whose flag is a text', 'ARCHIVE_TABLE', array( $manifest, $column( array( 'unsigned' => 'x' ) ) ) ),
	array( 'a column whose default is a list', 'ARCHIVE_TABLE', array( $manifest, $column( array( 'default' => array() ) ) ) ),
	array( 'a column of choices without any', 'ARCHIVE_TABLE', array( $manifest, $column( array( 'type' => 'enum' ) ) ) ),
	array( 'a key of an unknown kind', 'ARCHIVE_TABLE', array( $manifest, $key( array( 'kind' => 'x' ) ) ) ),
	array( 'a key of a column that is not there', 'ARCHIVE_TABLE', array( $manifest, $key( array( 'columns' => array( array( 'name' => 'zz' ) ) ) ) ) ),
	array( 'a key\'s name that leaves its quotes', 'ARCHIVE_TABLE', array( $manifest, $key( array( 'name' => '`' ) ) ) ),
	array( 'a key whose length is a text', 'ARCHIVE_TABLE', array( $manifest, $key( array( 'columns' => array( array( 'name' => 'v', 'length' => '1)' ) ) ) ) ) ),
	array( 'rows before their table', 'ARCHIVE_ORDER', array( $manifest, $row ) ),
	array( 'rows of another table', 'ARCHIVE_ORDER', array( $manifest, $table, array( 'R', array( 'table' => 'users', 'count' => 1 ), $row[2] ) ) ),
	array( 'rows behind files', 'ARCHIVE_ORDER', array( $manifest, $table, $file( 'a' ), $row ) ),
	array( 'fewer rows than told', 'ARCHIVE_ROWS', array( $manifest, $table, array( 'R', array( 'table' => 'posts', 'count' => 2 ), $row[2] ) ) ),
	array( 'more rows than told', 'ARCHIVE_ROWS', array( $manifest, $table, array( 'R', $row[1], $row[2] . $row[2] ) ) ),
	array( 'a row with a value that goes beyond its frame', 'ARCHIVE_ROWS', array( $manifest, $table, array( 'R', $row[1], pack( 'N', 1 ) . '1' . pack( 'N', 0xFFFFFFF0 ) . 'a' ) ) ),
	array( 'a row with a value too few', 'ARCHIVE_ROWS', array( $manifest, $table, array( 'R', $row[1], pack( 'N', 10 ) . '0123456789' ) ) ),
	array( 'rows of a number below zero', 'ARCHIVE_HEAD', array( $manifest, $table, array( 'R', array( 'table' => 'posts', 'count' => -1 ), $row[2] ) ) ),
	array( 'no rows', 'ARCHIVE_ROWS', array( $manifest, $table, array( 'R', array( 'table' => 'posts', 'count' => 0 ), '' ) ) ),
	array( 'a file that is a link', 'ARCHIVE_HEAD', array( $nothing, $file( 'a', array( 'link' => '/etc/passwd' ) ) ) ),
	array( 'a folder that is not copied', 'ARCHIVE_SCOPE', array( $nothing, $file( 'a', array( 'scope' => 'mu-plugins' ) ) ) ),
	array( 'a folder that is a path', 'ARCHIVE_SCOPE', array( $nothing, $file( 'a', array( 'scope' => 'uploads/..' ) ) ) ),
	array( 'a path that is a list', 'ARCHIVE_PATH', array( $nothing, $file( array( 'a' ) ) ) ),
	array( 'the same file twice', 'ARCHIVE_ORDER', array( $nothing, $file( 'a' ), $file( 'a' ) ) ),
	array( 'a file out of order', 'ARCHIVE_ORDER', array( $nothing, $file( 'b' ), $file( 'a' ) ) ),
	array( 'a file that begins in its middle', 'ARCHIVE_OFFSET', array( $nothing, $file( 'a', array( 'size' => 9, 'offset' => 3 ) ) ) ),
	array( 'a file with a gap', 'ARCHIVE_OFFSET', array( $nothing, $file( 'a', array( 'size' => 9 ) ), $file( 'a', array( 'size' => 9, 'offset' => 2 ) ) ) ),
	array( 'a file that is written over', 'ARCHIVE_OFFSET', array( $nothing, $file( 'a', array( 'size' => 9 ) ), $file( 'a', array( 'size' => 9 ) ) ) ),
	array( 'a file that is left unfinished', 'ARCHIVE_OFFSET', array( $nothing, $file( 'a', array( 'size' => 9 ) ), $file( 'b' ) ) ),
	array( 'a file that changes its size', 'ARCHIVE_OFFSET', array( $nothing, $file( 'a', array( 'size' => 9 ) ), $file( 'a', array( 'size' => 99, 'offset' => 1 ) ) ) ),
	array( 'a file longer than its size', 'ARCHIVE_OFFSET', array( $nothing, $file( 'a', array(), 'xx' ) ) ),
	array( 'parts of a file without an end', 'ARCHIVE_OFFSET', array( $nothing, $file( 'a', array(), '' ) ) ),
	array( 'a size below zero', 'ARCHIVE_HEAD', array( $nothing, $file( 'a', array( 'size' => -1 ) ) ) ),
	array( 'an offset that is a fraction', 'ARCHIVE_HEAD', array( $nothing, $file( 'a', array( 'offset' => 0.5 ) ) ) ),
	array( 'an end without all tables', 'ARCHIVE_END', array( $manifest, $end( 0, 0, 0, 0 ) ) ),
	array( 'an end in the middle of a file', 'ARCHIVE_END', array( $nothing, $file( 'a', array( 'size' => 9 ) ), $end( 0, 0, 0, 1 ) ) ),
	array( 'an end with other totals', 'ARCHIVE_END', array( $nothing, $file( 'a' ), $end( 0, 0, 2, 1 ) ) ),
	array( 'something behind the end', 'ARCHIVE_TRAILING', array( $nothing, $end( 0, 0, 0, 0 ), $file( 'a' ) ) ),
);
foreach ( array( '../a.png', 'a/../b.png', '..', '.', './a.png', 'a/./b', '/etc/a.png', '//a', 'a//b.png', 'a/', '', "a\0.png", "a\n.png", '..\\a.png', 'C:/a.png', 'a.png:b', '... /a', str_repeat( 'a', 256 ), str_repeat( 'a/', 1100 ) . 'a' ) as $path ) {
	$hostile[] = array( 'the path ' . json_encode( strlen( $path ) > 40 ? substr( $path, 0, 8 ) . ' of ' . strlen( $path ) . ' bytes' : $path, JSON_UNESCAPED_SLASHES ), 'ARCHIVE_PATH', array( $nothing, $file( $path ) ) );
}
foreach ( array( 'a.php', 'a.PHP', 'a.php7', 'a.phtml', 'a.pht', 'a.phar', 'a.php.jpg', 'a.php.', 'a.php ', '2024/a.pHp5', 'a.phar/b.png', '.htaccess', '.HTAccess', 'x/.htpasswd', '.user.ini', 'php.ini', 'web.config', 'a.shtml', 'a.cgi', 'a.pl', 'a.aspx', 'a.jsp' ) as $path ) {
	$hostile[] = array( "$path in uploads", 'ARCHIVE_FILE_TYPE', array( $nothing, $file( $path ) ) );
}
foreach ( $hostile as list( $title, $expected, $frames ) ) {
	check( "refuses $title, and hands nothing of it on", static function () use ( $expected, $frames ) {
		list( $handed, $code, $state ) = read_all( forged( $frames ) );
		same( $expected, $code );
		same( count( $frames ) - 1, count( $handed ) );
		// As it was before: an import can't go on with what was refused.
		list( , , $before ) = read_all( forged( array_slice( $frames, 0, -1 ) ) );
		same( $before, $state );
	} );
}

foreach ( array( 'archive.zip', 'file.phpx.txt', 'graphp.jpg', 'a.plx', '2024/how-to-php.png', "\u{1F600}.png", 'a b (1).jpg', '.hidden/a.png', 'a..b.png', 'php' ) as $path ) {
	check( "takes $path in uploads", static function () use ( $nothing, $file, $path ) {
		same( 'ARCHIVE_CUT', read_all( forged( array( $nothing, $file( $path ) ) ) )[1] );
	} );
}

check( 'takes programs in plugins and themes', static function () use ( $nothing, $file ) {
	same( 'ARCHIVE_CUT', read_all( forged( array( $nothing, $file( 'x/a.php', array( 'scope' => 'plugins' ) ), $file( 'x/a.php', array( 'scope' => 'themes' ) ) ) ) )[1] );
} );

check( 'refuses what is no archive', static function () {
	same( 'ARCHIVE_FORMAT', read_all( '<html>502 Bad Gateway</html>' )[1] );
	same( 'ARCHIVE_FORMAT', read_all( "CMARCH9\n" )[1] );
	same( 'ARCHIVE_CUT', read_all( '' )[1] );
} );

check( 'refuses a frame of another archive, and frames in another order', static function () use ( $nothing, $file ) {
	$one    = forged( array( $nothing, $file( 'a' ), $file( 'b' ) ) );
	$other  = forged( array( $nothing, $file( 'aa' ), $file( 'b' ) ) );
	$cut    = strlen( forged( array( $nothing, $file( 'a' ) ) ) );
	$cut_of = strlen( forged( array( $nothing, $file( 'aa' ) ) ) );
	same( 'ARCHIVE_CHECKSUM', read_all( substr( $one, 0, $cut ) . substr( $other, $cut_of ) )[1] );
	$start = strlen( forged( array( $nothing ) ) );
	same( 'ARCHIVE_ORDER', read_all( substr( $one, 0, $start ) . substr( $one, $cut ) )[1] );
} );

check( 'sums up types and lengths too: a byte of the head can not become one of the body', static function () {
	$digest = static function ( $preamble, $head, $body ) {
		return Custom_Migrator_Archive_Format::digest( '', $preamble, $head, $body );
	};
	same( false, $digest( 'F' . pack( 'NNN', 1, 2, 1 ), 'ab', 'c' ) === $digest( 'F' . pack( 'NNN', 1, 1, 2 ), 'a', 'bc' ) );
} );

check( 'needs memory for one frame, however large the archive', static function () {
	$path   = tempnam( sys_get_temp_dir(), 'archive' );
	$stream = fopen( $path, 'w+b' );
	$writer = new Custom_Migrator_Archive_Writer( $stream );
	$writer->manifest( array(), array(), array( 'rows' => 0, 'files' => 1, 'bytes' => 200000000 ) );
	$chunk = str_repeat( "\xFF\0", 524288 );
	for ( $part = 0; $part < 64; ++$part ) {
		$writer->file_chunk( 'uploads', 'large.bin', 64 * 1048576, $part * 1048576, $chunk );
	}
	$writer->finish();
	rewind( $stream );
	$reader = new Custom_Migrator_Archive_Reader( $stream );
	$before = memory_get_usage();
	$most   = 0;
	while ( null !== $reader->next() ) {
		$most = max( $most, memory_get_usage() - $before );
	}
	fclose( $stream );
	unlink( $path );
	if ( $most > 5000000 ) {
		throw new Exception( "$most bytes" );
	}
} );

$with_tickets = written( static function ( $writer ) use ( $columns, $keys, $rows ) {
	$writer->manifest( array(), array( 'posts' ), MOST );
	$writer->ticket( 'one' );
	$writer->table( 'posts', $columns, $keys );
	$writer->ticket( 'two' );
	$writer->batch( 'posts', $rows );
	$writer->ticket( 'three' );
	$writer->finish( array( 'links' => 2 ) );
} );

check( 'hands tickets on, and counts them neither as frames nor as bytes', static function () use ( $with_tickets ) {
	list( $frames, $code, $state ) = read_all( $with_tickets );
	same( 'none', $code );
	same( array( 'M', 'S', 'T', 'S', 'R', 'S', 'E' ), array_column( $frames, 'type' ) );
	same( array( 'one', 'two', 'three' ), array_column( $frames, 'ticket' ) );
	same( array( 'links' => 2 ), $frames[6]['head']['left_out'] );
	same( 4, $state['next'] );
} );

check( 'reads the same archive without its tickets', static function () use ( $with_tickets ) {
	$without = Custom_Migrator_Archive_Format::MAGIC;
	for ( $at = 8; $at < strlen( $with_tickets ); $at += $length ) {
		$numbers = unpack( 'Nnumber/Nhead/Nbody', $with_tickets, $at + 1 );
		$length  = 13 + $numbers['head'] + $numbers['body'] + 32;
		$without .= 'S' === $with_tickets[ $at ] ? '' : substr( $with_tickets, $at, $length );
	}
	list( $frames, $code ) = read_all( $without );
	same( 'none', $code );
	same( 4, count( $frames ) );
} );

$ticket = static function ( $number, $text, $head = 0, $length = null ) {
	$preamble = 'S' . pack( 'NNN', $number, $head, null === $length ? strlen( $text ) : $length );
	return $preamble . $text . hash( 'sha256', $preamble . $text, true );
};
foreach ( array(
	array( 'a ticket of another place', 'ARCHIVE_ORDER', $ticket( 2, 'x' ) ),
	array( 'a ticket with a head', 'ARCHIVE_FRAME_SIZE', $ticket( 1, 'x', 1 ) ),
	array( 'an empty ticket', 'ARCHIVE_FRAME_SIZE', $ticket( 1, '' ) ),
	array( 'a ticket larger than one may be', 'ARCHIVE_FRAME_SIZE', $ticket( 1, str_repeat( 'x', 8193 ) ) ),
	array( 'a ticket that was changed', 'ARCHIVE_CHECKSUM', strtr( $ticket( 1, 'xyz' ), 'y', 'z' ) ),
	array( 'a ticket that is no text', 'ARCHIVE_HEAD', $ticket( 1, "a\nb" ) ),
) as list( $title, $expected, $bytes ) ) {
	check( "refuses $title", static function () use ( $nothing, $expected, $bytes ) {
		list( $frames, $code, $state ) = read_all( forged( array( $nothing ) ) . $bytes );
		same( $expected, $code );
		same( 1, count( $frames ) );
		same( 1, $state['next'] );
	} );
}

check( 'refuses a ticket before the manifest, and one that its writer would have to shorten', static function () use ( $ticket ) {
	same( 'ARCHIVE_ORDER', read_all( Custom_Migrator_Archive_Format::MAGIC . $ticket( 0, 'x' ) )[1] );
	same( 'ARCHIVE_FRAME_SIZE', refusal( static function () {
		written( static function ( $writer ) {
			$writer->ticket( str_repeat( 'x', 8193 ) );
		} );
	} ) );
} );

foreach ( array( 'a text' => 'x', 'a text as a count' => array( 'links' => 'x' ), 'a name that is none' => array( '<b>' => 1 ), 'more than a few' => array_fill( 0, 17, 1 ) ) as $title => $left_out ) {
	check( "refuses an end that tells of what was left out as $title", static function () use ( $nothing, $left_out ) {
		$end = array( 'E', array( 'tables' => 0, 'rows' => 0, 'files' => 0, 'bytes' => 0, 'left_out' => $left_out ) );
		same( 'ARCHIVE_HEAD', read_all( forged( array( $nothing, $end ) ) )[1] );
	} );
}

finish();
