/** What issue 6 promises of a clone, looked at from outside and from within. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { newJobId } from "../../../../clones/domain/job-id";
import type { CopyOutcome } from "../../../../clones/migration/site-migrator";
import { TEST_ADMIN, TestSiteOptions } from "../../../support/wordpress";
import { filesIn, mentionsIn, moved, valuesOf } from "./content";
import { NamedSite, newMigrator, startSource, startTarget } from "./sites";
import { Answer, crawl, DOMAIN, get } from "./web";

/** For a suite: a clone from one kind of site to another, held to all of it. Sites end with their test. */
export function proofs(): (from: TestSiteOptions, to: TestSiteOptions) => Promise<void> {
  const started: NamedSite[] = [];
  afterEach(() => Promise.all(started.splice(0).map(({ site }) => site.stop())), 60_000);
  return async (from, to) => {
    const [source, target] = await Promise.all([startSource(from), startTarget(to)]);
    started.push(source, target);
    await proveTrueCopy(source, target, await copied(source, target));
  };
}

/** Copies, and looks at the target's installer all the while. */
export async function copied(source: NamedSite, target: NamedSite): Promise<CopyOutcome> {
  const common = {
    jobId: newJobId(randomBytes),
    publicUrl: target.site.url,
    anonymize: false,
    report: () => undefined,
  };
  const looking = new AbortController();
  const looks = watchInstaller(target.site.url, looking.signal);
  try {
    const { signal } = looking;
    return await newMigrator().copy({ ...common, source: source.access, target: target.access, signal });
  } finally {
    looking.abort();
    const pages = await looks;
    expect(pages.length).toBeGreaterThan(3);
    expect(pages.filter(({ text }) => /name="(weblog_title|dbname|language)"/.test(text))).toEqual([]);
  }
}

async function watchInstaller(url: string, signal: AbortSignal): Promise<Answer[]> {
  const pages: Answer[] = [];
  while (!signal.aborted) {
    pages.push(await get(`${url}/wp-admin/install.php`), await get(`${url}/wp-admin/setup-config.php`));
    await new Promise((later) => setTimeout(later, 250));
  }
  return pages;
}

async function proveTrueCopy(source: NamedSite, target: NamedSite, { loginUrl }: CopyOutcome): Promise<void> {
  await provePages(source, target);
  await proveContent(source, target);
  await proveLogin(target, loginUrl ?? "");
  await proveNoMail(source, target);
}

async function provePages(source: NamedSite, target: NamedSite): Promise<void> {
  const there = await crawl(source.site.url);
  // Whatever the source shows, the clone shows, linked or not; but no sitemap, since it isn't to be found.
  const shown = there.filter(({ status, url }) => status === 200 && !/sitemap|custom-migrator/.test(url));
  expect(shown.length).toBeGreaterThan(30);
  const { origin } = new URL(source.site.url);
  const paths = shown.map(({ url }) => moved(url.slice(origin.length), source.site.url, target.site.url));
  const here = await crawl(target.site.url, paths);
  const has = new Set(here.filter(({ status }) => status === 200).map(({ url }) => url));
  expect(paths.filter((path) => !has.has(new URL(path, target.site.url).href))).toEqual([]);
  expect(here.filter(({ status }) => status >= 500)).toEqual([]);
  expect(there.some(({ text }) => text.includes(DOMAIN))).toBe(true);
  const left = here.filter(({ text, headers }) => `${headers}\n${text}`.toLowerCase().includes(DOMAIN));
  expect(left.map(({ url, text }) => `${url}: ${around(text, DOMAIN)}`)).toEqual([]);
  const front = here[0]?.text ?? "";
  expect(front).toContain("</html>");
  expect(front).toMatch(/<meta name=.robots. content=.[^>]*noindex/);
}

/** Options that a clone has of its own: it can't be found, nobody gets mail, uploads are where WordPress has them by default. */
const OWN = ["blog_public", "admin_email", "db_version", "upload_path", "upload_url_path"];

async function proveContent(source: NamedSite, target: NamedSite): Promise<void> {
  expect(await mentionsIn(target.site, DOMAIN)).toEqual([]);
  expect((await mentionsIn(source.site, DOMAIN)).length).toBeGreaterThan(50);
  const had = await valuesOf(source.site);
  const has = await valuesOf(target.site);
  const expected = JSON.parse(moved(JSON.stringify(had), source.site.url, target.site.url)) as typeof had;
  const own = Object.fromEntries(OWN.map((name) => [`option ${name}`, has[`option ${name}`]]));
  expect({ ...has, ...own }).toMatchObject({ ...expected, ...own });
  for (const folder of ["uploads", "plugins", "themes"]) {
    const skipped = /^custom-migrator\//;
    const files = filesIn(join(source.site.content, folder), skipped);
    expect(files).not.toEqual({});
    expect(filesIn(join(target.site.content, folder), skipped)).toEqual(files);
  }
}

async function proveLogin(target: NamedSite, loginUrl: string): Promise<void> {
  const { username = "", password = "" } = target.access;
  const isLoggedIn = (answer: Answer) => answer.cookies.includes("wordpress_logged_in_");
  expect(new URL(loginUrl).origin).toBe(target.site.url);
  const [first, second] = [await get(loginUrl), await get(loginUrl)];
  expect([first, second].map(isLoggedIn)).toEqual([true, false]);
  const dashboard = await get(`${target.site.url}/wp-admin/`, { cookies: first.cookies });
  expect(dashboard.status).toBe(200);
  // As the clone's own administrator, and as nobody of the source's.
  expect(dashboard.text).toContain(`<span class="display-name">${username}</span>`);
  const logIn = (log: string, pwd: string) =>
    get(`${target.site.url}/wp-login.php`, {
      form: { log, pwd, testcookie: "1" },
      cookies: "wordpress_test_cookie=WP%20Cookie%20check",
    });
  expect(isLoggedIn(await logIn(username, password))).toBe(true);
  expect(isLoggedIn(await logIn(username, "another password"))).toBe(false);
  // It is a true copy, and so are its users.
  expect(isLoggedIn(await logIn(TEST_ADMIN.username, TEST_ADMIN.password))).toBe(true);
}

const KEPT =
  "return array_map( static function ( $mail ) { return $mail->subject; }, Custom_Migrator_Kept_Mail::all() );";
const MAIL = "return wp_mail( 'someone@demo.example', 'Hello', 'There' );";

async function proveNoMail(source: NamedSite, target: NamedSite): Promise<void> {
  const { username = "" } = target.access;
  await get(`${target.site.url}/wp-login.php?action=lostpassword`, { form: { user_login: username } });
  expect(await target.site.evaluate(MAIL)).toBe(true);
  expect(target.mails()).toBe("");
  // Kept for reading, the one that a visitor caused too.
  const kept = (await target.site.evaluate(KEPT)) as string[];
  expect(kept.slice(0, 2)).toEqual(["Hello", expect.stringContaining("Password Reset")]);
  if (source.site.php === "wasm") return;
  await source.site.evaluate(MAIL);
  expect(source.mails()).toContain("someone@demo.example");
}

function around(text: string, word: string): string {
  const at = text.toLowerCase().indexOf(word);
  return text.slice(Math.max(0, at - 100), at + 60);
}
