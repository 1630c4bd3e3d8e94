/** The migration plugin as WordPress takes it: a zip with one folder. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { zipSync } from "fflate";

/** Its folder on a site, and its file in there. */
export const PLUGIN = "custom-migrator";
const MAIN_FILE = `${PLUGIN}.php`;

export interface PluginPackage {
  readonly version: string;
  readonly zip: Buffer;
}

/** @throws if the folder has no plugin: the installation is broken */
export async function packPlugin(folder: string): Promise<PluginPackage> {
  const main = await readFile(join(folder, MAIN_FILE), "utf8");
  const version = /^[ \t/*#]*Version:\s*(\S+)/m.exec(main)?.[1];
  if (version === undefined) throw new Error(`${MAIN_FILE} has no version`);
  const files: Record<string, Uint8Array> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[`${PLUGIN}/${relative(folder, path).split(sep).join("/")}`] = await readFile(path);
  }
  return { version, zip: Buffer.from(zipSync(files)) };
}
