<?php
/**
 * Where a site's folders are, and where an import keeps what it has of them.
 *
 * @package Custom_Migrator
 */

/**
 * An import's own folder is `wp-content/custom-migrator/<job>`, closed to visitors. A folder that is a mount, a link or on
 * another file system can't be renamed, nor can anything be renamed into it: there, what is new is kept inside of it, in
 * `custom-migrator/<job>`, and its entries are renamed one by one. The folder `plugins` is always done so, for this plugin
 * stays where it is. A real rename of a small file tells the one from the other, before anything is changed.
 */
final class Custom_Migrator_Site_Folders {
	/** What closes a folder to visitors: of Apache, of IIS, and of a server that lists folders. */
	const CLOSED = array(
		'.htaccess'  => "<IfModule mod_authz_core.c>\n\tRequire all denied\n</IfModule>\n<IfModule !mod_authz_core.c>\n\tDeny from all\n</IfModule>\n",
		'web.config' => "<configuration><system.webServer><authorization><deny users=\"*\"/></authorization></system.webServer></configuration>\n",
		'index.php'  => "<?php\n// Nothing here.\n",
	);

	/**
	 * Absolute path of each folder.
	 *
	 * @var array<string, string>
	 */
	private $roots;

	/**
	 * Path of wp-content.
	 *
	 * @var string
	 */
	private $content;

	/**
	 * Knows where things are; makes nothing.
	 *
	 * @param array<string, string> $roots   Absolute path of `uploads`, `plugins`, `themes`, `languages`.
	 * @param string                $content Absolute path of wp-content.
	 */
	public function __construct( array $roots, $content ) {
		$this->roots   = array_map( array( __CLASS__, 'trimmed' ), $roots );
		$this->content = self::trimmed( $content );
	}

	/**
	 * Those of the running WordPress.
	 *
	 * @return self
	 */
	public static function of_site() {
		$uploads = wp_get_upload_dir();
		return new self(
			array(
				'uploads'   => $uploads['basedir'],
				'plugins'   => WP_PLUGIN_DIR,
				'themes'    => get_theme_root(),
				'languages' => WP_CONTENT_DIR . '/languages',
			),
			WP_CONTENT_DIR
		);
	}

	/**
	 * Absolute paths of the folders that scopes mean.
	 *
	 * @param string[] $scopes Checked.
	 * @return array<string, string>
	 */
	public function roots( array $scopes ) {
		$roots = array();
		foreach ( array_intersect( Custom_Migrator_Scopes::folders( $scopes ), array_keys( $this->roots ) ) as $folder ) {
			$roots[ $folder ] = $this->roots[ $folder ];
		}
		return $roots;
	}

	/**
	 * The folder of all imports.
	 *
	 * @return string
	 */
	public function home() {
		return $this->content . '/' . Custom_Migrator_Scopes::OWN;
	}

	/**
	 * The folder of an import.
	 *
	 * @param string $job Its id.
	 * @return string
	 */
	public function job( $job ) {
		return $this->home() . '/' . $job;
	}

	/**
	 * Ids of the imports that have a folder.
	 *
	 * @return string[]
	 */
	public function jobs() {
		$found = glob( $this->home() . '/*', GLOB_ONLYDIR );
		return array_map( 'basename', $found ? $found : array() );
	}

	/**
	 * Makes the folder of an import, and sees how each folder will be swapped.
	 *
	 * @param string   $job    Its id.
	 * @param string[] $scopes Checked.
	 * @param bool     $keeps  Whether what Custom_Migrator_Left_Out knows stays in its place; so it does in a restore, not in a
	 *                         clone.
	 * @return array<string, array{root: string, mode: string, home: string, keeps: bool}> By folder: where it is, `whole` or `entries`, and
	 *                                                                        where `staged` and `saved` are.
	 * @throws Custom_Migrator_Error `FILES_PERMISSION`, before anything is changed.
	 */
	public function prepare( $job, array $scopes, $keeps = false ) {
		self::make( $this->home() );
		self::close( $this->home() );
		$home = $this->job( $job );
		self::make( $home );
		$plans = array();
		foreach ( $this->roots( $scopes ) as $folder => $root ) {
			$plans[ $folder ] = $this->plan( $job, $folder, $root ) + array( 'keeps' => $keeps );
			if ( $keeps && is_dir( $root ) ) {
				$plans[ $folder ]['mode'] = 'entries';
			}
			self::make( $plans[ $folder ]['home'] );
			self::make( $plans[ $folder ]['home'] . '/staged' );
			self::make( $plans[ $folder ]['home'] . '/staged/' . $folder );
		}
		return $plans;
	}

	/**
	 * Removes a folder, or a part of it if time is up; of links, the links.
	 *
	 * @param string $place Absolute.
	 * @param float  $until Of microtime().
	 * @return bool Whether it is gone.
	 */
	public static function remove( $place, $until = INF ) {
		// phpcs:disable WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- no credentials of FTP; all answers are checked.
		if ( is_link( $place ) || ! is_dir( $place ) ) {
			return @unlink( $place ) || ( ! file_exists( $place ) && ! is_link( $place ) );
		}
		$names = @scandir( $place, SCANDIR_SORT_NONE );
		foreach ( array_diff( is_array( $names ) ? $names : array(), array( '.', '..' ) ) as $name ) {
			if ( microtime( true ) > $until || ! self::remove( $place . '/' . $name, $until ) ) {
				return false;
			}
		}
		return @rmdir( $place );
		// phpcs:enable
	}

	/**
	 * Makes a folder, unless it is there.
	 *
	 * @param string $place Absolute; the one above is there.
	 * @throws Custom_Migrator_Error `FILES_PERMISSION`.
	 */
	public static function make( $place ) {
		clearstatcache( true, $place );
		// phpcs:ignore WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- one level; its answer is checked.
		if ( is_link( $place ) || ( ! is_dir( $place ) && ! @mkdir( $place, 0755 ) && ! is_dir( $place ) ) ) {
			throw self::refusal( basename( dirname( $place ) ) );
		}
	}

	/**
	 * Closes a folder to visitors.
	 *
	 * @param string $place Absolute.
	 * @throws Custom_Migrator_Error `STAGING_WRITE`.
	 */
	private static function close( $place ) {
		foreach ( self::CLOSED as $name => $text ) {
			if ( ! is_file( "$place/$name" ) && false === @file_put_contents( "$place/$name", $text ) ) { // phpcs:ignore WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- its answer is checked.
				throw self::refusal( basename( $place ) );
			}
		}
	}

	/**
	 * How a folder will be swapped.
	 *
	 * @param string $job    Id of the import.
	 * @param string $folder Its name in an archive.
	 * @param string $root   Absolute.
	 * @return array{root: string, mode: string, home: string}
	 * @throws Custom_Migrator_Error If it can't be swapped.
	 */
	private function plan( $job, $folder, $root ) {
		$home = $this->job( $job );
		if ( ! file_exists( $root ) && ! is_link( $root ) ) {
			self::probe( $home, dirname( $root ), $folder );
			return array(
				'root' => $root,
				'mode' => basename( $root ) === $folder ? 'whole' : 'entries',
				'home' => $home,
			);
		}
		$is_link = is_link( $root );
		$real    = $is_link ? realpath( $root ) : $root;
		if ( false === $real || ! is_dir( $real ) || ! is_writable( $real ) || ( ! $is_link && ! is_writable( dirname( $real ) ) && 'plugins' !== $folder ) ) { // phpcs:ignore WordPress.WP.AlternativeFunctions -- no credentials of FTP.
			throw self::refusal( $folder );
		}
		$is_inside = ! self::can_rename( $home, $real );
		if ( $is_inside ) {
			$home = $real . '/' . Custom_Migrator_Scopes::OWN;
			self::make( $home );
			if ( 'plugins' !== $folder ) {
				self::close( $home );
			}
			$home .= '/' . $job;
			self::make( $home );
			self::probe( $home, $real, $folder );
		}
		return array(
			'root' => $real,
			'mode' => $is_inside || $is_link || 'plugins' === $folder || basename( $real ) !== $folder ? 'entries' : 'whole',
			'home' => $home,
		);
	}

	/**
	 * Whether things can be renamed from one folder into another.
	 *
	 * @param string $from Absolute.
	 * @param string $to   Absolute.
	 * @return bool
	 */
	private static function can_rename( $from, $to ) {
		// phpcs:disable WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- a try, whose answer is checked.
		$name  = 'custom-migrator-probe-' . bin2hex( random_bytes( 6 ) );
		$is_ok = false;
		// A folder, for PHP copies a file where it can't rename it.
		if ( @mkdir( "$from/$name" ) ) {
			$is_ok = @rename( "$from/$name", "$to/$name" );
			@rmdir( "$to/$name" );
			@rmdir( "$from/$name" );
		}
		return $is_ok;
		// phpcs:enable
	}

	/**
	 * Sees that things can be renamed.
	 *
	 * @param string $from   Absolute.
	 * @param string $to     Absolute.
	 * @param string $folder For the message.
	 * @throws Custom_Migrator_Error `FILES_PERMISSION`.
	 */
	private static function probe( $from, $to, $folder ) {
		if ( ! self::can_rename( $from, $to ) ) {
			throw self::refusal( $folder );
		}
	}

	/**
	 * The refusal.
	 *
	 * @param string $folder Short name.
	 * @return Custom_Migrator_Error
	 */
	private static function refusal( $folder ) {
		return new Custom_Migrator_Error( 'FILES_PERMISSION', "$folder: PHP may not write there, or it is no folder of its own. Let PHP's user own wp-content and what is in it." );
	}

	/**
	 * A path without a slash at its end.
	 *
	 * @param string $path Absolute.
	 * @return string
	 */
	private static function trimmed( $path ) {
		return rtrim( $path, '/\\' );
	}
}
