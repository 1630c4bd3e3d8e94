/** Sites under names of their own, as DNS would have it: whatever ends in `.example` or `.test` is on this machine. */
import type { LookupFunction } from "node:net";
import { Agent, request } from "undici";
import { Page } from "../../../../clones/migration/pages";

/** A domain that nothing else has in any text: wherever it is found, it is the source's. */
export const DOMAIN = "harbour-and-sons.example";

const lookup: LookupFunction = (_name, options, found) => {
  if (options.all === true) found(null, [{ address: "127.0.0.1", family: 4 }]);
  else found(null, "127.0.0.1", 4);
};

export const dispatcher = new Agent({ connect: { lookup } });

export interface Answer {
  readonly url: string;
  readonly status: number;
  /** Names and values, a line each. */
  readonly headers: string;
  readonly cookies: string;
  readonly text: string;
}

export interface Question {
  readonly form?: Readonly<Record<string, string>>;
  readonly cookies?: string;
}

/** One answer, redirects too. */
export async function get(url: string, { form, cookies = "" }: Question = {}): Promise<Answer> {
  const body = form === undefined ? {} : { body: new URLSearchParams(form).toString() };
  const type = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
  const method = form === undefined ? "GET" : "POST";
  const answer = await request(url, { dispatcher, method, headers: { cookie: cookies, ...type }, ...body });
  const { "set-cookie": given = [] } = answer.headers;
  const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
  return {
    url,
    status: answer.statusCode,
    headers: headers.join("\n"),
    cookies: [given]
      .flat()
      .map((line) => line.split(";")[0])
      .join("; "),
    text: await answer.body.text(),
  };
}

/** What no link leads to. */
const STARTS = [
  "/",
  "/?s=news",
  "/feed/",
  "/comments/feed/",
  "/wp-sitemap.xml",
  "/robots.txt",
  "/xmlrpc.php?rsd",
  "/wp-login.php",
  "/wp-json/",
  ...["posts", "pages", "media", "comments", "users", "categories", "tags", "product"].map(
    (kind) => `/wp-json/wp/v2/${kind}?per_page=100`,
  ),
];
/** Administration, WordPress's own files, and what stands elsewhere already. */
const SKIPPED =
  /\/wp-admin\/|\/wp-includes\/|replytocom=|action=|\/oembed\/|\/wp-json\/wp\/v2\/\w+\/\d|\/\?p=|\/wp-content\/(themes|plugins)\//;
const MOST_PAGES = 500;

/**
 * All pages of a site that a visitor can find, and what stands in its feeds, sitemaps and REST.
 *
 * @param paths of pages that no link may lead to
 */
export async function crawl(site: string, paths: readonly string[] = []): Promise<Answer[]> {
  const found = new Set([...STARTS, ...paths].map((path) => new URL(path, site).href));
  const answers: Answer[] = [];
  // A set that grows while it is walked through is walked through to its end.
  for (const url of found) {
    if (answers.length === MOST_PAGES) throw new Error(`${site} has more than ${MOST_PAGES} pages`);
    const answer = await get(url);
    answers.push(answer);
    for (const link of linksOf(answer)) {
      if (!URL.canParse(link, url)) continue;
      const to = new URL(link, url);
      to.hash = "";
      if (to.origin === new URL(site).origin && !SKIPPED.test(to.href)) found.add(to.href);
    }
  }
  return answers;
}

function linksOf({ headers, text }: Answer): string[] {
  const located = /^location: (.*)$/m.exec(headers)?.[1];
  const tags = [...text.matchAll(/<(?:loc|link|url)>([^<]+)</g)].map(([, url]) => url ?? "");
  const attributes = [...text.matchAll(/<(?:link|img)\s[^>]*?(?:href|src)=["']([^"']+)["']/g)].map(
    ([, url]) => url ?? "",
  );
  const links = /<html/i.test(text) ? new Page(text).links : [];
  return [...(located === undefined ? [] : [located]), ...tags, ...attributes.map(plain), ...links];
}

function plain(text: string): string {
  return text.replaceAll("&amp;", "&").replaceAll("&#038;", "&");
}
