<?php
/** Folders and tables that change places, cut before and behind every single move. */
require __DIR__ . '/harness.php';
foreach ( array( 'migrator-error', 'scopes', 'left-out', 'archive-rules', 'file-walk', 'site-folders', 'journal', 'folder-swap', 'swap', 'lock', 'keepsakes' ) as $class ) {
	require PLUGIN . "/includes/class-$class.php";
}

/** Dies before or behind one of its moves, as by SIGKILL: nothing of it runs any more. */
final class Mortal_Swap extends Custom_Migrator_Folder_Swap {
	public static $moves = 0;
	public static $last  = INF;
	/** Whether the last move is still done. */
	public static $behind = false;
	/** A name that can't be moved. */
	public static $stuck = '';

	protected function move( $from, $to ) {
		if ( self::$moves >= self::$last && ! self::$behind ) {
			posix_kill( getmypid(), SIGKILL );
		}
		if ( '' !== self::$stuck && basename( $from ) === self::$stuck ) {
			throw new Custom_Migrator_Error( 'SWAP_RENAME', 'stuck: x. x.' );
		}
		parent::move( $from, $to );
		if ( self::$moves++ >= self::$last ) {
			posix_kill( getmypid(), SIGKILL );
		}
	}
}

/** Tables that are a file: `old` or `new`. */
final class Tables_As_File {
	private $file;

	public function __construct( $file ) {
		$this->file = $file;
	}

	public function swap() {
		file_put_contents( $this->file, 'new' );
	}

	public function unswap() {
		file_put_contents( $this->file, 'old' );
	}
}

$home = sys_get_temp_dir() . '/migrator-' . bin2hex( random_bytes( 6 ) );
mkdir( $home );

function put( $root, array $files ) {
	foreach ( $files as $path => $content ) {
		@mkdir( dirname( "$root/$path" ), 0755, true );
		file_put_contents( "$root/$path", $content );
	}
}

/** All files below a folder with what is in them. */
function tree( $root ) {
	$all = array();
	foreach ( new RecursiveIteratorIterator( new RecursiveDirectoryIterator( $root, FilesystemIterator::SKIP_DOTS ), RecursiveIteratorIterator::SELF_FIRST ) as $path => $file ) {
		if ( false === strpos( $path, "$root/custom-migrator" ) ) {
			$all[ substr( $path, strlen( $root ) + 1 ) ] = is_link( $path ) ? '-> ' . readlink( $path ) : ( is_dir( $path ) ? '/' : file_get_contents( $path ) );
		}
	}
	ksort( $all );
	return $all;
}

const OLD = array( 'uploads/a.png' => 'old', 'uploads/only-old/b.png' => 'old', 'plugins/both/both.php' => 'old', 'plugins/old/old.php' => 'old', 'plugins/single.php' => 'old', 'plugins/custom-migrator/custom-migrator.php' => 'own', 'themes/t/style.css' => 'old' );
const STAGED = array( 'uploads/a.png' => 'new', 'uploads/only-new/b.png' => 'new', 'plugins/both/both.php' => 'new', 'plugins/new/new.php' => 'new', 'themes/t/style.css' => 'new', 'themes/u/style.css' => 'new', 'languages/de.mo' => 'new' );
const ALL = array( 'content', 'uploads', 'plugins', 'themes', 'options', 'users' );

/** A wp-content with an import that is ready to be swapped. */
$ready = static function ( array $old = OLD ) use ( $home ) {
	$content = $home . '/' . bin2hex( random_bytes( 4 ) );
	put( $content, $old );
	$roots = array();
	foreach ( Custom_Migrator_Archive_Rules::SCOPES as $scope ) {
		$roots[ $scope ] = "$content/$scope";
	}
	$folders = new Custom_Migrator_Site_Folders( $roots, $content );
	$plans   = $folders->prepare( 'j', ALL );
	put( $folders->job( 'j' ) . '/staged', STAGED );
	file_put_contents( "$content/custom-migrator/tables", 'old' );
	return array( $content, $folders, $plans );
};

$begin = static function ( $folders, $plans ) {
	$journal = new Custom_Migrator_Journal( $folders->job( 'j' ) );
	$journal->write( array( 'job' => 'j', 'phase' => 'swapping', 'step' => 'tables', 'groups' => Custom_Migrator_Folder_Swap::groups( $plans ) ) );
};

/** What the next request finds. */
$swap = static function ( $content ) {
	$journal = new Custom_Migrator_Journal( "$content/custom-migrator/j" );
	return array( $journal, new Custom_Migrator_Swap( $journal, new Tables_As_File( "$content/custom-migrator/tables" ), new Mortal_Swap( $journal->get( 'groups' ) ) ) );
};

$as_new                                                = STAGED;
$as_new['plugins/custom-migrator/custom-migrator.php'] = 'own';
put( "$home/new", $as_new );
$new = tree( "$home/new" );
put( "$home/old", OLD );
$old = tree( "$home/old" );

/** Does some work in a process of its own, which dies at its n-th move; whether it died. */
$mortal = static function ( $last, $behind, $work ) {
	$child = pcntl_fork();
	if ( 0 === $child ) {
		Mortal_Swap::$moves  = 0;
		Mortal_Swap::$last   = $last;
		Mortal_Swap::$behind = $behind;
		try {
			$work();
		} catch ( Throwable $error ) {
			fwrite( STDERR, $error );
			exit( 1 );
		}
		exit( 0 );
	}
	pcntl_waitpid( $child, $status );
	if ( ! pcntl_wifsignaled( $status ) && 0 !== pcntl_wexitstatus( $status ) ) {
		throw new Exception( 'the other process failed' );
	}
	return pcntl_wifsignaled( $status );
};

check( 'puts all in its place, keeps the plugin where it is, and goes back', static function () use ( $ready, $begin, $swap, $old, $new ) {
	list( $content, $folders, $plans ) = $ready();
	same( array( 'languages' => 'whole', 'plugins' => 'entries', 'themes' => 'whole', 'uploads' => 'whole' ), array_combine( array_keys( $plans ), array_column( $plans, 'mode' ) ) );
	$begin( $folders, $plans );
	list( $journal, $both ) = $swap( $content );
	$both->forward();
	same( $new, tree( $content ) );
	same( 'after', $journal->get( 'step' ) );
	list( $journal, $both ) = $swap( $content );
	$both->back();
	same( $old, tree( $content ) );
	same( 'old', file_get_contents( "$content/custom-migrator/tables" ) );
	same( 'rolled-back', $journal->phase() );
} );

foreach ( array( false, true ) as $behind ) {
	check( 'goes forward after a kill ' . ( $behind ? 'behind' : 'before' ) . ' any move, however often', static function () use ( $ready, $begin, $swap, $mortal, $new, $behind ) {
		$points = 0;
		for ( $last = 0; ; ++$last ) {
			list( $content, $folders, $plans ) = $ready();
			$begin( $folders, $plans );
			$killed = $mortal( $last, $behind, static function () use ( $swap, $content ) {
				$swap( $content )[1]->forward();
			} );
			if ( ! $killed ) {
				break;
			}
			++$points;
			// And again, a move later.
			$mortal( 1, $behind, static function () use ( $swap, $content ) {
				$swap( $content )[1]->forward();
			} );
			list( $journal, $both ) = $swap( $content );
			$both->forward();
			same( $new, tree( $content ), "cut $last" );
			same( array( 'swapping', 'after' ), array( $journal->phase(), $journal->get( 'step' ) ) );
		}
		same( 10, $points );
	} );

	check( 'goes back after a kill ' . ( $behind ? 'behind' : 'before' ) . ' any move, from wherever it was', static function () use ( $ready, $begin, $swap, $mortal, $old, $behind ) {
		for ( $forward = 0; $forward <= 10; $forward += 2 ) {
			for ( $last = 0; ; ++$last ) {
				list( $content, $folders, $plans ) = $ready();
				$begin( $folders, $plans );
				$mortal( $forward, $behind, static function () use ( $swap, $content ) {
					$swap( $content )[1]->forward();
				} );
				$killed = $mortal( $last, $behind, static function () use ( $swap, $content ) {
					$swap( $content )[1]->back();
				} );
				list( $journal, $both ) = $swap( $content );
				$both->back();
				same( $old, tree( $content ), "cut $forward, then $last" );
				same( 'rolled-back', $journal->phase() );
				if ( ! $killed ) {
					break;
				}
			}
		}
	} );
}

check( 'goes back at once when a folder can not be moved, and leaves no journal', static function () use ( $ready, $begin, $swap, $old ) {
	foreach ( array( 'languages', 'plugins' => 'both', 'themes', 'uploads' ) as $name ) {
		list( $content, $folders, $plans ) = $ready();
		$begin( $folders, $plans );
		Mortal_Swap::$stuck = $name;
		same( 'SWAP_RENAME', refusal( static function () use ( $swap, $content ) {
			$swap( $content )[1]->forward();
		} ) );
		Mortal_Swap::$stuck = '';
		same( $old, tree( $content ), $name );
		same( 'old', file_get_contents( "$content/custom-migrator/tables" ) );
		same( '', ( new Custom_Migrator_Journal( "$content/custom-migrator/j" ) )->phase() );
	}
} );

check( 'puts aside what appears meanwhile under a new name', static function () use ( $ready, $begin, $swap, $mortal, $new ) {
	list( $content, $folders, $plans ) = $ready();
	$begin( $folders, $plans );
	// languages comes first, with one move; then plugins with three out: the fifth move brings the first one in.
	$mortal( 4, false, static function () use ( $swap, $content ) {
		$swap( $content )[1]->forward();
	} );
	put( $content, array( 'plugins/both/stray.txt' => 'x' ) );
	$swap( $content )[1]->forward();
	same( $new, tree( $content ) );
} );

check( 'does not take a new name for an old one that was deleted meanwhile', static function () use ( $ready, $begin, $swap, $mortal, $new ) {
	list( $content, $folders, $plans ) = $ready();
	$begin( $folders, $plans );
	Custom_Migrator_Site_Folders::remove( "$content/plugins/both" );
	// languages, two plugins out, one in.
	same( true, $mortal( 3, true, static function () use ( $swap, $content ) {
		$swap( $content )[1]->forward();
	} ) );
	$swap( $content )[1]->forward();
	same( $new, tree( $content ) );
} );

check( 'swaps what is in a link, and leaves the link', static function () use ( $ready, $begin, $swap, $home ) {
	$shared = "$home/shared-uploads";
	put( $shared, array( 'a.png' => 'old', 'cache/x' => 'kept' ) );
	$files = OLD;
	unset( $files['uploads/a.png'], $files['uploads/only-old/b.png'] );
	$content = $home . '/' . bin2hex( random_bytes( 4 ) );
	put( $content, $files );
	symlink( $shared, "$content/uploads" );
	$folders = new Custom_Migrator_Site_Folders( array( 'uploads' => "$content/uploads" ), $content );
	$plans   = $folders->prepare( 'j', array( 'uploads' ), true );
	same( 'entries', $plans['uploads']['mode'] );
	put( $plans['uploads']['home'] . '/staged', array( 'uploads/b.png' => 'new' ) );
	file_put_contents( "$content/custom-migrator/tables", 'old' );
	$begin( $folders, $plans );
	$swap( $content )[1]->forward();
	same( true, is_link( "$content/uploads" ) );
	same( array( 'b.png' => 'new', 'cache' => '/', 'cache/x' => 'kept' ), tree( $shared ) );
	$swap( $content )[1]->back();
	same( array( 'a.png' => 'old', 'cache' => '/', 'cache/x' => 'kept' ), tree( $shared ) );
} );

check( 'stages inside of a folder that is a file system of its own, and swaps what is in it', static function () use ( $begin, $swap, $home ) {
	// /dev/shm is one everywhere on Linux; a site elsewhere has its uploads there.
	if ( ! is_dir( '/dev/shm' ) || stat( '/dev/shm' )['dev'] === stat( $home )['dev'] ) {
		return;
	}
	$other = '/dev/shm/' . basename( $home );
	put( $other, array( 'a.png' => 'old' ) );
	$content = $home . '/' . bin2hex( random_bytes( 4 ) );
	mkdir( $content );
	try {
		$folders = new Custom_Migrator_Site_Folders( array( 'uploads' => $other ), $content );
		$plans   = $folders->prepare( 'j', array( 'uploads' ) );
		same( array( 'root' => $other, 'mode' => 'entries', 'home' => "$other/custom-migrator/j", 'keeps' => false ), $plans['uploads'] );
		same( true, is_file( "$other/custom-migrator/.htaccess" ) );
		put( $plans['uploads']['home'] . '/staged', array( 'uploads/b.png' => 'new' ) );
		file_put_contents( "$content/custom-migrator/tables", 'old' );
		$begin( $folders, $plans );
		$swap( $content )[1]->forward();
		same( array( 'b.png' => 'new' ), tree( $other ) );
		$swap( $content )[1]->back();
		same( array( 'a.png' => 'old' ), tree( $other ) );
	} finally {
		Custom_Migrator_Site_Folders::remove( $other );
	}
} );

check( 'closes its folder to visitors', static function () use ( $ready ) {
	list( $content ) = $ready();
	foreach ( array( '.htaccess', 'web.config', 'index.php' ) as $name ) {
		same( true, is_file( "$content/custom-migrator/$name" ), $name );
	}
} );

check( 'refuses a folder that is a file, before anything is changed', static function () use ( $home ) {
	$content = $home . '/' . bin2hex( random_bytes( 4 ) );
	put( $content, array( 'uploads' => 'a file' ) );
	same( 'FILES_PERMISSION', refusal( static function () use ( $content ) {
		( new Custom_Migrator_Site_Folders( array( 'uploads' => "$content/uploads" ), $content ) )->prepare( 'j', array( 'uploads' ) );
	} ) );
	same( 'a file', file_get_contents( "$content/uploads" ) );
} );

check( 'keeps a torn journal from being taken for one', static function () use ( $ready, $begin ) {
	list( $content, $folders, $plans ) = $ready();
	file_put_contents( "$content/custom-migrator/j/journal.json", '{"phase":"swapp' );
	same( array(), Custom_Migrator_Journal::all( "$content/custom-migrator" ) );
	$begin( $folders, $plans );
	same( 1, count( Custom_Migrator_Journal::all( "$content/custom-migrator" ) ) );
	same( array( '.', '..', 'journal.json', 'saved', 'staged' ), scandir( "$content/custom-migrator/j" ) );
} );

check( 'keeps links and what closes folders of uploads, but nothing that the new site has', static function () use ( $ready ) {
	list( $content, , $plans ) = $ready( OLD + array( 'uploads/paid/.htaccess' => 'Deny from all', 'uploads/paid/a.pdf' => 'old', 'uploads/index.php' => '<?php', 'uploads/cache/x.php' => 'x', 'themes/t/functions.php' => 'old' ) );
	symlink( '/elsewhere', "$content/uploads/link" );
	put( $plans['uploads']['home'] . '/staged', array( 'uploads/index.php/strange' => 'new' ) );
	$keepsakes = new Custom_Migrator_Keepsakes( $plans );
	while ( ! $keepsakes->keep( 0 ) ) {
		$keepsakes = new Custom_Migrator_Keepsakes( $plans, $keepsakes->place() );
	}
	$staged = tree( $plans['uploads']['home'] . '/staged' );
	same( 'Deny from all', $staged['uploads/paid/.htaccess'] );
	same( '-> /elsewhere', $staged['uploads/link'] );
	same( '/', $staged['uploads/index.php'] );
	same( false, isset( $staged['uploads/paid/a.pdf'] ) || isset( $staged['uploads/cache'] ) || isset( $staged['themes/t/functions.php'] ) );
} );

check( 'gives the lock to one at a time', static function () use ( $home ) {
	$one = Custom_Migrator_Lock::take( $home, 0 );
	same( null, Custom_Migrator_Lock::take( $home, 0.1 ) );
	$one->release();
	same( false, null === Custom_Migrator_Lock::take( $home, 0 ) );
} );

same( true, Custom_Migrator_Site_Folders::remove( $home ) );
finish();
