/** Sources and clones under names of their own, and what copies between them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLUGIN_FOLDER } from "../../../../clones/local/wordpress-site";
import type { SiteAccess } from "../../../../clones/migration/site-migrator";
import { WordPressMigrator } from "../../../../clones/migration/wordpress-migrator";
import { systemClock } from "../../../../clones/provisioner/clock";
import { freePorts } from "../../../cluster/probe";
import { fillDemoSite, startTestSite, TestSite, TestSiteOptions } from "../../../support/wordpress";
import { plant } from "./content";
import { dispatcher, DOMAIN } from "./web";

export const SMALL_HOST = {
  memory_limit: "128M",
  max_execution_time: "30",
  post_max_size: "8M",
  upload_max_filesize: "8M",
};
const KEY = "key-of-the-clone-0123456789abcdef";

export interface NamedSite {
  readonly site: TestSite;
  /** For the migrator. */
  readonly access: SiteAccess;
  /** What the site's PHP gave to sendmail. */
  mails(): string;
}

export function newMigrator(): WordPressMigrator {
  return new WordPressMigrator({ dispatcher, clock: systemClock, pluginFolder: PLUGIN_FOLDER });
}

/** A stranger's site with content in every form, and without our plugin. */
export async function startSource(options: TestSiteOptions, size = { posts: 4, pixels: 16 }): Promise<NamedSite> {
  const named = await startNamed(`www.${DOMAIN}`, options);
  await fillDemoSite(named.site, size);
  await plant(named.site, named.site.url);
  return { ...named, access: { url: named.site.url, ...named.site.admin } };
}

/** An installed WordPress that waits for its content, reached at another address than its visitors use. */
export async function startTarget(options: TestSiteOptions): Promise<NamedSite> {
  const environment = { MIGRATION_API_KEY: KEY, CLONE_NAME: "clone-1" };
  const named = await startNamed("clone-1.clones.test", { ...options, plugin: "mu", environment });
  const url = `http://127.0.0.1:${named.site.port}`;
  const admin = { username: "clone-admin", password: "password-of-the-clone" };
  return { ...named, access: { url, ...admin, apiKey: KEY, own: true } };
}

async function startNamed(name: string, options: TestSiteOptions): Promise<Omit<NamedSite, "access">> {
  const [port = 0] = await freePorts(1);
  // PHP writes what it would send into a file of its folder.
  const ini = { ...options.ini, sendmail_path: "cat >>mails.txt" };
  const site = await startTestSite({ ...options, port, url: `http://${name}:${port}`, ini });
  return { site, mails: () => textOf(join(site.folder, "mails.txt")) };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
