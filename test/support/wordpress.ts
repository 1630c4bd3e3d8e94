/** Real WordPress sites for process tests, each in a folder that goes with it. */
import { randomBytes } from "node:crypto";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { missingNativePhp } from "../../clones/local/native-php";
import { hasWasmPackages } from "../../clones/local/wasm-php";
import { installSite, PLUGIN_FOLDER, SiteOptions, startSite, WordPressSite } from "../../clones/local/wordpress-site";
import { hasWordPressFiles, userCache, WordPressFiles, wordpressFiles } from "../../clones/local/wordpress-files";
import { Keeper } from "../cluster/keeper";
import type { MariaDb } from "./mariadb-server";

export { fillDemoSite } from "../../clones/local/demo/demo-site";

/** Of the admin. */
export const TEST_ADMIN = { username: "admin", password: "correct horse battery" } as const;

export interface TestSiteOptions extends Pick<
  SiteOptions,
  "prefix" | "constants" | "environment" | "ini" | "php" | "url" | "port"
> {
  /** WordPress itself. @default the version that clones have */
  readonly files?: WordPressFiles;
  /** @default SQLite; of a MariaDB, one that is made for this site and stays with the server */
  readonly database?: "sqlite" | Pick<MariaDb, "host" | "port" | "rootPassword">;
  /** The migration plugin: a must-use one, none, or one as from an upload, activated. @default "none" */
  readonly plugin?: "mu" | "none" | "installed";
}

export interface TestSite extends WordPressSite {
  readonly admin: typeof TEST_ADMIN;
  /** Database of the MariaDB, or undefined. */
  readonly database: string | undefined;
  /** Runs PHP within the site, and gives what that returns: `site.evaluate("return get_option( $input['name'] );", …)`. */
  evaluate(code: string, input?: object): Promise<any>;
  /** Ends it and removes its folder. So does the end of the test process, however that comes. */
  stop(): Promise<void>;
}

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingWordPress(): string | undefined {
  const php = missingNativePhp();
  if (php !== undefined) return `${php}: apt-get install php-cli php-sqlite3 php-mysql php-mbstring php-xml`;
  if (hasWordPressFiles(userCache())) return undefined;
  return "WordPress's files are missing: npx tsx clones/local/prepare.ts";
}

/** The same for sites whose PHP is the one in WebAssembly. */
export function missingWasmPhp(): string | undefined {
  if (hasWordPressFiles(userCache()) && hasWasmPackages(userCache())) return undefined;
  return "WordPress's files or PHP in WebAssembly are missing: npx tsx clones/local/prepare.ts";
}

/** Returns when WordPress is installed and answers. */
export async function startTestSite(options: TestSiteOptions = {}): Promise<TestSite> {
  const { database: wanted = "sqlite", plugin = "none", php = "native", ...others } = options;
  const keeper = new Keeper("loomworks-site-");
  try {
    const files = options.files ?? (await wordpressFiles(userCache(), () => undefined));
    const database = wanted === "sqlite" ? undefined : await newDatabase(wanted);
    const folder = join(keeper.folder, "site");
    const common = { ...others, php, folder, files, plugin: plugin === "mu" ? plugin : "none" } as const;
    const site = await startSite({ ...common, ...(database === undefined ? {} : { database }) });
    await installSite(site, { title: "Test site", ...TEST_ADMIN });
    const scripts = { count: 0 };
    const evaluate = async (code: string, input: object = {}) => {
      const file = join(keeper.folder, `evaluated-${(scripts.count += 1)}.php`);
      writeFileSync(file, `<?php\n${code}\n`);
      return await site.run(file, input);
    };
    if (plugin === "installed") {
      cpSync(PLUGIN_FOLDER, join(site.content, "plugins", "custom-migrator"), { recursive: true });
      await evaluate(ACTIVATE, { plugin: "custom-migrator/custom-migrator.php" });
    }
    const stop = async () => {
      await site.stop();
      await keeper.release();
    };
    return { ...site, admin: TEST_ADMIN, database: database?.name, evaluate, stop };
  } catch (error) {
    await keeper.release();
    throw error;
  }
}

const ACTIVATE = `
require_once ABSPATH . 'wp-admin/includes/plugin.php';
$result = activate_plugin( $input['plugin'] );
if ( is_wp_error( $result ) ) {
	throw new RuntimeException( $result->get_error_message() );
}`;

async function newDatabase({ host, port, rootPassword }: Pick<MariaDb, "host" | "port" | "rootPassword">) {
  const name = `site_${randomBytes(4).toString("hex")}`;
  const connection = await createConnection({ host, port, user: "root", password: rootPassword });
  try {
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  } finally {
    await connection.end();
  }
  return { host, port, user: "root", password: rootPassword, name };
}
