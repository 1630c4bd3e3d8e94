/** What the local backend needs of WordPress: sites that are made, started and stopped. */
import { createHash, randomBytes as systemRandomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "./lock";
import { PHP_FOLDER, PhpKind } from "./php";
import { installSite, startSite, WordPressSite } from "./wordpress-site";
import type { Say, WordPressFiles } from "./wordpress-files";

/** What a site is started with; kept by whoever owns it. */
export interface SiteIdentity {
  readonly port: number;
  /** Of its administrator. */
  readonly username: string;
  /** Not to be logged. */
  readonly password: string;
  /** Of its migration plugin. Not to be logged. */
  readonly apiKey: string;
}

export interface RunningSite {
  /** Without a slash at its end. */
  readonly url: string;
  /** Why it ended, once it has, asked or not. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface LocalSites {
  /** Makes an empty site in a folder that isn't there yet, and starts it. @throws {Error} and nothing of it stays */
  make(folder: string): Promise<{ readonly identity: SiteIdentity; readonly running: RunningSite }>;
  /** Starts one that was made. @throws {Error} if it can't, such as when its port is taken */
  start(folder: string, identity: SiteIdentity): Promise<RunningSite>;
}

export interface WordPressSitesOptions {
  readonly files: WordPressFiles;
  readonly php: PhpKind;
  /** As of `userCache`: keeps the installed site that all others are copies of. */
  readonly cacheFolder: string;
  readonly randomBytes?: (size: number) => Buffer;
  readonly say: Say;
}

const ADMIN = "admin";

/** Real WordPress on SQLite. A new site is a copy of one that was installed once. */
export class WordPressSites implements LocalSites {
  private readonly randomBytes: (size: number) => Buffer;

  constructor(private readonly options: WordPressSitesOptions) {
    this.randomBytes = options.randomBytes ?? systemRandomBytes;
  }

  async make(folder: string) {
    const template = await this.template();
    const secret = () => this.randomBytes(24).toString("base64url");
    const made = { username: ADMIN, password: secret(), apiKey: secret() };
    let site: WordPressSite | undefined;
    try {
      await cp(template, folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
      site = await this.begin(folder, made.apiKey);
      const { url, port } = site;
      await site.run(join(PHP_FOLDER, "personalize.php"), { url, username: made.username, password: made.password });
      // The first page of a site compiles WordPress; whoever comes next doesn't wait for that.
      await (await fetch(`${url}/?rest_route=/`)).arrayBuffer();
      return { identity: { ...made, port }, running: site };
    } catch (error) {
      await site?.stop();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async start(folder: string, { port, apiKey }: SiteIdentity): Promise<RunningSite> {
    return await this.begin(folder, apiKey, port);
  }

  private async begin(folder: string, apiKey: string, port?: number): Promise<WordPressSite> {
    const { files, php } = this.options;
    // The plugin says the latter too, but later than WordPress asks.
    const own = { MIGRATION_API_KEY: apiKey, CUSTOM_MIGRATOR_CLONE: true, WP_ENVIRONMENT_TYPE: "staging" };
    return await startSite({
      folder,
      files,
      php,
      plugin: "mu",
      constants: own,
      ...(port === undefined ? {} : { port }),
    });
  }

  /** Folder of the installed site; its password is known to nobody. */
  private async template(): Promise<string> {
    const { files, php, cacheFolder, say } = this.options;
    const all = join(cacheFolder, "loomworks-platform", "wordpress");
    const folder = join(all, `template-${files.version}-${await versionOf(PHP_FOLDER)}`);
    if (existsSync(folder)) return folder;
    await withLock(
      `${folder}.lock`,
      (holder) => say(`Waiting for ${holder}, which installs WordPress`),
      async () => {
        if (existsSync(folder)) return;
        const start = Date.now();
        const made = join(all, `.new-${process.pid}-${this.randomBytes(4).toString("hex")}`);
        try {
          const site = await startSite({ folder: made, files, php });
          try {
            const password = this.randomBytes(24).toString("base64url");
            await installSite(site, { title: "Clone", username: ADMIN, password });
          } finally {
            await site.stop();
          }
          // Salts, address and log are each site's own.
          for (const name of ["salts.php", "wp-config.php", "php.log", "tmp"]) {
            await rm(join(made, name), { recursive: true, force: true });
          }
          await rename(made, folder);
          say(
            `Installed WordPress ${files.version}, once for all clones (${Math.round((Date.now() - start) / 1_000)} s)`,
          );
        } finally {
          await rm(made, { recursive: true, force: true });
        }
      },
    );
    return folder;
  }
}

/** Changes with each of our PHP files: an older installation is left alone then. */
async function versionOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(folder)).sort()) hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest("hex").slice(0, 8);
}

/** The old file or the new one, whatever happens in between; for nobody's eyes but the user's. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Removes what none of the names given is. */
export async function removeOthers(folder: string, names: ReadonlySet<string>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (!names.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
