/** Where a site really answers, whether WordPress does so, and whether the plugin is there. */
import { jsonOf, multisite, refusalOf, restOff, wordpressErrorOf } from "./answers";
import { shown, siteError } from "./errors";
import { routeUrl } from "./plugin-api";
import type { SiteClient } from "./site-client";
import type { MigrationError } from "./site-migrator";

/** As browsers are patient; RFC 9110 leaves the number to the client. */
const REDIRECTS = 5;

export interface SiteAddress {
  /** Without a slash at its end; by https if the site sends everybody there. */
  readonly base: string;
  /** Whether the migration plugin is active. */
  readonly plugin: boolean;
}

/**
 * Asks the plugin for its status, without a key: whatever answers tells what is there.
 *
 * @throws {MigrationError} SITE_REDIRECTS, SITE_NOT_WORDPRESS, SITE_REST_OFF, SITE_BASIC_AUTH, SITE_MULTISITE and others
 */
export async function locate(client: SiteClient, url: string, signal: AbortSignal): Promise<SiteAddress> {
  let base = withoutSlash(url);
  const seen = new Set<string>();
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    if (seen.has(base)) throw redirects(url, base, "it leads round in a circle");
    seen.add(base);
    const answer = await client.ask(routeUrl(base, "custom-migrator/v1/status"), {
      headers: { accept: "application/json" },
      signal,
    });
    const { location } = answer.headers;
    if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
      base = adopted(url, base, location);
      continue;
    }
    const code = wordpressErrorOf(answer)?.code;
    if (code === "MIGRATOR_KEY" || (answer.status === 200 && jsonOf(answer) !== undefined))
      return { base, plugin: true };
    if (code === "rest_no_route") return { base, plugin: false };
    throw refusalOf(answer);
  }
  throw redirects(url, base, `it leads to another address more than ${REDIRECTS} times`);
}

/**
 * The site's address after a redirect. Passwords are going to be sent there, so that it must be the same host, with or
 * without `www.`, and never less safe than before.
 */
export function adopted(url: string, base: string, location: string): string {
  if (!URL.canParse(location, base)) throw redirects(url, base, "it leads to what is no address");
  const from = new URL(base);
  const to = new URL(location, `${base}/`);
  if (/\/wp-admin\/(setup-config|install)\.php$/.test(to.pathname)) throw notInstalled(base);
  if (to.pathname.endsWith("/wp-signup.php")) throw multisite(shown(base));
  if (to.pathname.endsWith("/wp-login.php")) throw restOff(shown(base), "a redirect to the login page");
  const isSafe = to.protocol === "https:" || (to.protocol === "http:" && from.protocol === "http:");
  const isSame = bare(to.hostname) === bare(from.hostname) && (to.port === from.port || to.port === "");
  if (!isSafe || !isSame || to.username !== "" || to.password !== "") {
    throw redirects(url, to.origin, "it leads to another site");
  }
  to.search = "";
  to.hash = "";
  return withoutSlash(to.href);
}

function bare(host: string): string {
  return host.replace(/^www\./, "");
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function redirects(url: string, got: string, reason: string): MigrationError {
  const remedy = "Give the address where the site ends up in a browser";
  return siteError({ code: "SITE_REDIRECTS", site: shown(url), got: shown(got), reason, remedy });
}

function notInstalled(base: string): MigrationError {
  const reason = "WordPress is there, but isn't installed yet: it shows its installer";
  return siteError({ code: "SITE_NOT_WORDPRESS", site: shown(base), reason, remedy: "Install it first" });
}
