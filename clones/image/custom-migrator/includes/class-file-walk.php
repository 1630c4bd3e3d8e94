<?php
/**
 * Goes through the files of a site in the order in which an archive has them.
 *
 * @package Custom_Migrator
 */

/**
 * The order is that of `folder/path` as bytes. A directory sorts as its name with a slash behind: `a.txt` and `a-b` come
 * before what is in `a`. So whoever knows the last path can go on behind it, and only the names of the directories above it
 * are held. No link is followed but one that is a root itself: many hosts keep uploads elsewhere.
 */
final class Custom_Migrator_File_Walk {
	/**
	 * Absolute path of each folder, in order.
	 *
	 * @var array<string, string>
	 */
	private $roots;

	/**
	 * What was left out since the walk began, by reason.
	 *
	 * @var array<string, int>
	 */
	private $left_out = array();

	/**
	 * Called with folder, path and absolute path of each thing that is left out; null for nobody.
	 *
	 * @var callable|null
	 */
	private $witness;

	/**
	 * Reads nothing yet.
	 *
	 * @param array<string, string> $roots   Absolute path by folder (`uploads`, …).
	 * @param callable|null         $witness Learns what is left out: folder, path, absolute path.
	 */
	public function __construct( array $roots, $witness = null ) {
		ksort( $roots, SORT_STRING );
		$this->roots   = $roots;
		$this->witness = $witness;
	}

	/**
	 * The files behind a place, one by one.
	 *
	 * @param string $after `folder/path` of the last file; empty begins.
	 * @return Generator<int, array{folder: string, path: string, file: string}>
	 */
	public function files( $after = '' ) {
		foreach ( $this->roots as $folder => $root ) {
			if ( is_dir( $root ) ) {
				yield from $this->below( $folder, '', rtrim( $root, '/' ), $after );
			}
		}
	}

	/**
	 * How often something was left out, by reason: `links`, `refused` by the archive's rules, `unreadable`, `known` folders.
	 *
	 * @return array<string, int>
	 */
	public function left_out() {
		return $this->left_out;
	}

	/**
	 * The files of a directory.
	 *
	 * @param string $folder First part of the name.
	 * @param string $path   Of the directory below it, with a slash at its end; empty for the root.
	 * @param string $place  Absolute.
	 * @param string $after  Where to begin.
	 * @return Generator<int, array{folder: string, path: string, file: string}>
	 */
	private function below( $folder, $path, $place, $after ) {
		foreach ( $this->entries( $folder, $path, $place ) as $key ) {
			$name = $folder . '/' . $path . $key;
			if ( '/' === substr( $key, -1 ) ) {
				if ( strcmp( $name, $after ) > 0 && Custom_Migrator_Left_Out::has( $folder, $path . rtrim( $key, '/' ) ) ) {
					// Not even looked into: a backup of another plugin may be larger than the site.
					$this->leave_out( 'known', $folder, $path . rtrim( $key, '/' ), $place . '/' . rtrim( $key, '/' ) );
				} elseif ( strcmp( $name, $after ) > 0 || 0 === strncmp( $name, $after, strlen( $name ) ) ) {
					// All in it is before the place, unless the place lies in it.
					yield from $this->below( $folder, $path . $key, $place . '/' . substr( $key, 0, -1 ), $after );
				}
			} elseif ( strcmp( $name, $after ) > 0 ) {
				$file = $place . '/' . $key;
				if ( $this->is_copied( $folder, $path . $key, $file ) ) {
					yield array(
						'folder' => $folder,
						'path'   => $path . $key,
						'file'   => $file,
					);
				}
			}
		}
	}

	/**
	 * Names in a directory in order, those of directories with a slash.
	 *
	 * @param string $folder First part of the name.
	 * @param string $path   Of the directory below it, with a slash at its end.
	 * @param string $place  Absolute.
	 * @return string[]
	 */
	private function entries( $folder, $path, $place ) {
		$names = @scandir( $place, SCANDIR_SORT_NONE ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- its answer is checked.
		if ( ! is_array( $names ) ) {
			$this->leave_out( 'unreadable', $folder, rtrim( $path, '/' ), $place );
			return array();
		}
		$keys = array();
		foreach ( $names as $name ) {
			if ( '.' === $name || '..' === $name || ( '' === $path && Custom_Migrator_Scopes::OWN === strtolower( $name ) ) ) {
				continue;
			}
			$keys[] = ! is_link( "$place/$name" ) && is_dir( "$place/$name" ) ? $name . '/' : $name;
		}
		sort( $keys, SORT_STRING );
		return $keys;
	}

	/**
	 * Whether a file goes into the archive; otherwise it is counted.
	 *
	 * @param string $folder First part of the name.
	 * @param string $path   Below it.
	 * @param string $file   Absolute.
	 * @return bool
	 */
	private function is_copied( $folder, $path, $file ) {
		if ( is_link( $file ) ) {
			$reason = 'links';
		} elseif ( Custom_Migrator_Left_Out::has( $folder, $path ) ) {
			$reason = 'known';
		} elseif ( '' !== Custom_Migrator_Archive_Rules::file( $folder, $path ) || ! preg_match( '//u', $path ) ) {
			// JSON, and so a frame's head, can't carry a name that is no UTF-8.
			$reason = 'refused';
		} elseif ( ! is_file( $file ) || ! is_readable( $file ) ) {
			$reason = 'unreadable';
		} else {
			return true;
		}
		$this->leave_out( $reason, $folder, $path, $file );
		return false;
	}

	/**
	 * Counts something, and tells the witness.
	 *
	 * @param string $reason Key of left_out().
	 * @param string $folder First part of the name.
	 * @param string $path   Below it.
	 * @param string $place  Absolute.
	 */
	private function leave_out( $reason, $folder, $path, $place ) {
		$this->left_out[ $reason ] = ( isset( $this->left_out[ $reason ] ) ? $this->left_out[ $reason ] : 0 ) + 1;
		if ( null !== $this->witness ) {
			call_user_func( $this->witness, $folder, $path, $place );
		}
	}
}
