/** What a person does with a browser: logs in to a site, and uses its REST API as its admin pages do. */

/** As `fetch`, for those who reach a site in another way than by its name. */
export type Send = (url: string, init?: RequestInit) => Promise<Response>;

export interface LoggedIn {
  /** JSON of a REST route such as `/wp/v2/posts`. */
  readonly rest: (method: string, route: string, body?: object) => Promise<any>;
  /** Puts a file into the media library; what REST says of it. */
  readonly upload: (name: string, type: string, bytes: Uint8Array<ArrayBuffer>) => Promise<any>;
}

/** @throws {Error} if the site doesn't take the password */
export async function logIn(
  url: string,
  { username, password }: { username: string; password: string },
  send: Send = fetch,
): Promise<LoggedIn> {
  const form = new URLSearchParams({ log: username, pwd: password, "wp-submit": "Log In", testcookie: "1" });
  const headers = { cookie: "wordpress_test_cookie=WP%20Cookie%20check" };
  const answer = await send(`${url}/wp-login.php`, { method: "POST", body: form, headers, redirect: "manual" });
  return await loggedIn(url, answer, send);
}

/** By a link that does so once. @throws {Error} if it doesn't */
export async function logInBy(link: string, url: string, send: Send = fetch): Promise<LoggedIn> {
  return await loggedIn(url, await send(link, { redirect: "manual" }), send);
}

async function loggedIn(url: string, answer: Response, send: Send): Promise<LoggedIn> {
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  if (!cookie.includes("wordpress_logged_in")) throw new Error(`${url} took no login: ${answer.status}`);
  const nonce = await (await send(`${url}/wp-admin/admin-ajax.php?action=rest-nonce`, { headers: { cookie } })).text();
  const ask = async (
    method: string,
    route: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    more: Record<string, string>,
  ) => {
    const all = { cookie, "x-wp-nonce": nonce, ...more };
    const response = await send(`${url}/?rest_route=${route}`, { method, headers: all, ...(body && { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as unknown;
  };
  return {
    rest: (method, route, body) =>
      ask(method, route, body && JSON.stringify(body), { "content-type": "application/json" }),
    upload: (name, type, bytes) =>
      ask("POST", "/wp/v2/media", bytes, {
        "content-type": type,
        "content-disposition": `attachment; filename="${name}"`,
      }),
  };
}
