<?php
/**
 * What each route does.
 *
 * @package Custom_Migrator
 */

/** Each answers with what becomes JSON, or with a function that writes the body; or throws. */
final class Custom_Migrator_Routes {
	/** Status of HTTP by refusal; by its beginning where the whole name isn't there. */
	const STATUS = array(
		'MIGRATOR_KEY'     => 401,
		'MIGRATOR_USER'    => 403,
		'MIGRATOR_SCOPES'  => 400,
		'MULTISITE'        => 409,
		'EXPORT_TICKET'    => 400,
		'EXPORT_REQUEST'   => 400,
		'EXPORT_CHANGED'   => 409,
		'EXPORT_CURSOR'    => 409,
		'FINGERPRINT_OF'   => 400,
		'IMPORT_UNKNOWN'   => 404,
		'IMPORT_REQUEST'   => 400,
		'IMPORT_SCOPE'     => 422,
		'FILES_CHANGED'    => 409,
		'ROLLBACK_GONE'    => 410,
		'NOT_A_CLONE'      => 403,
		'LOGIN_USER'       => 404,
		'LOGIN_LINKS'      => 429,
		'RESET_UNFINISHED' => 409,
	);

	/** Statuses by beginning. */
	const STATUS_OF_KINDS = array(
		'ARCHIVE_' => 422,
		'IMPORT_'  => 409,
	);

	/**
	 * GET status.
	 *
	 * @return array<string, mixed>
	 */
	public static function status() {
		return Custom_Migrator_Site_Status::all();
	}

	/**
	 * POST key.
	 *
	 * @return array{key: string, expires: string}
	 */
	public static function key() {
		return Custom_Migrator_Keys::make();
	}

	/**
	 * POST export.
	 *
	 * @param WP_REST_Request $request job, scopes, ticket.
	 * @return callable
	 * @throws Custom_Migrator_Error `EXPORT_…`, `MIGRATOR_SCOPES`.
	 */
	public static function export( $request ) {
		$job    = $request['job'];
		$scopes = Custom_Migrator_Scopes::checked( $request['scopes'] );
		if ( ! is_string( $job ) || ! preg_match( Custom_Migrator_Import_Store::JOB, $job ) ) {
			throw new Custom_Migrator_Error( 'EXPORT_REQUEST', 'job: is no id of letters, digits, - and _, up to 64. Give one.' );
		}
		$export   = new Custom_Migrator_Export( Custom_Migrator_Site::tables(), Custom_Migrator_Site_Folders::of_site()->roots( $scopes ), Custom_Migrator_Site::tickets( 'export' ), $job, $scopes, $request['ticket'] );
		$manifest = Custom_Migrator_Site::manifest();
		return static function ( $stream, $flush ) use ( $export, $manifest ) {
			$export->slice( $stream, $manifest, $flush );
		};
	}

	/**
	 * POST import.
	 *
	 * @param WP_REST_Request $request The job.
	 * @return array<string, mixed>
	 */
	public static function begin( $request ) {
		return Custom_Migrator_Imports::begin( (array) $request->get_json_params() );
	}

	/**
	 * GET import.
	 *
	 * @param WP_REST_Request $request job.
	 * @return array<string, mixed>
	 */
	public static function state( $request ) {
		return Custom_Migrator_Imports::state( $request['job'] );
	}

	/**
	 * PUT import.
	 *
	 * @param WP_REST_Request $request job; the body is read from PHP's own stream.
	 * @return array<string, mixed>
	 * @throws Custom_Migrator_Error `IMPORT_PLACE` with the state, and what the import refuses.
	 */
	public static function put( $request ) {
		$stream = fopen( 'php://input', 'rb' ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a stream.
		try {
			return Custom_Migrator_Imports::put( $request->get_query_params()['job'], $stream );
		} catch ( Custom_Migrator_Error $error ) {
			throw 'IMPORT_PLACE' === $error->name() ? $error->with_state( Custom_Migrator_Imports::state( $request->get_query_params()['job'] ) ) : $error;
		}
	}

	/**
	 * POST finish.
	 *
	 * @param WP_REST_Request $request job.
	 * @return array<string, mixed>
	 */
	public static function finish( $request ) {
		return Custom_Migrator_Finish::slice( $request['job'] );
	}

	/**
	 * POST rollback.
	 *
	 * @param WP_REST_Request $request job.
	 * @return array{job: mixed, phase: string}
	 */
	public static function rollback( $request ) {
		return Custom_Migrator_Finish::rollback( $request['job'] );
	}

	/**
	 * POST reset.
	 *
	 * @return array{reset: bool}
	 */
	public static function reset() {
		Custom_Migrator_Finish::reset();
		return array( 'reset' => true );
	}

	/**
	 * POST fingerprint.
	 *
	 * @param WP_REST_Request $request scopes, of, ticket.
	 * @return callable
	 * @throws Custom_Migrator_Error `NOT_A_CLONE`, `FINGERPRINT_OF`, `EXPORT_TICKET`, `MIGRATOR_SCOPES`.
	 */
	public static function fingerprint( $request ) {
		$scopes = Custom_Migrator_Scopes::checked( $request['scopes'] );
		if ( 'site' !== $request['of'] && ! Custom_Migrator_Clone::is_clone() ) {
			throw new Custom_Migrator_Error( 'NOT_A_CLONE', 'site: is no clone, so it has no record of what was copied. Ask for of: site.' );
		}
		$list = new Custom_Migrator_Fingerprint_Stream( Custom_Migrator_Site::database(), Custom_Migrator_Site::prefix(), Custom_Migrator_Site_Folders::of_site()->roots( $scopes ), Custom_Migrator_Site::tickets( 'fingerprint' ), $scopes, $request['of'], $request['ticket'] );
		return array( $list, 'slice' );
	}

	/**
	 * POST login-link.
	 *
	 * @param WP_REST_Request $request user.
	 * @return array{url: string, expires: mixed}
	 */
	public static function login_link( $request ) {
		return Custom_Migrator_Login_Link::create( $request['user'] );
	}

	/**
	 * The status of a refusal.
	 *
	 * @param string $name Its code.
	 * @return int
	 */
	public static function status_of( $name ) {
		if ( isset( self::STATUS[ $name ] ) ) {
			return self::STATUS[ $name ];
		}
		foreach ( self::STATUS_OF_KINDS as $start => $status ) {
			if ( 0 === strpos( $name, $start ) ) {
				return $status;
			}
		}
		return 500;
	}
}
