/** Looks at a site as its visitors do: that it shows pages, and nothing of where its content came from. */
import { refusalOf } from "./answers";
import { shown, siteError } from "./errors";
import { Page } from "./pages";
import type { Answer, SiteClient } from "./site-client";
import type { MigrationError } from "./site-migrator";

const REDIRECTS = 5;

/** A site and how it is reached. */
export interface Visited {
  /** Where requests go. */
  readonly url: string;
  /** What the site believes to be its address. */
  readonly publicUrl: string;
}

/** URLs that must not stand in any page. */
export interface Absent {
  readonly urls: readonly string[];
}

/**
 * A page as visitors get it, by the name that they use.
 *
 * @param path below the site's address, without a slash at its beginning
 * @throws {MigrationError} SITE_PAGES if it leads elsewhere
 */
export async function visit(client: SiteClient, { url, publicUrl }: Visited, path: string, signal: AbortSignal) {
  const site = new URL(publicUrl);
  const headers = { host: site.host, "x-forwarded-proto": site.protocol.slice(0, -1), accept: "text/html" };
  let wanted = new URL(path, `${publicUrl.replace(/\/+$/, "")}/`);
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    const { pathname, search } = wanted;
    const answer = await client.ask(new URL(`${pathname}${search}`, url).href, { headers, signal });
    const { location } = answer.headers;
    if (answer.status < 300 || answer.status >= 400 || location === undefined) return { ...answer, url: wanted.href };
    const to = new URL(location, wanted);
    if (/\/wp-admin\/(install|setup-config)\.php$/.test(to.pathname)) throw bad(wanted.href, "it shows its installer");
    if (to.host !== site.host) throw bad(wanted.href, `it leads to ${to.origin}`);
    wanted = to;
  }
  throw bad(wanted.href, "it leads from one address to the next");
}

/** @throws {MigrationError} SITE_PAGES unless it is a whole page without the URLs; what is overloaded may be tried again */
export function checkPage(answer: Answer, publicUrl: string, { urls }: Absent): Page {
  const { status, text, url } = answer;
  if (status === 429 || status === 502 || status === 503 || status === 504) throw refusalOf(answer);
  const page = new Page(text);
  if (status >= 400) throw bad(url, `its status is ${status}`);
  if (text.trim() === "") throw bad(url, "it is empty: a theme or plugin may be missing, or fail");
  if (page.has("error-page") || /Error establishing a database connection/i.test(page.title)) {
    throw bad(url, "it shows an error of WordPress");
  }
  if (text.includes("wp-admin/install.php?step=")) throw bad(url, "it shows its installer");
  if (!/<\/html>/i.test(text)) throw bad(url, "it ends in the middle");
  const found = urls.find((one) => mentions(text, one, publicUrl));
  if (found !== undefined) throw bad(url, `it still leads to ${shown(found)}`);
  return page;
}

/** Whether a text has a URL in any form that WordPress writes it in, other than as the beginning of the site's own. */
export function mentions(text: string, url: string, own: string): boolean {
  const without = text.replaceAll(patternOf(own), "");
  return patternOf(url).test(without);
}

/** Plain, without scheme, escaped for JSON, percent-encoded; with and without www; not as a part of a longer name. */
function patternOf(url: string): RegExp {
  const { host, pathname } = new URL(url);
  const parts = [host.replace(/^www\./, ""), ...pathname.split("/").filter((part) => part !== "")];
  const slash = String.raw`(?:\/|\\+\/|%2F)`;
  const name = parts.map((part) => escaped(part).replaceAll(":", "(?::|%3A)")).join(slash);
  return new RegExp(String.raw`${slash}${slash}(?:www\.)?${name}(?![\w-]|\.\w|:\d|%3A\d)`, "gi");
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

export function bad(url: string, reason: string): MigrationError {
  return siteError({
    code: "SITE_PAGES",
    site: shown(url),
    reason: `everything was copied, but a page isn't as it should be: ${reason}`,
    remedy: "Does the source show that page? Its error log may tell more",
  });
}
