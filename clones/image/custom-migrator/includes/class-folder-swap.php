<?php
/**
 * Puts folders in the places of others by renaming, forward and back.
 *
 * @package Custom_Migrator
 */

/**
 * A group is one directory, `live`, and what happens in it: its `old` names go to `saved`, then the `new` names come from
 * `staged`. A whole folder is a group of one name in wp-content. Both ways may be cut anywhere and run again: which names
 * were moved is seen by where they are, never counted. What appeared meanwhile under a new name is put aside.
 */
class Custom_Migrator_Folder_Swap {
	/**
	 * What happens where.
	 *
	 * @var array<int, array{live: string, staged: string, saved: string, old: string[], new: string[]}>
	 */
	private $groups;

	/**
	 * Moves nothing yet.
	 *
	 * @param array<int, array<string, mixed>> $groups Of groups(), from the journal.
	 */
	public function __construct( array $groups ) {
		$this->groups = $groups;
	}

	/**
	 * What is to happen; makes the folders for what is saved.
	 *
	 * @param array<string, array{root: string, mode: string, home: string, keeps: bool}> $plans Of Custom_Migrator_Site_Folders::prepare().
	 * @return array<int, array<string, mixed>>
	 * @throws Custom_Migrator_Error `FILES_PERMISSION`.
	 */
	public static function groups( array $plans ) {
		$groups = array();
		foreach ( $plans as $folder => $plan ) {
			Custom_Migrator_Site_Folders::make( $plan['home'] . '/saved' );
			if ( 'whole' === $plan['mode'] ) {
				$groups[] = array(
					'live'   => dirname( $plan['root'] ),
					'staged' => $plan['home'] . '/staged',
					'saved'  => $plan['home'] . '/saved',
					'old'    => self::exists( $plan['root'] ) ? array( $folder ) : array(),
					'new'    => array( $folder ),
				);
				continue;
			}
			Custom_Migrator_Site_Folders::make( $plan['root'] );
			Custom_Migrator_Site_Folders::make( $plan['home'] . '/saved/' . $folder );
			$groups[] = array(
				'live'   => $plan['root'],
				'staged' => $plan['home'] . '/staged/' . $folder,
				'saved'  => $plan['home'] . '/saved/' . $folder,
				'old'    => $plan['keeps'] ? array_values( array_filter( self::names( $plan['root'] ), self::is_moved( $folder ) ) ) : self::names( $plan['root'] ),
				'new'    => self::names( $plan['home'] . '/staged/' . $folder ),
			);
		}
		return $groups;
	}

	/**
	 * All new names in their places, all old ones saved.
	 *
	 * @throws Custom_Migrator_Error `SWAP_RENAME`.
	 */
	public function forward() {
		foreach ( $this->groups as $group ) {
			$new = array_flip( $group['new'] );
			foreach ( $group['old'] as $name ) {
				// A new name that has left the staging folder is in its place already.
				$is_in = isset( $new[ $name ] ) && ! self::exists( "{$group['staged']}/$name" );
				if ( ! $is_in && self::exists( "{$group['live']}/$name" ) && ! self::exists( "{$group['saved']}/$name" ) ) {
					$this->move( "{$group['live']}/$name", "{$group['saved']}/$name" );
				}
			}
			foreach ( $group['new'] as $name ) {
				if ( self::exists( "{$group['staged']}/$name" ) ) {
					$this->put_aside( "{$group['live']}/$name", $group['saved'] );
					$this->move( "{$group['staged']}/$name", "{$group['live']}/$name" );
				}
			}
		}
	}

	/**
	 * All as it was: new names staged again, all saved ones in their places.
	 *
	 * @throws Custom_Migrator_Error `SWAP_RENAME`.
	 */
	public function back() {
		foreach ( array_reverse( $this->groups ) as $group ) {
			foreach ( $group['new'] as $name ) {
				if ( ! self::exists( "{$group['staged']}/$name" ) && self::exists( "{$group['live']}/$name" ) ) {
					$this->move( "{$group['live']}/$name", "{$group['staged']}/$name" );
				}
			}
			foreach ( $group['old'] as $name ) {
				if ( self::exists( "{$group['saved']}/$name" ) ) {
					$this->put_aside( "{$group['live']}/$name", $group['staged'] );
					$this->move( "{$group['saved']}/$name", "{$group['live']}/$name" );
				}
			}
		}
	}

	/**
	 * Moves one name.
	 *
	 * @param string $from Absolute.
	 * @param string $to   Absolute; nothing is there.
	 * @throws Custom_Migrator_Error `SWAP_RENAME`.
	 */
	protected function move( $from, $to ) {
		if ( ! @rename( $from, $to ) ) { // phpcs:ignore WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- one rename, no copies; its answer is checked.
			throw new Custom_Migrator_Error( 'SWAP_RENAME', basename( $from ) . ': could not be renamed. Look whether it is a mount, or of another owner.' );
		}
	}

	/**
	 * Puts something aside that appeared where a name should go.
	 *
	 * @param string $place  Absolute.
	 * @param string $beside Folder beside which it is kept until the clean-up.
	 */
	private function put_aside( $place, $beside ) {
		if ( self::exists( $place ) ) {
			$this->move( $place, $beside . '-aside-' . bin2hex( random_bytes( 6 ) ) );
		}
	}

	/**
	 * Names in a directory but our own.
	 *
	 * @param string $place Absolute.
	 * @return string[]
	 * @throws Custom_Migrator_Error `FILES_PERMISSION`.
	 */
	private static function names( $place ) {
		$names = @scandir( $place ); // phpcs:ignore WordPress.PHP.NoSilencedErrors -- its answer is checked.
		if ( ! is_array( $names ) ) {
			throw new Custom_Migrator_Error( 'FILES_PERMISSION', basename( $place ) . ': PHP may not read it. Let PHP\'s user own wp-content and what is in it.' );
		}
		return array_values( array_diff( $names, array( '.', '..', Custom_Migrator_Scopes::OWN ) ) );
	}

	/**
	 * Tells names that are moved from those that stay: caches and backups of other plugins.
	 *
	 * @param string $folder One of Custom_Migrator_Archive_Rules::SCOPES.
	 * @return callable
	 */
	private static function is_moved( $folder ) {
		return static function ( $name ) use ( $folder ) {
			return ! Custom_Migrator_Left_Out::has( $folder, $name );
		};
	}

	/**
	 * Whether anything is there, a link that leads nowhere as well.
	 *
	 * @param string $place Absolute.
	 * @return bool
	 */
	private static function exists( $place ) {
		clearstatcache( true, $place );
		return is_link( $place ) || file_exists( $place );
	}
}
