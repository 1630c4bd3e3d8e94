<?php
/**
 * The plugin's routes, as WordPress has them.
 *
 * @package Custom_Migrator
 */

/**
 * `custom-migrator/v1`, called as `/?rest_route=…`, which works without permalinks. Whoever has a key of this site may call
 * everything but `key`, whatever else forbids REST here: plugins that close it to visitors, or a proxy's basic
 * authentication, which WordPress takes for an application password.
 */
final class Custom_Migrator_Rest {
	/** Before the route. */
	const SPACE = 'custom-migrator/v1';

	/** Method and function of Custom_Migrator_Routes by route. */
	const ROUTES = array(
		'status'      => array( 'GET' => 'status' ),
		'key'         => array( 'POST' => 'key' ),
		'export'      => array( 'POST' => 'export' ),
		'import'      => array(
			'POST' => 'begin',
			'GET'  => 'state',
			'PUT'  => 'put',
		),
		'finish'      => array( 'POST' => 'finish' ),
		'rollback'    => array( 'POST' => 'rollback' ),
		'reset'       => array( 'POST' => 'reset' ),
		'fingerprint' => array( 'POST' => 'fingerprint' ),
		'login-link'  => array( 'POST' => 'login_link' ),
	);

	/**
	 * Writes the body of the answer at hand, if it isn't JSON.
	 *
	 * @var callable|null
	 */
	private static $writer = null;

	/** Hooks into WordPress. */
	public static function register() {
		add_action( 'rest_api_init', array( __CLASS__, 'add_routes' ) );
		if ( ! self::is_ours() ) {
			return;
		}
		Custom_Migrator_Classes::all();
		// A notice of any plugin would be in front of the JSON, or amid an archive.
		@ini_set( 'display_errors', '0' ); // phpcs:ignore WordPress.PHP.IniSet, WordPress.PHP.NoSilencedErrors -- for these requests only; some hosts forbid it.
		@ini_set( 'zlib.output_compression', '0' ); // phpcs:ignore WordPress.PHP.IniSet, WordPress.PHP.NoSilencedErrors -- it would keep back what is streamed.
		ob_start();
		if ( isset( $_SERVER['REQUEST_METHOD'] ) && 'PUT' === $_SERVER['REQUEST_METHOD'] ) {
			// WordPress would read all of the body into memory.
			$GLOBALS['HTTP_RAW_POST_DATA'] = ''; // phpcs:ignore WordPress.WP.GlobalVariablesOverride, PHPCompatibility -- WP_REST_Server::get_raw_data() looks here.
		}
		if ( ! defined( 'DONOTCACHEPAGE' ) ) {
			define( 'DONOTCACHEPAGE', true );
		}
		add_filter( 'rest_authentication_errors', array( __CLASS__, 'let_in' ), PHP_INT_MAX );
		add_filter( 'rest_pre_serve_request', array( __CLASS__, 'serve' ), PHP_INT_MAX );
	}

	/**
	 * Whether this request is for the plugin.
	 *
	 * @return bool
	 */
	public static function is_ours() {
		$route = isset( $_GET['rest_route'] ) && is_string( $_GET['rest_route'] ) ? $_GET['rest_route'] : ''; // phpcs:ignore WordPress.Security -- compared only.
		$path  = isset( $_SERVER['REQUEST_URI'] ) ? (string) strtok( $_SERVER['REQUEST_URI'], '?' ) : ''; // phpcs:ignore WordPress.Security -- compared only.
		return 0 === strpos( ltrim( $route, '/' ), self::SPACE . '/' ) || false !== strpos( $path, '/' . self::SPACE . '/' );
	}

	/** Tells WordPress the routes. */
	public static function add_routes() {
		foreach ( self::ROUTES as $route => $methods ) {
			$endpoints = array();
			foreach ( $methods as $method => $name ) {
				$endpoints[] = array(
					'methods'             => $method,
					'callback'            => static function ( $request ) use ( $name ) {
						return Custom_Migrator_Rest::answer( $name, $request );
					},
					'permission_callback' => array( __CLASS__, 'key' === $route ? 'may_make_key' : 'may_call' ),
				);
			}
			register_rest_route( self::SPACE, '/' . $route, $endpoints );
		}
	}

	/**
	 * Whether a request has a key.
	 *
	 * @param WP_REST_Request $request Any.
	 * @return true|WP_Error
	 */
	public static function may_call( $request ) {
		if ( is_multisite() ) {
			return self::error( new Custom_Migrator_Error( 'MULTISITE', 'site: is a network of several sites, which this plugin can not copy. Copy it by the database\'s own tools.' ) );
		}
		if ( ! Custom_Migrator_Keys::accepts( $request->get_header( 'X-Migrator-Key' ) ) ) {
			return self::error( new Custom_Migrator_Error( 'MIGRATOR_KEY', 'X-Migrator-Key: is missing, wrong or expired. Get a new one by POST key as an administrator.' ) );
		}
		return true;
	}

	/**
	 * Whether a user may make a key.
	 *
	 * @return true|WP_Error
	 */
	public static function may_make_key() {
		if ( is_multisite() ) {
			return self::error( new Custom_Migrator_Error( 'MULTISITE', 'site: is a network of several sites, which this plugin can not copy. Copy it by the database\'s own tools.' ) );
		}
		return current_user_can( 'manage_options' ) ? true : self::error( new Custom_Migrator_Error( 'MIGRATOR_USER', 'user: is nobody who may manage options. Log in as an administrator, by cookie with X-WP-Nonce, or by an application password.' ) );
	}

	/**
	 * Lets in whoever has a key, whatever others decided.
	 *
	 * @param WP_Error|bool|null $decision Of others.
	 * @return WP_Error|bool|null
	 */
	public static function let_in( $decision ) {
		return isset( $_SERVER['HTTP_X_MIGRATOR_KEY'] ) && Custom_Migrator_Keys::accepts( $_SERVER['HTTP_X_MIGRATOR_KEY'] ) ? true : $decision; // phpcs:ignore WordPress.Security -- compared only.
	}

	/**
	 * Answers a request.
	 *
	 * @param string          $name    Function of Custom_Migrator_Routes.
	 * @param WP_REST_Request $request As it came.
	 * @return WP_REST_Response|WP_Error
	 */
	public static function answer( $name, $request ) {
		try {
			$answer = call_user_func( array( 'Custom_Migrator_Routes', $name ), $request );
			if ( is_callable( $answer ) ) {
				self::$writer = $answer;
				$response     = new WP_REST_Response( null );
				$response->header( 'Content-Type', 'fingerprint' === $name ? 'application/x-ndjson' : 'application/octet-stream' );
				$response->header( 'X-Accel-Buffering', 'no' );
			} else {
				$response = new WP_REST_Response( $answer );
				Custom_Migrator_Site::close();
			}
			$response->header( 'Cache-Control', 'no-store, no-transform' );
			return $response;
		} catch ( Throwable $error ) {
			Custom_Migrator_Site::close();
			return self::error( $error );
		}
	}

	/**
	 * Sees that nothing but the answer is sent; writes what isn't JSON.
	 *
	 * @param bool $served Whether somebody has sent something already.
	 * @return bool
	 */
	public static function serve( $served ) {
		while ( ob_get_level() > 0 && ob_end_clean() ) {
			continue;
		}
		if ( null !== self::$writer ) {
			$output = fopen( 'php://output', 'wb' ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
			try {
				call_user_func( self::$writer, $output, 'flush' );
			} catch ( Throwable $error ) {
				self::end_early( $output, $error );
			}
			fflush( $output );
			Custom_Migrator_Site::close();
			$served = true;
			// What comes at the end of a request, such as a plugin's comment on its own speed, is nothing of the answer.
			ob_start( '__return_empty_string' );
		}
		return $served;
	}

	/**
	 * A refusal as WordPress has it; of what is no refusal of ours, only where it was: its words may have content.
	 *
	 * @param Throwable $error Any.
	 * @return WP_Error
	 */
	public static function error( $error ) {
		if ( ! $error instanceof Custom_Migrator_Error ) {
			$error = new Custom_Migrator_Error( 'MIGRATOR_FAILED', basename( $error->getFile() ) . ':' . $error->getLine() . ': got ' . get_class( $error ) . '; that should not be. See PHP\'s log, and report it.' );
		}
		$data = array( 'status' => Custom_Migrator_Routes::status_of( $error->name() ) );
		if ( null !== $error->state() ) {
			$data['state'] = $error->state();
		}
		return new WP_Error( $error->name(), $error->getMessage(), $data );
	}

	/**
	 * Tells of an error, if nothing was sent before; otherwise the stream ends, and whoever resumes is told.
	 *
	 * @param resource  $output The answer's body.
	 * @param Throwable $thrown Any.
	 */
	private static function end_early( $output, $thrown ) {
		if ( headers_sent() ) {
			return;
		}
		$error = self::error( $thrown );
		status_header( $error->get_error_data()['status'] );
		header( 'Content-Type: application/json; charset=UTF-8' );
		$answer = array(
			'code'    => $error->get_error_code(),
			'message' => $error->get_error_message(),
			'data'    => $error->get_error_data(),
		);
		fwrite( $output, (string) wp_json_encode( $answer ) ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
	}
}
