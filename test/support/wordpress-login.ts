/** What a person does with a browser: logs in to a site, and uses its REST API as its admin pages do. */
export interface LoggedIn {
  /** JSON of a REST route such as `/wp/v2/posts`. */
  rest(method: string, route: string, body?: object): Promise<any>;
  /** Puts a file into the media library; what REST says of it. */
  upload(name: string, type: string, bytes: Uint8Array<ArrayBuffer>): Promise<any>;
}

/** @throws {Error} if the site doesn't take the password */
export async function logIn(url: string, { username, password }: { username: string; password: string }) {
  const form = new URLSearchParams({ log: username, pwd: password, "wp-submit": "Log In", testcookie: "1" });
  const headers = { cookie: "wordpress_test_cookie=WP%20Cookie%20check" };
  const answer = await fetch(`${url}/wp-login.php`, { method: "POST", body: form, headers, redirect: "manual" });
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  if (!cookie.includes("wordpress_logged_in")) throw new Error(`${url} took no login: ${answer.status}`);
  const nonce = await (await fetch(`${url}/wp-admin/admin-ajax.php?action=rest-nonce`, { headers: { cookie } })).text();
  const ask = async (
    method: string,
    route: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    more: Record<string, string>,
  ) => {
    const all = { cookie, "x-wp-nonce": nonce, ...more };
    const response = await fetch(`${url}/?rest_route=${route}`, { method, headers: all, ...(body && { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as unknown;
  };
  const loggedIn: LoggedIn = {
    rest: (method, route, body) =>
      ask(method, route, body && JSON.stringify(body), { "content-type": "application/json" }),
    upload: (name, type, bytes) =>
      ask("POST", "/wp/v2/media", bytes, {
        "content-type": type,
        "content-disposition": `attachment; filename="${name}"`,
      }),
  };
  return loggedIn;
}
