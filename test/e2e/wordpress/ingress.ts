/** What a browser gets of a site behind the ingress controller: the site's own URLs, the headers that Traefik adds, TLS left out. */
import { request } from "undici";
import type { Send } from "../../support/wordpress-login";

const TIMEOUT_MILLISECONDS = 30_000;

/** Statuses whose answers have no body. */
const BODILESS = [204, 304];

/**
 * Takes what is asked of `site` to `base` instead. Redirects are the caller's.
 *
 * @param base where the site's Service is reached, without a slash at its end
 * @param site its own address
 */
export function throughIngress(base: string, site: string): Send {
  const { host, protocol } = new URL(site);
  return async (url, init) => {
    const asked = new Request(url, init);
    const { pathname, search, host: wanted } = new URL(url);
    if (wanted !== host) throw new Error(`The ingress of ${host} was asked for ${wanted}`);
    const body = Buffer.from(await asked.arrayBuffer());
    const proto = protocol.slice(0, -1);
    const answer = await request(`${base}${pathname}${search}`, {
      method: asked.method as "GET",
      headers: {
        ...Object.fromEntries(asked.headers),
        host,
        "x-forwarded-host": host,
        "x-forwarded-proto": proto,
        "x-forwarded-for": "203.0.113.7",
      },
      ...(body.length > 0 && { body }),
      headersTimeout: TIMEOUT_MILLISECONDS,
      bodyTimeout: TIMEOUT_MILLISECONDS,
    });
    const text = await answer.body.text();
    return new Response(BODILESS.includes(answer.statusCode) ? null : text, {
      status: answer.statusCode,
      headers: headersOf(answer.headers),
    });
  };
}

/** Each cookie stays a line of its own. */
function headersOf(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const all = new Headers();
  for (const [name, value = []] of Object.entries(headers)) {
    for (const one of [value].flat()) all.append(name, one);
  }
  return all;
}
