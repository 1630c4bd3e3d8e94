/** A WordPress of the documents' time, for tests of what crosses versions: `npx tsx test/support/old-wordpress.ts` gets it. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { copyFile, cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { unzipSync } from "fflate";
import { extract } from "tar";
import { withLock } from "../../clones/local/lock";
import { runNpm } from "../../clones/local/npm";
import { PHP_FOLDER } from "../../clones/local/php";
import { Say, userCache, WordPressFiles, wordpressFiles } from "../../clones/local/wordpress-files";
import { runCommand } from "../../constructs/shared/cli";

/** PHP stands in a zip, what browsers load beside it. */
const SOURCE = {
  version: "6.4.5",
  package: "@wp-playground/wordpress-builds@0.9.19",
  tarball: "wp-playground-wordpress-builds-0.9.19.tgz",
  integrity: "dlqvh/MJDpE5W68vgPPKUjpip6zMuBh59L3D18ZX+pdwurC4q4ydrTww/3sTMV69BBcoH6kF93YtAtujNC5Mpw==",
  zip: "package/src/wordpress/wp-6.4.zip",
  overlay: "package/public/wp-6.4/",
} as const;

export const OLD_WORDPRESS = SOURCE.version;

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingOldWordPress(): string | undefined {
  if (existsSync(folderIn(userCache()))) return undefined;
  return `WordPress ${SOURCE.version} is missing (158 MB, once): npx tsx test/support/old-wordpress.ts`;
}

/** Its files, from the cache if they are there; otherwise by the user's own npm. */
export async function oldWordPress(cacheFolder: string, say: Say): Promise<WordPressFiles> {
  const { sqlite } = await wordpressFiles(cacheFolder, say);
  const folder = folderIn(cacheFolder);
  await mkdir(dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, say, async () => {
    if (!existsSync(folder)) await get(folder, sqlite, say);
  });
  await copyFile(join(PHP_FOLDER, "core-config.php"), join(folder, "wp-config.php"));
  return {
    version: SOURCE.version,
    folder,
    core: join(folder, "core"),
    contentTemplate: join(folder, "content"),
    sqlite: join(folder, "sqlite-database-integration"),
  };
}

function folderIn(cacheFolder: string): string {
  return join(cacheFolder, "loomworks-platform", "wordpress", SOURCE.version);
}

async function get(folder: string, sqlite: string, say: Say): Promise<void> {
  const made = `${folder}.new-${randomBytes(4).toString("hex")}`;
  await mkdir(made);
  try {
    say(`Getting WordPress ${SOURCE.version} (158 MB, once): npm pack ${SOURCE.package}`);
    const { succeeded, said } = await runNpm(["pack", SOURCE.package, "--silent", "--pack-destination", made], made);
    if (!succeeded) throw new Error(`npm could not get ${SOURCE.package}: ${said}`);
    await unpack(join(made, SOURCE.tarball), made);
    // The implementation of SQLite is the newer one, which knows this WordPress too.
    await cp(sqlite, join(made, "sqlite-database-integration"), { recursive: true });
    await rename(made, folder);
    say(`WordPress ${SOURCE.version} is in ${folder}`);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

async function unpack(tarball: string, made: string): Promise<void> {
  const hash = createHash("sha512");
  await pipeline(createReadStream(tarball), hash);
  const got = hash.digest("base64");
  if (got !== SOURCE.integrity) throw new Error(`${SOURCE.package} is another than this test knows: sha512-${got}`);
  const wanted = (path: string) => path === SOURCE.zip || path.startsWith(SOURCE.overlay);
  await extract({ file: tarball, cwd: made, strict: true, filter: wanted });
  await rm(tarball);
  const core = join(made, "core");
  for (const [name, bytes] of Object.entries(unzipSync(await readFile(join(made, SOURCE.zip))))) {
    if (name.endsWith("/")) continue;
    await mkdir(dirname(join(core, name)), { recursive: true });
    await writeFile(join(core, name), bytes);
  }
  await cp(join(made, SOURCE.overlay), core, { recursive: true });
  await rename(join(core, "wp-content"), join(made, "content"));
  for (const name of ["content/plugins", "content/database", "core/wp-config.php"]) {
    await rm(join(made, name), { recursive: true, force: true });
  }
  await mkdir(join(made, "content", "plugins"));
  await rm(join(made, "package"), { recursive: true });
}

if (require.main === module) {
  runCommand(async () => {
    console.log((await oldWordPress(userCache(), console.log)).folder);
    return 0;
  });
}
