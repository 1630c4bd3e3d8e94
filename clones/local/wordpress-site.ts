/** One WordPress site on this machine. */
import { randomBytes, randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { missingNativePhp, nativePhp } from "./native-php";
import { HOST, INI, Php, PHP_FOLDER, PhpKind, RunningPhp, SitePlace } from "./php";
import { configPhp, Constant, MySqlAddress, saltsPhp } from "./site-config";
import { wasmPackages, wasmPhp } from "./wasm-php";
import { copyContent, Say, userCache, WordPressFiles } from "./wordpress-files";

export type { MySqlAddress } from "./site-config";

export interface SiteOptions {
  /** Made if it isn't there; a site that is there goes on. */
  readonly folder: string;
  readonly files: WordPressFiles;
  /** @default what {@link choosePhp} finds */
  readonly php?: PhpKind;
  /** @default one that is free */
  readonly port?: number;
  /** Where visitors reach it, without a slash at its end. @default `http://127.0.0.1:PORT` */
  readonly url?: string;
  /** @default SQLite, in the folder */
  readonly database?: MySqlAddress;
  /** Of its tables. @default "wp_" */
  readonly prefix?: string;
  /** For wp-config.php. */
  readonly constants?: Readonly<Record<string, Constant>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Settings of php.ini, such as `memory_limit`. */
  readonly ini?: Readonly<Record<string, string>>;
  /** Whether the migration plugin is there as a must-use one. @default "none" */
  readonly plugin?: "mu" | "none";
}

export interface WordPressSite {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** All that is the site's own. */
  readonly folder: string;
  /** Its wp-content. */
  readonly content: string;
  readonly php: PhpKind;
  /** Why it ended, once it has, asked or not. */
  readonly ended: Promise<string>;
  /**
   * Runs a PHP file within the site; it sees `$input`, and what it returns comes back.
   *
   * @throws {Error} with what PHP said, if it didn't come to its end
   */
  run(file: string, input?: object): Promise<unknown>;
  /** Ends its processes; the folder stays. */
  stop(): Promise<void>;
}

export interface Installation {
  readonly title: string;
  readonly username: string;
  /** Not to be logged. */
  readonly password: string;
  /** @default admin@example.com */
  readonly email?: string;
}

/** The plugin's source. */
export const PLUGIN_FOLDER = resolve(__dirname, "../image/custom-migrator");

/** Below what Linux gives to outgoing connections, which might take it between a look and its use. */
const PORTS = { first: 20_000, count: 10_000 } as const;
const TRIES = 5;

/** Returns when it takes connections. @throws {Error} if it doesn't */
export async function startSite(options: SiteOptions): Promise<WordPressSite> {
  const { folder } = options;
  const php = await preparePhp(options.php ?? choosePhp(), userCache(), () => undefined);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const place = placeOf(options, port);
    await prepare(place, options, php.kind);
    try {
      return siteOf(place, php.kind, await php.serve(place));
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (options.port !== undefined || attempt === TRIES) throw new Error(`${folder}: ${(error as Error).message}`);
    }
  }
}

/** Installs WordPress; an installed one stays as it is. */
export async function installSite(site: WordPressSite, wanted: Installation): Promise<void> {
  const { email = "admin@example.com" } = wanted;
  await site.run(join(PHP_FOLDER, "install.php"), { installing: true, ...wanted, email, url: site.url });
}

/** `CLONES_PHP`, or the machine's own PHP if that will do, because it is several times faster. */
export function choosePhp(env: Readonly<Record<string, string | undefined>> = process.env): PhpKind {
  const { CLONES_PHP: asked } = env;
  if (asked === "native" || asked === "wasm") return asked;
  return missingNativePhp() === undefined ? "native" : "wasm";
}

/** One that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + randomInt(PORTS.count);
    if (await isFree(port)) return port;
  }
}

/** What a site's PHP needs of the machine; got once. @throws {InvalidInputError} PHP_DOWNLOAD */
export async function preparePhp(kind: PhpKind, cacheFolder: string, say: Say): Promise<Php> {
  return kind === "native" ? nativePhp : wasmPhp(await wasmPackages(cacheFolder, say));
}

function siteOf({ folder, url, port }: SitePlace, php: PhpKind, running: RunningPhp): WordPressSite {
  const { ended } = running;
  const run = async (file: string, input: object = {}) => await running.run(file, input);
  return { url, port, folder, content: join(folder, "wp-content"), php, ended, run, stop: () => running.stop() };
}

function placeOf({ folder, files, url, ini, environment = {} }: SiteOptions, port: number): SitePlace {
  const own = url ?? `http://${HOST}:${port}`;
  return { folder, files, port, url: own.replace(/\/+$/, ""), ini: { ...INI, ...ini }, environment };
}

/** Puts into the folder what a site needs; what it has of its own stays. */
async function prepare(place: SitePlace, options: SiteOptions, php: PhpKind): Promise<void> {
  const { folder, files } = place;
  const { database, prefix = "wp_", constants = {}, plugin = "none" } = options;
  const content = join(folder, "wp-content");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(content)) await copyContent(files, content);
  const salts = join(folder, "salts.php");
  if (!existsSync(salts))
    await writeFile(
      salts,
      saltsPhp(() => randomBytes(48).toString("base64")),
      { mode: 0o600 },
    );
  await writeFile(
    join(folder, "wp-config.php"),
    configPhp(place, { database, prefix, isAlone: php === "wasm", constants }),
    { mode: 0o600 },
  );
  if (database === undefined) {
    await mkdir(join(folder, "database"), { recursive: true, mode: 0o700 });
    await cp(join(PHP_FOLDER, "db.php"), join(content, "db.php"));
  } else {
    await rm(join(content, "db.php"), { force: true });
  }
  await placePlugin(content, plugin);
}

/** A copy: a link out of the folder leads nowhere in WebAssembly. It is as new as the site's start. */
async function placePlugin(content: string, plugin: "mu" | "none"): Promise<void> {
  const folder = join(content, "mu-plugins");
  await rm(join(folder, "custom-migrator"), { recursive: true, force: true });
  await rm(join(folder, "custom-migrator.php"), { force: true });
  if (plugin === "none") return;
  await cp(PLUGIN_FOLDER, join(folder, "custom-migrator"), { recursive: true });
  await cp(join(PHP_FOLDER, "migrator.php"), join(folder, "custom-migrator.php"));
}

/** Whether nobody listens on it now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
