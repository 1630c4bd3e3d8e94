/** The wp-config.php of a site on this machine. */
import type { SitePlace } from "./php";

export interface MySqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Not to be logged. */
  readonly password: string;
  /** Of the database, which is there. */
  readonly name: string;
}

export type Constant = string | number | boolean;

export interface SiteSettings {
  /** @default SQLite, in the site's folder */
  readonly database?: MySqlAddress;
  readonly prefix: string;
  /** Whether one PHP answers all its requests, one after the other: it doesn't call itself then. */
  readonly isAlone: boolean;
  /** Besides those that every site has; may replace them. */
  readonly constants: Readonly<Record<string, Constant>>;
}

/** Names of WordPress's keys and salts. */
const SALTS = ["AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE"].flatMap((name) => [`${name}_KEY`, `${name}_SALT`]);

/** Of every site: nothing here calls the internet or changes WordPress's own files, which all sites share. */
const CONSTANTS: Readonly<Record<string, Constant>> = {
  AUTOMATIC_UPDATER_DISABLED: true,
  DISALLOW_FILE_EDIT: true,
  FS_METHOD: "direct",
  WP_AUTO_UPDATE_CORE: false,
  WP_DEBUG_DISPLAY: false,
  WP_DEFAULT_THEME: "twentytwentyfour",
  WP_HTTP_BLOCK_EXTERNAL: true,
};

/**
 * WordPress looks after itself by calling itself, its health check in every admin page and its cron: where one PHP does
 * everything, that is a minute until the answer doesn't come. Hooks that stand here before WordPress does are taken over.
 */
const NO_CALLS_TO_ITSELF = `$GLOBALS['wp_filter']['pre_http_request'][10]['loomworks'] = array(
	'accepted_args' => 3,
	'function'      => static function ( $answer, $args, $url ) {
		$own   = parse_url( (string) getenv( 'CLONES_URL' ) );
		$other = parse_url( $url );
		$same  = ( $own['host'] ?? '' ) === ( $other['host'] ?? '' ) && ( $own['port'] ?? 80 ) === ( $other['port'] ?? 80 );
		return $same ? new WP_Error( 'http_request_failed', 'This site answers one request after the other.' ) : $answer;
	},
);
`;

/** Its keys and salts, made once in a site's life. */
export function saltsPhp(random: () => string): string {
  return `<?php\n${SALTS.map((name) => define(name, random())).join("")}`;
}

/** Text of wp-config.php: it names no folder, so that the same one serves wherever the site's folder is seen. */
export function configPhp(
  { url }: Pick<SitePlace, "url">,
  { database, prefix, isAlone, constants }: SiteSettings,
): string {
  const storage: Record<string, Constant> =
    database === undefined
      ? { DB_NAME: "wordpress", DB_USER: "", DB_PASSWORD: "", DB_HOST: "" }
      : {
          DB_NAME: database.name,
          DB_USER: database.user,
          DB_PASSWORD: database.password,
          DB_HOST: `${database.host}:${database.port}`,
        };
  const alone: Record<string, Constant> = isAlone ? { DISABLE_WP_CRON: true } : {};
  const all = { ...CONSTANTS, ...alone, ...storage, DB_CHARSET: "utf8mb4", DB_COLLATE: "", ...constants };
  return [
    "<?php\n",
    "require __DIR__ . '/salts.php';\n",
    "define( 'WP_CONTENT_DIR', __DIR__ . '/wp-content' );\n",
    ...(database === undefined ? ["define( 'DB_DIR', __DIR__ . '/database' );\n"] : []),
    ...Object.entries(all).map(([name, value]) => define(name, value)),
    `$table_prefix = ${literal(prefix)};\n`,
    ...(isAlone ? [NO_CALLS_TO_ITSELF] : []),
    // Before its installation WordPress would take the address of whoever asks first.
    `if ( defined( 'WP_INSTALLING' ) ) define( 'WP_SITEURL', ${literal(url)} );\n`,
  ].join("");
}

function define(name: string, value: Constant): string {
  return `define( ${literal(name)}, ${literal(value)} );\n`;
}

function literal(value: Constant): string {
  if (typeof value !== "string") return String(value);
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
