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

/** Its keys and salts, made once in a site's life. */
export function saltsPhp(random: () => string): string {
  return `<?php\n${SALTS.map((name) => define(name, random())).join("")}`;
}

/** Text of wp-config.php: it names no folder, so that the same one serves wherever the site's folder is seen. */
export function configPhp({ url }: Pick<SitePlace, "url">, { database, prefix, constants }: SiteSettings): string {
  const storage: Record<string, Constant> =
    database === undefined
      ? { DB_NAME: "wordpress", DB_USER: "", DB_PASSWORD: "", DB_HOST: "" }
      : {
          DB_NAME: database.name,
          DB_USER: database.user,
          DB_PASSWORD: database.password,
          DB_HOST: `${database.host}:${database.port}`,
        };
  const all = { ...CONSTANTS, ...storage, DB_CHARSET: "utf8mb4", DB_COLLATE: "", ...constants };
  return [
    "<?php\n",
    "require __DIR__ . '/salts.php';\n",
    "define( 'WP_CONTENT_DIR', __DIR__ . '/wp-content' );\n",
    ...(database === undefined ? ["define( 'DB_DIR', __DIR__ . '/database' );\n"] : []),
    ...Object.entries(all).map(([name, value]) => define(name, value)),
    `$table_prefix = ${literal(prefix)};\n`,
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
