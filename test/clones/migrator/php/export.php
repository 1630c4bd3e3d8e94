<?php
/** The walk through files, tickets, and an export that is cut behind each of its frames. */
require __DIR__ . '/harness.php';
foreach ( array( 'migrator-error', 'scopes', 'left-out', 'archive-format', 'archive-rules', 'archive-writer', 'archive-reader', 'file-walk', 'ticket', 'site-status', 'export' ) as $class ) {
	require PLUGIN . "/includes/class-$class.php";
}

/** Two tables in memory, as Custom_Migrator_Site_Tables has them. */
final class Tables_In_Memory {
	public $rows = array( 'options' => array(), 'posts' => array() );

	public $odd = array();

	public function names( array $scopes ) {
		return array_keys( $this->rows );
	}

	public function left_out() {
		return $this->odd;
	}

	public function describe( $name ) {
		return array( 'columns' => array( array( 'name' => 'id', 'type' => 'bigint' ) ), 'keys' => array() );
	}

	public function rows_at_most( $name ) {
		return 100;
	}

	public function export( $name ) {
		return new class( $this->rows[ $name ] ) {
			private $rows;

			public function __construct( $rows ) {
				$this->rows = $rows;
			}

			public function batch( $cursor ) {
				$from = null === $cursor ? 0 : $cursor['from'];
				$rows = array_slice( $this->rows, $from, 2 );
				return array( 'rows' => $rows, 'cursor' => $rows ? array( 'from' => $from + count( $rows ) ) : null );
			}
		};
	}
}

$home = sys_get_temp_dir() . '/migrator-' . bin2hex( random_bytes( 6 ) );
mkdir( $home );

/** A site's folders with these files; a path that ends with @ is a link to nowhere. */
$site = static function ( array $files ) use ( $home ) {
	$root = $home . '/' . bin2hex( random_bytes( 4 ) );
	foreach ( $files as $path => $content ) {
		@mkdir( dirname( "$root/$path" ), 0755, true );
		'@' === substr( $path, -1 ) ? symlink( '/nowhere', "$root/" . substr( $path, 0, -1 ) ) : file_put_contents( "$root/$path", $content );
	}
	$roots = array();
	foreach ( Custom_Migrator_Archive_Rules::SCOPES as $scope ) {
		$roots[ $scope ] = "$root/$scope";
	}
	return $roots;
};

function names_of( $walk, $after = '' ) {
	$names = array();
	foreach ( $walk->files( $after ) as $file ) {
		$names[] = $file['folder'] . '/' . $file['path'];
	}
	return $names;
}

$many = array();
foreach ( array( 'uploads/a-b', 'uploads/a.txt', 'uploads/a/z', 'uploads/a/b/c', 'uploads/a0', 'uploads/a b', 'uploads/Z', 'plugins/x/x.php', 'plugins/x-y/x.php', 'themes/t/style.css', "uploads/\u{1F600}.png", 'languages/de.mo' ) as $path ) {
	$many[ $path ] = $path;
}

check( 'walks in the order of whole names as bytes, whatever the directories', static function () use ( $site, $many ) {
	$sorted = array_keys( $many );
	sort( $sorted, SORT_STRING );
	same( $sorted, names_of( new Custom_Migrator_File_Walk( $site( $many ) ) ) );
} );

check( 'goes on behind any name, one that has gone as well', static function () use ( $site, $many ) {
	$roots  = $site( $many );
	$sorted = array_keys( $many );
	sort( $sorted, SORT_STRING );
	foreach ( $sorted as $index => $name ) {
		same( array_slice( $sorted, $index + 1 ), names_of( new Custom_Migrator_File_Walk( $roots ), $name ), $name );
		same( array_slice( $sorted, $index + 1 ), names_of( new Custom_Migrator_File_Walk( $roots ), $name . "\x01" ), $name );
	}
} );

check( 'leaves out links, what the rules refuse, backups and caches, and its own folders, and counts them', static function () use ( $site ) {
	$files = array(
		'uploads/good.png' => '', 'uploads/bad.php' => '', 'uploads/x/.htaccess' => '', 'uploads/link@' => '', 'uploads/cache/a.png' => '', 'uploads/2024/cache/a.png' => '',
		'uploads/backwpup-1a2b-logs/a.txt' => '', 'uploads/custom-migrator/j/staged/a' => '', 'plugins/custom-migrator/custom-migrator.php' => '', 'plugins/good/good.php' => '',
		'plugins/good/.git/config' => '', 'themes/t/node_modules/a.js' => '', 'themes/t/.DS_Store' => '', "uploads/\xFF.png" => '', 'themes/cache/style.css' => '',
	);
	$walk = new Custom_Migrator_File_Walk( $site( $files ) );
	same( array( 'plugins/good/good.php', 'themes/cache/style.css', 'uploads/2024/cache/a.png', 'uploads/good.png' ), names_of( $walk ) );
	$left_out = $walk->left_out();
	ksort( $left_out );
	same( array( 'known' => 5, 'links' => 1, 'refused' => 3 ), $left_out );
} );

check( 'counts what it leaves out once, wherever it is cut', static function () use ( $site ) {
	$roots = $site( array( 'uploads/a.png' => '', 'uploads/b.php' => '', 'uploads/c.png' => '', 'uploads/cache/x' => '', 'uploads/d@' => '', 'uploads/e/f.png' => '', 'uploads/e/g.php' => '' ) );
	$total = 0;
	$after = '';
	do {
		$walk = new Custom_Migrator_File_Walk( $roots );
		$one  = $walk->files( $after );
		$next = $one->valid() ? $one->current() : null;
		$after  = null === $next ? $after : $next['folder'] . '/' . $next['path'];
		$total += array_sum( $walk->left_out() );
	} while ( null !== $next );
	same( 4, $total );
} );

check( 'knows its own tickets, and no others', static function () {
	$tickets = new Custom_Migrator_Ticket( 'salt', 'export' );
	$ticket  = $tickets->write( array( 'a' => "\u{1F600}/b" ) );
	same( array( 'a' => "\u{1F600}/b" ), $tickets->read( $ticket ) );
	same( 1, preg_match( '~^[\w.-]+$~', $ticket ) );
	$forged = rtrim( strtr( base64_encode( '{"a":"other"}' ), '+/', '-_' ), '=' ) . substr( $ticket, strpos( $ticket, '.' ) );
	foreach ( array( '', 'x', 'x.y', $ticket . 'A', $forged, array(), null, ( new Custom_Migrator_Ticket( 'other', 'export' ) )->write( array() ), ( new Custom_Migrator_Ticket( 'salt', 'fingerprint' ) )->write( array() ) ) as $other ) {
		same( 'EXPORT_TICKET', refusal( static function () use ( $tickets, $other ) {
			$tickets->read( $other );
		} ), shown( $other ) );
	}
} );

$tables                  = new Tables_In_Memory();
$tables->rows['options'] = array( array( '1' ), array( '2' ), array( '3' ), array( '4' ), array( '5' ) );
$tables->odd             = array( 'places' );
$tickets                 = new Custom_Migrator_Ticket( 'salt', 'export' );
$files                   = array( 'plugins/a/a.php' => '<?php', 'uploads/bad.php' => 'x', 'uploads/empty.txt' => '', 'uploads/large.bin' => random_bytes( 2500000 ), 'uploads/small.png' => 'png' );

/** One slice: its bytes, and its last ticket. */
$slice = static function ( $tables, $roots, $ticket, $bounds = array(), $between = null ) use ( $tickets ) {
	$stream = fopen( 'php://temp', 'w+b' );
	$export = new Custom_Migrator_Export( $tables, $roots, $tickets, 'j', array( 'content' ), $ticket, $bounds );
	$flush  = null === $between ? static function () {} : $between;
	$export->slice( $stream, array( 'home' => 'https://shop.example.com' ), $flush );
	rewind( $stream );
	$bytes = stream_get_contents( $stream );
	$last  = null;
	for ( $at = null === $ticket ? 8 : 0; $at < strlen( $bytes ); $at += 13 + $numbers['head'] + $numbers['body'] + 32 ) {
		$numbers = unpack( 'Nnumber/Nhead/Nbody', $bytes, $at + 1 );
		$last    = 'S' === $bytes[ $at ] ? substr( $bytes, $at + 13, $numbers['body'] ) : $last;
		$ended   = 'E' === $bytes[ $at ];
	}
	return array( $bytes, $last, $ended );
};

/** What is in an archive: rows, and files whole. */
function content_of( $bytes ) {
	$stream = fopen( 'php://memory', 'w+b' );
	fwrite( $stream, $bytes );
	rewind( $stream );
	$reader = new Custom_Migrator_Archive_Reader( $stream );
	$all    = array();
	while ( null !== ( $frame = $reader->next() ) ) {
		if ( 'F' === $frame['type'] ) {
			$name         = $frame['head']['scope'] . '/' . $frame['head']['path'];
			$all[ $name ] = ( isset( $all[ $name ] ) ? $all[ $name ] : '' ) . $frame['bytes'];
		} elseif ( 'R' === $frame['type'] ) {
			$all['rows'] = array_merge( isset( $all['rows'] ) ? $all['rows'] : array(), array_column( $frame['rows'], 0 ) );
		} elseif ( 'E' === $frame['type'] ) {
			$all['left_out'] = isset( $frame['head']['left_out'] ) ? $frame['head']['left_out'] : array();
		}
	}
	return $all;
}

check( 'writes the same archive in one slice and in as many as it has frames', static function () use ( $slice, $site, $tables, $files ) {
	$roots                  = $site( $files );
	list( $whole, , $ended ) = $slice( $tables, $roots, null );
	same( true, $ended );
	$expected = array( 'rows' => array( '1', '2', '3', '4', '5' ), 'left_out' => array( 'tables' => 1, 'refused' => 1 ) ) + array_diff_key( $files, array( 'uploads/bad.php' => 0 ) );
	ksort( $expected );
	$got = content_of( $whole );
	ksort( $got );
	same( true, $expected === $got );
	$parts  = '';
	$ticket = null;
	$count  = 0;
	do {
		list( $bytes, $ticket, $ended ) = $slice( $tables, $roots, $ticket, array( 'seconds' => 0 ) );
		$parts                         .= $bytes;
		++$count;
	} while ( ! $ended );
	same( true, $whole === $parts );
	same( 13, $count );
} );

check( 'fills up a file that shrinks or goes while it is read, and says so', static function () use ( $slice, $site, $tables, $files ) {
	foreach ( array( 'shrinks', 'goes', 'becomes a link' ) as $how ) {
		$roots  = $site( $files );
		$large  = $roots['uploads'] . '/large.bin';
		$secret = $roots['uploads'] . '/../secret';
		file_put_contents( $secret, str_repeat( 's', 3000000 ) );
		$frames = 0;
		$bytes  = $slice( $tables, $roots, null, array(), static function () use ( &$frames, $how, $large, $secret ) {
			// Behind the manifest, two tables with three frames of rows, a.php, empty.txt and the first part.
			if ( 9 === ++$frames ) {
				'shrinks' === $how ? file_put_contents( $large, 'x' ) : unlink( $large );
				'becomes a link' === $how && symlink( $secret, $large );
			}
		} )[0];
		$got    = content_of( $bytes );
		same( 2500000, strlen( $got['uploads/large.bin'] ), $how );
		same( substr( $files['uploads/large.bin'], 0, 1048576 ) . str_repeat( "\0", 1451424 ) === $got['uploads/large.bin'], true, $how );
		same( 2, $got['left_out']['changed'], $how );
		same( 'png', $got['uploads/small.png'] );
	}
} );

check( 'refuses to go on when tables came or went, or for another job', static function () use ( $slice, $site, $tables, $tickets, $files ) {
	$roots  = $site( $files );
	$ticket = $slice( $tables, $roots, null, array( 'seconds' => 0 ) )[1];
	$more   = clone $tables;

	$more->rows['zebra'] = array();
	same( 'EXPORT_CHANGED', refusal( static function () use ( $slice, $more, $roots, $ticket ) {
		$slice( $more, $roots, $ticket );
	} ) );
	same( 'EXPORT_TICKET', refusal( static function () use ( $tables, $roots, $tickets, $ticket ) {
		new Custom_Migrator_Export( $tables, $roots, $tickets, 'other', array( 'content' ), $ticket );
	} ) );
} );

check( 'ends a slice at its size', static function () use ( $slice, $site, $tables, $files ) {
	$roots                           = $site( $files );
	list( $bytes, $ticket, $ended ) = $slice( $tables, $roots, null, array( 'bytes' => 1000000 ) );
	same( false, $ended );
	same( true, strlen( $bytes ) > 1000000 && strlen( $bytes ) < 1200000 );
} );

check( 'scopes mean tables and folders, and never the plugin\'s own', static function () {
	same( array( 'languages', 'plugins', 'themes' ), Custom_Migrator_Scopes::folders( array( 'plugins', 'themes' ) ) );
	same( array( 'content', 'users' ), Custom_Migrator_Scopes::checked( array( 'users', 'content', 'users' ) ) );
	foreach ( array( null, array(), 'content', array( 'mu-plugins' ), array( array() ) ) as $wrong ) {
		same( 'MIGRATOR_SCOPES', refusal( static function () use ( $wrong ) {
			Custom_Migrator_Scopes::checked( $wrong );
		} ) );
	}
	same( array( true, false, true, false, false ), array(
		Custom_Migrator_Scopes::has_table( 'options', array( 'themes' ) ),
		Custom_Migrator_Scopes::has_table( 'users', array( 'content' ) ),
		Custom_Migrator_Scopes::has_table( 'shop_orders', array( 'content' ) ),
		Custom_Migrator_Scopes::has_table( 'CM_import', array( 'content' ) ),
		Custom_Migrator_Scopes::has_file( 'plugins', 'Custom-Migrator/x.php', array( 'plugins' ) ),
	) );
} );

exec( 'rm -rf ' . escapeshellarg( $home ) );
finish();
