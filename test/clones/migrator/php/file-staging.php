<?php
require __DIR__ . '/harness.php';
foreach ( array( 'migrator-error', 'archive-rules', 'file-staging' ) as $class ) {
	require PLUGIN . "/includes/class-$class.php";
}

$home = sys_get_temp_dir() . '/migrator-' . bin2hex( random_bytes( 6 ) );
mkdir( $home );

/** A staging folder of a check's own. */
$fresh = static function () use ( $home ) {
	return $home . '/' . bin2hex( random_bytes( 4 ) );
};

check( 'writes files in parts, and empty ones', static function () use ( $fresh ) {
	$root    = $fresh();
	$staging = new Custom_Migrator_File_Staging( $root );
	$staging->write( 'uploads', '2024/05/a.png', 0, "a\0" );
	$staging->write( 'uploads', '2024/05/a.png', 2, 'b' );
	$staging->write( 'plugins', 'x/x.php', 0, '' );
	same( "a\0b", file_get_contents( "$root/uploads/2024/05/a.png" ) );
	same( '', file_get_contents( "$root/plugins/x/x.php" ) );
} );

check( 'goes on after a cut: what was written behind the offset is written anew', static function () use ( $fresh ) {
	$root    = $fresh();
	$staging = new Custom_Migrator_File_Staging( $root );
	$staging->write( 'uploads', 'a', 0, 'good' );
	$staging->write( 'uploads', 'a', 4, 'torn part' );
	$again = new Custom_Migrator_File_Staging( $root );
	$again->write( 'uploads', 'a', 4, 'end' );
	same( 'goodend', file_get_contents( "$root/uploads/a" ) );
	$again->write( 'uploads', 'a', 0, 'new' );
	same( 'new', file_get_contents( "$root/uploads/a" ) );
} );

check( 'refuses a part whose parts before are not there', static function () use ( $fresh ) {
	$staging = new Custom_Migrator_File_Staging( $fresh() );
	foreach ( array( 'a', 'b' ) as $index => $path ) {
		if ( 1 === $index ) {
			$staging->write( 'uploads', $path, 0, 'x' );
		}
		same( 'STAGING_GAP', refusal( static function () use ( $staging, $path ) {
			$staging->write( 'uploads', $path, 2, 'x' );
		} ) );
	}
} );

check( 'follows no link, and removes links without what they lead to', static function () use ( $fresh, $home ) {
	$root = $fresh();
	mkdir( "$home/outside" );
	file_put_contents( "$home/outside/kept.txt", 'kept' );
	$staging = new Custom_Migrator_File_Staging( $root );
	$staging->write( 'uploads', 'x/a.txt', 0, 'a' );
	symlink( "$home/outside", "$root/uploads/folder" );
	symlink( "$home/outside/kept.txt", "$root/uploads/x/file.txt" );
	symlink( "$home/outside/new.txt", "$root/uploads/x/dangling.txt" );
	symlink( "$home/outside", "$root/themes" );
	foreach ( array( array( 'uploads', 'folder/b.txt' ), array( 'uploads', 'x/file.txt' ), array( 'uploads', 'x/dangling.txt' ), array( 'themes', 'b.txt' ) ) as list( $scope, $path ) ) {
		same( 'STAGING_LINK', refusal( static function () use ( $staging, $scope, $path ) {
			$staging->write( $scope, $path, 0, 'evil' );
		} ), $path );
	}
	symlink( "$home/outside", "$home/link" );
	same( 'STAGING_LINK', refusal( static function () use ( $home ) {
		new Custom_Migrator_File_Staging( "$home/link/" );
	} ) );
	$staging->discard();
	same( false, file_exists( $root ) );
	same( array( '.', '..', 'kept.txt' ), scandir( "$home/outside" ) );
	same( 'kept', file_get_contents( "$home/outside/kept.txt" ) );
} );

check( 'asks the rules itself', static function () use ( $fresh, $home ) {
	$staging = new Custom_Migrator_File_Staging( $fresh() );
	foreach ( array( '../../evil.txt' => 'ARCHIVE_PATH', 'a.php' => 'ARCHIVE_FILE_TYPE' ) as $path => $code ) {
		same( $code, refusal( static function () use ( $staging, $path ) {
			$staging->write( 'uploads', $path, 0, 'x' );
		} ) );
	}
	same( false, file_exists( "$home/evil.txt" ) );
} );

check( 'tells when a file stands where a folder should, and when a folder stands where a file should', static function () use ( $fresh ) {
	$staging = new Custom_Migrator_File_Staging( $fresh() );
	$staging->write( 'uploads', 'a', 0, 'x' );
	$staging->write( 'uploads', 'b/c', 0, 'x' );
	foreach ( array( 'a/b', 'b' ) as $path ) {
		same( 'STAGING_WRITE', refusal( static function () use ( $staging, $path ) {
			$staging->write( 'uploads', $path, 0, 'x' );
		} ) );
	}
} );

( new Custom_Migrator_File_Staging( $home ) )->discard();
check( 'leaves nothing behind', static function () use ( $home ) {
	same( false, file_exists( $home ) );
} );

finish();
