import { randomBytes } from "node:crypto";
import { newJobId } from "../../../clones/domain/job-id";
import { PLUGIN_FOLDER } from "../../../clones/local/wordpress-site";
import type { CopyRequest, RestoreRequest, SiteAccess } from "../../../clones/migration/site-migrator";
import { WordPressMigrator } from "../../../clones/migration/wordpress-migrator";
import { systemClock } from "../../../clones/provisioner/clock";
import { startTestSite, TestSite } from "../../support/wordpress";

const KEY = "key-of-the-clone-0123456789abcdef";
export const { signal } = new AbortController();

export function newMigrator(): WordPressMigrator {
  return new WordPressMigrator({
    urlPolicy: { allowPrivate: true },
    clock: systemClock,
    pluginFolder: PLUGIN_FOLDER,
  });
}

/** An installed WordPress that waits for its content, as backends make it. */
export async function startClone(): Promise<{ readonly site: TestSite; readonly access: SiteAccess }> {
  const site = await startTestSite({ plugin: "mu", environment: { MIGRATION_API_KEY: KEY, CLONE_NAME: "clone-1" } });
  const access = { url: site.url, username: "clone-admin", password: "password-of-the-clone", apiKey: KEY, own: true };
  return { site, access };
}

export const accessOf = ({ url, admin }: TestSite): SiteAccess => ({ url, ...admin });

export function copyRequest(source: SiteAccess, target: SiteAccess, more: Partial<CopyRequest> = {}): CopyRequest {
  const jobId = newJobId(randomBytes);
  const common = { anonymize: false, report: () => undefined, signal };
  return { jobId, source, target, publicUrl: target.url, ...common, ...more };
}

export function restoreRequest(
  source: SiteAccess,
  target: SiteAccess,
  more: Partial<RestoreRequest> = {},
): RestoreRequest {
  const scopes = ["content", "uploads", "plugins", "themes", "options"] as const;
  return {
    jobId: newJobId(randomBytes),
    source,
    target,
    scopes,
    force: false,
    report: () => undefined,
    signal,
    ...more,
  };
}
