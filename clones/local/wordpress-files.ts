/** WordPress's own files: taken once from an npm package that carries them, and kept for all sites of this user. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { InvalidInputError } from "../../constructs/shared/problems";
import { withLock } from "./lock";
import { runNpm } from "./npm";

export interface WordPressFiles {
  readonly version: string;
  /** Holds all of the below, and the wp-config.php that leads to a site's own. */
  readonly folder: string;
  /** WordPress without its wp-content. Shared by all sites, and changed by none. */
  readonly core: string;
  /** What a new site's wp-content is copied from: one theme, no plugin. */
  readonly contentTemplate: string;
  /** The plugin that lets WordPress live on SQLite. */
  readonly sqlite: string;
}

/** Says what is done and how long it took. */
export type Say = (message: string) => void;

/** Complete WordPress comes to where npm comes, which wordpress.org may not. Only these files of the package are used. */
const SOURCE = {
  version: "7.1.1",
  package: "wp-studio@1.22.0",
  integrity: "boMtahkhgWDKKyNTBA1uTK5ghnAmxXhDY6KeQCO9FmcI3/o+YOSq8JwYW5ZYnxHCxH14Jf/mD6CJTBvTWl2Ytw==",
  megabytes: 65,
  /** Folders above `latest` and `sqlite-database-integration`. */
  within: "package/dist/cli/wp-files/",
  /** The smallest one that looks like a site; each theme makes every copy of a site slower. */
  theme: "twentytwentyfour",
} as const;

/** Directory name that a new site's pages and tests count on. */
export const DEFAULT_THEME = SOURCE.theme;

/** Where this user's programs keep what they can get again. */
export function userCache(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_CACHE_HOME: asked } = env;
  return asked === undefined || asked === "" ? join(homedir(), ".cache") : asked;
}

/**
 * The files, from the cache if they are there, which needs no network; otherwise by the user's own npm.
 *
 * @param cacheFolder as of {@link userCache}
 * @throws {InvalidInputError} WORDPRESS_DOWNLOAD, WORDPRESS_CHECKSUM
 */
export async function wordpressFiles(cacheFolder: string, say: Say): Promise<WordPressFiles> {
  const all = join(cacheFolder, "loomworks-platform", "wordpress");
  const folder = join(all, SOURCE.version);
  if (!existsSync(folder)) {
    await mkdir(all, { recursive: true });
    const waiting = (holder: string) => say(`Waiting for ${holder}, which gets WordPress ${SOURCE.version}`);
    await withLock(join(all, `${SOURCE.version}.lock`), waiting, async () => {
      if (!existsSync(folder)) await get(all, folder, say);
    });
  }
  await configure(folder);
  const { version } = SOURCE;
  return {
    version,
    folder,
    core: join(folder, "core"),
    contentTemplate: join(folder, "content"),
    sqlite: join(folder, "sqlite-database-integration"),
  };
}

/** Whether {@link wordpressFiles} needs no network. */
export function hasWordPressFiles(cacheFolder: string): boolean {
  return existsSync(join(cacheFolder, "loomworks-platform", "wordpress", SOURCE.version));
}

async function get(all: string, folder: string, say: Say): Promise<void> {
  const start = Date.now();
  const made = join(all, `.new-${process.pid}-${randomBytes(4).toString("hex")}`);
  await mkdir(made);
  try {
    say(`Getting WordPress ${SOURCE.version} (${SOURCE.megabytes} MB, once): npm pack ${SOURCE.package}`);
    const tarball = await pack(made);
    await verify(tarball);
    await unpack(tarball, made);
    await rm(tarball);
    // The folder is there as a whole or not at all.
    await rename(made, folder);
    say(`WordPress ${SOURCE.version} is in ${folder} (${Math.round((Date.now() - start) / 1_000)} s)`);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** @returns path of the tarball */
async function pack(folder: string): Promise<string> {
  const args = ["pack", SOURCE.package, "--silent", "--pack-destination", folder];
  const { succeeded, said } = await runNpm(args, folder);
  if (succeeded) return join(folder, `${SOURCE.package.replace("@", "-")}.tgz`);
  throw problem(
    "WORDPRESS_DOWNLOAD",
    said,
    "npm could not get the package that carries WordPress",
    "Is the network, or the registry that npm is set to, there? It is needed once; afterwards the cache is enough",
  );
}

async function verify(tarball: string): Promise<void> {
  const hash = createHash("sha512");
  await pipeline(createReadStream(tarball), hash);
  const got = hash.digest("base64");
  if (got === SOURCE.integrity) return;
  const reason = "the package isn't the one that this version was tested with; nothing of it was used";
  throw problem("WORDPRESS_CHECKSUM", `sha512-${got}`, reason, "Ask whoever runs the registry that npm is set to");
}

async function unpack(tarball: string, folder: string): Promise<void> {
  const wordpress = `${SOURCE.within}latest/wordpress/`;
  const content = `${wordpress}wp-content/`;
  const wanted = (path: string) => {
    if (path.startsWith(content)) {
      const [kind, name] = path.slice(content.length).split("/");
      if (kind === "plugins") return name === "index.php";
      return kind !== "themes" || name === SOURCE.theme || name === "index.php";
    }
    return path.startsWith(wordpress) || path.startsWith(`${SOURCE.within}sqlite-database-integration/`);
  };
  const strip = SOURCE.within.split("/").length - 1;
  await extract({ file: tarball, cwd: folder, strip, strict: true, filter: wanted });
  await rename(join(folder, "latest", "wordpress"), join(folder, "core"));
  await rename(join(folder, "core", "wp-content"), join(folder, "content"));
  await rm(join(folder, "latest"), { recursive: true });
}

/** What of it is ours may be newer than the cache. */
async function configure(folder: string): Promise<void> {
  const ours = join(__dirname, "php", "core-config.php");
  const path = join(folder, "wp-config.php");
  const [wanted, there] = await Promise.all([ours, path].map((file) => readFile(file, "utf8").catch(() => undefined)));
  if (wanted === there || wanted === undefined) return;
  const written = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(written, wanted);
  await rename(written, path);
}

/** Copies what a new site starts with. */
export async function copyContent({ contentTemplate }: WordPressFiles, to: string): Promise<void> {
  await cp(contentTemplate, to, { recursive: true });
}

function problem(code: string, value: string, reason: string, remedy: string): InvalidInputError {
  return new InvalidInputError([{ code, path: SOURCE.package, value, reason, remedy }]);
}
