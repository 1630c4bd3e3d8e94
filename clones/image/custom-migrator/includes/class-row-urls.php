<?php
/**
 * Rewrites the URLs in rows.
 *
 * @package Custom_Migrator
 */

/** All texts, but those that are names or secrets and not links; bytes and numbers stay. */
final class Custom_Migrator_Row_Urls {
	/** Types that may hold a URL. */
	const TEXTS = array( 'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'json' );

	/**
	 * Texts that stay: a changed hash or key opens nothing. A guid isn't among them, though it is a name and no link: a clone
	 * shows it to everyone in feeds and REST. A restore puts back those of the target, see Custom_Migrator_Restore_Merge.
	 */
	const KEPT = array(
		'users' => array( 'user_pass', 'user_activation_key' ),
	);

	/**
	 * Rewrites texts, serialized or not.
	 *
	 * @var Custom_Migrator_Serialized_Walker
	 */
	private $walker;

	/**
	 * Says in one look whether a text concerns us.
	 *
	 * @var Custom_Migrator_Url_Rewriter
	 */
	private $rewriter;

	/**
	 * How often each problem came, by `code table column`.
	 *
	 * @var array<string, int>
	 */
	private $problems = array();

	/**
	 * Learns what becomes what.
	 *
	 * @param array<string, string> $urls New URL by old one.
	 * @throws Custom_Migrator_Error `URL_INVALID`.
	 */
	public function __construct( array $urls ) {
		$this->rewriter = new Custom_Migrator_Url_Rewriter( $urls );
		$this->walker   = new Custom_Migrator_Serialized_Walker( $this->rewriter );
	}

	/**
	 * The map from a source to a target. Where one has WordPress in a folder of its own (`siteurl` is not `home`) and the other
	 * hasn't, the folders of its files tell which of the target's two a URL means.
	 *
	 * @param array<string, string> $from `home`, and if they are known `siteurl` and `uploads_url`.
	 * @param array<string, string> $to   The same.
	 * @return array<string, string>
	 */
	public static function map( array $from, array $to ) {
		$from = self::complete( $from );
		$to   = self::complete( $to );
		$urls = array();
		if ( $from['siteurl'] !== $from['home'] || $to['siteurl'] !== $to['home'] ) {
			foreach ( array( 'wp-content', 'wp-includes', 'wp-admin', 'wp-login.php' ) as $file ) {
				$urls[ $from['siteurl'] . '/' . $file ] = $to['siteurl'] . '/' . $file;
			}
		}
		$urls[ $from['siteurl'] ]     = $from['siteurl'] === $from['home'] ? $to['home'] : $to['siteurl'];
		$urls[ $from['home'] ]        = $to['home'];
		$urls[ $from['uploads_url'] ] = $to['uploads_url'];
		return $urls;
	}

	/**
	 * A row with the target's URLs.
	 *
	 * @param string                     $table Without prefix.
	 * @param array<string, string>      $types Neutral types by column.
	 * @param array<string, string|null> $row   Values by column.
	 * @return array<string, string|null>
	 * @throws Custom_Migrator_Error `URL_REWRITE`.
	 */
	public function row( $table, array $types, array $row ) {
		$kept = isset( self::KEPT[ $table ] ) ? self::KEPT[ $table ] : array();
		foreach ( $row as $name => $value ) {
			// The shortest URL is longer.
			if ( null === $value || strlen( $value ) < 4 || ! in_array( $types[ $name ], self::TEXTS, true ) || in_array( $name, $kept, true ) || ! $this->rewriter->concerns( $value ) ) {
				continue;
			}
			$row[ $name ] = $this->walker->walk( $value );
			foreach ( $this->walker->problems() as $problem ) {
				$place                    = $problem['code'] . ' ' . $table . ' ' . $name;
				$this->problems[ $place ] = 1 + ( isset( $this->problems[ $place ] ) ? $this->problems[ $place ] : 0 );
			}
		}
		return $row;
	}

	/**
	 * What stayed as it was, and is forgotten here then.
	 *
	 * @return array<string, int> How often by `code table column`; codes as Custom_Migrator_Serialized_Walker::problems() has them.
	 */
	public function take_problems() {
		$problems       = $this->problems;
		$this->problems = array();
		return $problems;
	}

	/**
	 * All three URLs, without a slash at the end.
	 *
	 * @param array<string, string> $urls `home`, and what else is known.
	 * @return array<string, string>
	 */
	private static function complete( array $urls ) {
		$urls           += array( 'siteurl' => '' );
		$urls['siteurl'] = '' === (string) $urls['siteurl'] ? $urls['home'] : $urls['siteurl'];
		$urls           += array( 'uploads_url' => '' );
		if ( '' === (string) $urls['uploads_url'] ) {
			$urls['uploads_url'] = rtrim( $urls['siteurl'], '/' ) . '/wp-content/uploads';
		}
		foreach ( array( 'home', 'siteurl', 'uploads_url' ) as $name ) {
			$urls[ $name ] = rtrim( $urls[ $name ], '/' );
		}
		return $urls;
	}
}
