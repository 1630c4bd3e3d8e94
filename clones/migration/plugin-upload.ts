/** Brings the migration plugin onto a site by the pages that administrators use. */
import { FormData } from "undici";
import type { AdminSession } from "./admin-session";
import { multisite, refusalOf } from "./answers";
import { shown, siteError } from "./errors";
import { Page } from "./pages";
import { PLUGIN, PluginPackage } from "./plugin-zip";
import type { MigrationError } from "./site-migrator";

const UPLOAD_PAGE = "wp-admin/plugin-install.php?tab=upload";

/** Whether plugins can be uploaded there; changes nothing. @throws {MigrationError} SITE_PLUGIN_UPLOAD, SITE_MULTISITE */
export async function proveUpload(session: AdminSession): Promise<void> {
  await uploadForm(session);
}

/** Uploads it, in the place of another version if there is one, and activates it. */
export async function uploadPlugin(session: AdminSession, { zip }: PluginPackage): Promise<void> {
  const { url, hidden } = await uploadForm(session);
  const form = new FormData();
  for (const [name, value] of Object.entries(hidden)) form.append(name, value);
  form.append("pluginzip", new Blob([new Uint8Array(zip)], { type: "application/zip" }), `${PLUGIN}.zip`);
  form.append("install-plugin-submit", "Install Now");
  let answer = await session.page("wp-admin/update.php?action=upload-plugin", form);
  const overwrite = adminLink(answer.page, (query) => (query.get("overwrite") ?? "") !== "");
  if (overwrite !== undefined) answer = await session.page(overwrite);
  const activation = adminLink(answer.page, (query) => query.get("action") === "activate");
  if (answer.page.forms.some(({ inputs }) => inputs.includes("hostname") || inputs.includes("connection_type"))) {
    throw noUpload(url, "it wants FTP credentials for changing its files");
  }
  if (answer.status === 413) throw noUpload(url, "its web server takes no file of that size");
  if (activation === undefined && overwrite === undefined) throw noUpload(url, "the upload was not taken");
  if (!(await activatePlugin(session)) && activation !== undefined) await session.page(activation);
}

/** @returns whether it is there and active */
export async function activatePlugin(session: { readonly rest: AdminSession["rest"] }): Promise<boolean> {
  const { status } = await session.rest(`wp/v2/plugins/${PLUGIN}/${PLUGIN}`, { status: "active" });
  return status === 200;
}

async function uploadForm(
  session: AdminSession,
): Promise<{ readonly url: string; readonly hidden: Record<string, string> }> {
  const { page, url, status, ...answer } = await session.page(UPLOAD_PAGE);
  if (url.includes("/wp-admin/network/")) throw multisite(shown(url));
  const form = page.forms.find(({ action }) => action.includes("action=upload-plugin"));
  if (form !== undefined) return { url, hidden: { ...form.hidden } };
  if (status === 401) throw refusalOf({ ...answer, url, status });
  throw noUpload(url, "its administration offers no upload of plugins to this user");
}

/** Path of the first link whose query fits, below the site's own folder. */
function adminLink(page: Page, fits: (query: URLSearchParams) => boolean): string | undefined {
  for (const link of page.links) {
    const file = /(?:^|\/)((?:update|plugins)\.php\?.*)$/.exec(link)?.[1];
    if (file !== undefined && fits(new URLSearchParams(file.slice(file.indexOf("?"))))) return `wp-admin/${file}`;
  }
  return undefined;
}

function noUpload(url: string, reason: string): MigrationError {
  return siteError({
    code: "SITE_PLUGIN_UPLOAD",
    site: shown(url),
    reason: `the migration plugin can't be uploaded: ${reason}`,
    remedy: "Install it there by hand, and give its key or an application password",
  });
}
