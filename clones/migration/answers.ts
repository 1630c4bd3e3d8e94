/** What a site's answers mean: JSON where it is JSON, and otherwise what stands in the way of it. */
import { z } from "zod";
import { quoted, shown, siteError } from "./errors";
import { Page } from "./pages";
import type { Answer } from "./site-client";
import type { MigrationError } from "./site-migrator";

const wordpressError = z.object({ code: z.string(), message: z.string().default(""), data: z.unknown().optional() });
export type WordPressError = z.output<typeof wordpressError>;

/** Codes of WordPress and of plugins that switch REST off. */
const REST_OFF =
  /^rest_(disabled|cannot_access|login_required|forbidden|not_authorized|api_disabled)|rest_?api.*(disabled|authentication)/i;

/** JSON of an answer, if it is nothing but that. */
export function jsonOf(answer: Pick<Answer, "text">): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    return undefined;
  }
}

/** What WordPress says is wrong. */
export function wordpressErrorOf(answer: Pick<Answer, "text">): WordPressError | undefined {
  const parsed = wordpressError.safeParse(jsonOf(answer));
  return parsed.success ? parsed.data : undefined;
}

/** Why an answer is none of the plugin's, nor of WordPress's REST. */
export function refusalOf(answer: Answer): MigrationError {
  const { status, headers, text } = answer;
  const site = shown(answer.url);
  const error = wordpressErrorOf(answer);
  if (status === 401 && headers["www-authenticate"] !== undefined && error === undefined) {
    return siteError({
      code: "SITE_BASIC_AUTH",
      site,
      got: status,
      reason: "its web server asks for a password of its own before WordPress is reached",
      remedy: "Let the service in without it, or switch it off while the job runs",
    });
  }
  if (status === 429 || status >= 500) return busy(answer, error);
  if (error !== undefined) return wordpressRefusal(site, status, error);
  if (/^\s*[{[]/m.test(text) && /\b(Warning|Notice|Deprecated|Fatal error)\b/.test(text)) {
    return siteError({
      code: "SITE_NOTICES",
      site,
      reason: "messages of PHP stand in front of its answers, so that they can't be read",
      remedy: "Set display_errors to 0 there, or WP_DEBUG_DISPLAY to false",
    });
  }
  return pageRefusal(answer, site);
}

function wordpressRefusal(site: string, status: number, { code, message }: WordPressError): MigrationError {
  if (REST_OFF.test(code)) return restOff(site, code);
  if (code === "MULTISITE") return multisite(site);
  return siteError({
    code: "SITE_REFUSED",
    site,
    got: status,
    reason: `WordPress says ${wordsOf({ code, message })}`,
    remedy: "Correct that there",
  });
}

function pageRefusal({ status, text }: Answer, site: string): MigrationError {
  const page = new Page(text);
  if (page.isWordPress) return restOff(site, status);
  return siteError({
    code: "SITE_NOT_WORDPRESS",
    site,
    got: status,
    reason: "something answers there, but it isn't WordPress",
    remedy: "Give the address of the site as browsers show it, with its folder",
  });
}

function busy({ url, status, headers }: Answer, error: WordPressError | undefined): MigrationError {
  const after = Number(headers["retry-after"]);
  const said = error === undefined ? "" : `: ${wordsOf(error)}`;
  return siteError({
    code: "SITE_REFUSED",
    site: shown(url),
    got: status,
    reason: `it is overloaded, under maintenance or broken${said}`,
    remedy: "Ask again later; its error log tells more",
    retryable: true,
    ...(Number.isFinite(after) && after > 0 ? { afterSeconds: after } : {}),
  });
}

/** The plugin's messages begin with their code, WordPress's don't. */
function wordsOf({ code, message }: WordPressError): string {
  return quoted(message.startsWith(code) ? message : `${code} ${message}`);
}

export function restOff(site: string, got: string | number): MigrationError {
  return siteError({
    code: "SITE_REST_OFF",
    site,
    got,
    reason: "it is WordPress, but its REST interface is switched off or closed to visitors",
    remedy: "Let /?rest_route=/custom-migrator/v1/ through in the security plugin or firewall",
  });
}

export function multisite(site: string): MigrationError {
  return siteError({
    code: "SITE_MULTISITE",
    site,
    reason: "it is a network of sites (multisite), of which single ones can't be copied",
    remedy: "Give a single site",
  });
}
