import { randomBytes } from "node:crypto";
import { newJobId } from "../../../clones/domain/job-id";
import { PLUGIN_FOLDER } from "../../../clones/local/wordpress-site";
import type { CopyRequest, SiteAccess } from "../../../clones/migration/site-migrator";
import { WordPressMigrator } from "../../../clones/migration/wordpress-migrator";
import { systemClock } from "../../../clones/provisioner/clock";
import { describeWith } from "../../support/requires";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";

const KEY = "key-of-the-clone-0123456789abcdef";
const { signal } = new AbortController();

describeWith(missingWordPress(), "[CLONE-06] a clone of a real WordPress", () => {
  let source: TestSite;
  const targets: TestSite[] = [];
  const migrator = new WordPressMigrator({
    urlPolicy: { allowPrivate: true },
    clock: systemClock,
    pluginFolder: PLUGIN_FOLDER,
  });

  beforeAll(async () => {
    source = await startTestSite({ plugin: "none" });
    await fillDemoSite(source, { posts: 7, pixels: 16 });
  }, 120_000);
  afterAll(() => Promise.all([source, ...targets].map((site) => site.stop())));

  async function emptyClone(): Promise<{ site: TestSite; access: SiteAccess }> {
    const site = await startTestSite({ plugin: "mu", environment: { MIGRATION_API_KEY: KEY, CLONE_NAME: "clone-1" } });
    targets.push(site);
    const access = {
      url: site.url,
      username: "clone-admin",
      password: "password-of-the-clone",
      apiKey: KEY,
      own: true,
    };
    return { site, access };
  }

  async function copy(access: SiteAccess, more: Partial<CopyRequest> = {}) {
    const clone = await emptyClone();
    const reports: string[] = [];
    const request = {
      jobId: newJobId(randomBytes),
      source: access,
      target: clone.access,
      publicUrl: clone.site.url,
      anonymize: false,
      report: (fraction: number, message: string) => void reports.push(`${fraction.toFixed(2)} ${message}`),
      signal,
      ...more,
    };
    const outcome = await migrator.copy(request);
    return { ...clone, outcome, reports, request };
  }

  it("is made by logging in and bringing the plugin along", async () => {
    const access = { url: source.url, ...source.admin };
    await migrator.check(access, signal);
    const { site, outcome, reports } = await copy(access);
    console.log(reports.join("\n"), outcome);
    const page = await (await fetch(site.url)).text();
    expect(page).toContain("</html>");
    expect(page).not.toContain(source.url);
  }, 120_000);
});
