import { Agent } from "undici";
import { accessTo, proveAccess } from "../../../clones/migration/plugin-access";
import { SiteClient } from "../../../clones/migration/site-client";
import type { SiteAccess } from "../../../clones/migration/site-migrator";
import { json, refusal, Reply, Route, StandInServer } from "./plugin-stand-in";

const STATUS = {
  protocol: 1,
  plugin: "1.0.0",
  wordpress: "6.8",
  home: "https://shop.example",
  siteurl: "https://shop.example",
  clone: false,
  limits: { post_bytes: 8_000_000 },
  totals: { tables: 12, rows: 1, files: 1, bytes: 1 },
};
const LOGIN_FORM = `<form id="loginform" action="wp-login.php" method="post"><input name="log"><input name="pwd">
  <input type="hidden" name="redirect_to" value="/wp-admin/"><input type="hidden" name="guard" value="a&amp;b"></form>`;
const UPLOAD_FORM = `<form action="update.php?action=upload-plugin"><input type="hidden" name="_wpnonce" value="n1"></form>`;
const page = (body: string, more: Reply = {}): Reply => ({
  headers: { "content-type": "text/html" },
  ...more,
  body: `<html><body class="wp-admin" data-at="/wp-includes/x">${body}</body></html>`,
});

/** A WordPress as far as logins and uploads go. */
class StandInWordPress {
  plugin: "none" | "inactive" | "active" = "none";
  capabilities: Record<string, boolean> = { manage_options: true };
  /** Instead of the usual answers. */
  readonly instead = new Map<string, Reply>();
  readonly keys: string[] = [];
  posted = "";

  readonly route: Route = ({ what, body, headers }) => {
    const own = [...this.instead].find(([start]) => what.startsWith(start))?.[1];
    if (own !== undefined) return own;
    const inside =
      headers.cookie?.includes("wordpress_logged_in_x=yes") === true && headers.cookie.includes("wordpress_test");
    const basic =
      headers.authorization === `Basic ${Buffer.from("admin:abcd efgh ijkl mnop qrst uvwx").toString("base64")}`;
    const allowed = basic || (inside && headers["x-wp-nonce"] === "0123456789");
    switch (what) {
      case "GET status":
        if (this.plugin !== "active") return refusal("rest_no_route", 404);
        return this.keys.includes(String(headers["x-migrator-key"])) ? json(STATUS) : refusal("MIGRATOR_KEY", 401);
      case "GET /&_fields=url":
      case "GET /":
        return json({ url: "" });
      case "GET /wp-login.php":
        return page(LOGIN_FORM, { headers: { "set-cookie": "wordpress_test_cookie=WP; path=/" } });
      case "POST /wp-login.php": {
        this.posted = body.toString();
        const fields = new URLSearchParams(this.posted);
        if (fields.get("pwd") !== "right" || fields.get("guard") !== "a&b")
          return page('<div id="login_error">No</div>');
        return { status: 302, headers: { location: "/wp-admin/", "set-cookie": "wordpress_logged_in_x=yes; path=/" } };
      }
      case "GET /wp-admin/admin-ajax.php?action=rest-nonce":
        return inside ? { body: "0123456789" } : { status: 400, body: "0" };
      case "GET /wp/v2/users/me":
        return allowed ? json({ capabilities: this.capabilities }) : refusal("rest_not_logged_in", 401);
      case "GET /wp-admin/plugin-install.php?tab=upload":
        return page(UPLOAD_FORM);
      case "POST /wp-admin/update.php?action=upload-plugin":
        if (!inside || !body.includes("PK") || !body.includes("n1")) return page("no");
        this.plugin = "inactive";
        return page(
          '<a href="plugins.php?action=activate&amp;plugin=custom-migrator%2Fx.php&amp;_wpnonce=n2">Activate</a>',
        );
      case "POST /wp/v2/plugins/custom-migrator/custom-migrator":
        if (!allowed || this.plugin === "none") return refusal("rest_plugin_not_found", 404);
        this.plugin = "active";
        return json({ status: "active" });
      case "GET /wp/v2/plugins/custom-migrator/custom-migrator":
        return this.plugin === "none" ? refusal("rest_plugin_not_found", 404) : json({});
      case "POST key":
        if (this.plugin !== "active") return refusal("rest_no_route", 404);
        if (!allowed) return refusal("MIGRATOR_USER", 403);
        this.keys.push(`key-${this.keys.length + 1}`);
        return json({ key: this.keys.at(-1), expires: "2026-11-22T18:00:00Z" });
      default:
        return { status: 404, body: "<html>/wp-content/ nothing</html>" };
    }
  };
}

describe("[CLONE-06] the way to a site's plugin", () => {
  const dispatcher = new Agent();
  const { signal } = new AbortController();
  let wordpress: StandInWordPress;
  let server: StandInServer;

  beforeEach(async () => {
    wordpress = new StandInWordPress();
    server = await StandInServer.start(wordpress.route);
  });
  afterEach(() => server.stop());
  afterAll(() => dispatcher.close());

  const deps = () => ({
    client: new SiteClient(dispatcher, { headersTimeout: 500, stallTimeout: 500 }),
    clock: { now: () => new Date(0), sleep: () => Promise.resolve() },
    plugin: () => Promise.resolve({ version: "1.0.0", zip: Buffer.from("PK plugin") }),
  });
  const user = (password = "right"): SiteAccess => ({ url: server.url, username: "admin", password });
  const enter = async (site: SiteAccess) => await (await accessTo(site, deps(), signal)).status(signal);
  const prove = async (site: SiteAccess) => await proveAccess(site, deps(), signal);

  it("is a login by the form, an upload, and a key", async () => {
    expect(await enter(user())).toMatchObject({ plugin: "1.0.0" });
    expect(wordpress.plugin).toBe("active");
    expect(new URLSearchParams(wordpress.posted).get("redirect_to")).toBe("/wp-admin/");
  });

  it("is proven by a login alone: nothing is uploaded, no key is made", async () => {
    await prove(user());
    expect([wordpress.plugin, wordpress.keys]).toEqual(["none", []]);
    expect(server.requests.filter((what) => what.startsWith("POST"))).toEqual(["POST /wp-login.php"]);
  });

  it("is an application password, which can activate the plugin, but not bring it", async () => {
    const site = user("abcd efgh ijkl mnop qrst uvwx");
    await expect(prove(site)).rejects.toMatchObject({ code: "SITE_PLUGIN_MISSING", retryable: false });
    await expect(enter(site)).rejects.toMatchObject({ code: "SITE_PLUGIN_MISSING" });
    wordpress.plugin = "inactive";
    await prove(site);
    expect(wordpress.plugin).toBe("inactive");
    expect(await enter(site)).toMatchObject({ protocol: 1 });
    expect(server.requests).not.toContain("POST /wp-login.php");
  });

  it("is the key that was given", async () => {
    wordpress.plugin = "active";
    wordpress.keys.push("given");
    expect(await enter({ url: server.url, apiKey: "given" })).toMatchObject({ protocol: 1 });
    await expect(prove({ url: server.url, apiKey: "wrong" })).rejects.toMatchObject({
      code: "SITE_KEY",
      retryable: false,
    });
    wordpress.plugin = "none";
    await expect(prove({ url: server.url, apiKey: "given" })).rejects.toMatchObject({ code: "SITE_PLUGIN_MISSING" });
  });

  it("replaces a plugin that is older, or speaks another protocol", async () => {
    wordpress.plugin = "active";
    wordpress.keys.push("key-0");
    let old = true;
    const uploaded = "POST /wp-admin/update.php?action=upload-plugin";
    wordpress.instead.set("GET /wp-admin/update.php?action=upload-plugin&overwrite", page("done"));
    const { route } = wordpress;
    await server.stop();
    server = await StandInServer.start((request) => {
      if (request.what === uploaded) {
        old = false;
        return page(
          '<a href="update.php?action=upload-plugin&amp;overwrite=update-plugin&amp;_wpnonce=n3">Replace</a>',
        );
      }
      const asked = request.what === "GET status" && request.headers["x-migrator-key"] !== undefined;
      return asked && old ? json({ ...STATUS, protocol: 0, plugin: "0.9.0" }) : route(request);
    });
    expect(await enter(user())).toMatchObject({ plugin: "1.0.0" });
    expect(server.requests).toContain(
      "GET /wp-admin/update.php?action=upload-plugin&overwrite=update-plugin&_wpnonce=n3",
    );
    old = true;
    await expect(enter(user("abcd efgh ijkl mnop qrst uvwx"))).rejects.toMatchObject({ code: "SITE_PROTOCOL" });
  });

  const html = (text: string) => page(text);
  const notices = `<br />\n<b>Notice</b>: Undefined variable in x.php on line 1\n{"code":"MIGRATOR_KEY","message":"no"}`;
  const challenge = { status: 401, headers: { "www-authenticate": 'Basic realm="staging"' }, body: "who are you?" };
  it.each<[string, string, Reply, string, boolean]>([
    ["wants a password before WordPress", "GET status", challenge, "SITE_BASIC_AUTH", false],
    ["is no WordPress", "GET status", { body: "<html><h1>Hello</h1></html>" }, "SITE_NOT_WORDPRESS", false],
    ["has no REST", "GET status", html("a page"), "SITE_REST_OFF", false],
    ["closes REST", "GET status", refusal("rest_login_required", 401), "SITE_REST_OFF", false],
    ["is a multisite", "GET status", refusal("MULTISITE", 409), "SITE_MULTISITE", false],
    ["puts notices before JSON", "GET status", { body: notices }, "SITE_NOTICES", false],
    ["is under maintenance", "GET status", { status: 503, body: "<h1>soon</h1>" }, "SITE_REFUSED", true],
    [
      "isn't installed",
      "GET status",
      { status: 302, headers: { location: "/wp-admin/install.php" } },
      "SITE_NOT_WORDPRESS",
      false,
    ],
    [
      "is for members alone",
      "GET status",
      { status: 302, headers: { location: "/wp-login.php" } },
      "SITE_REST_OFF",
      false,
    ],
    ["leads in a circle", "GET status", { status: 301, headers: { location: "/" } }, "SITE_REDIRECTS", false],
    [
      "leads elsewhere",
      "GET status",
      { status: 301, headers: { location: "http://other.example/" } },
      "SITE_REDIRECTS",
      false,
    ],
    ["hides its login", "GET /wp-login.php", { status: 404, body: "<html></html>" }, "SITE_LOGIN_FORM", false],
    [
      "asks for a captcha",
      "GET /wp-login.php",
      html(`${LOGIN_FORM}<div class="g-recaptcha"></div>`),
      "SITE_LOGIN_FORM",
      false,
    ],
    [
      "asks for a second factor",
      "POST /wp-login.php",
      html('<form id="validate_2fa_form"><input name="authcode"></form>'),
      "SITE_LOGIN_FORM",
      false,
    ],
    ["refuses the password", "POST /wp-login.php", html('<div id="login_error">wrong</div>'), "SITE_LOGIN", false],
    ["offers no upload", "GET /wp-admin/plugin-install.php", html("You may not"), "SITE_PLUGIN_UPLOAD", false],
    [
      "refuses the upload",
      "POST /wp-admin/update.php",
      html("The package could not be installed"),
      "SITE_PLUGIN_UPLOAD",
      false,
    ],
    [
      "wants FTP",
      "POST /wp-admin/update.php",
      html('<form><input name="hostname"></form>'),
      "SITE_PLUGIN_UPLOAD",
      false,
    ],
    ["runs no plugin that it took", "POST key", refusal("rest_no_route", 404), "SITE_PLUGIN_UPLOAD", false],
    ["gives too long an answer", "GET status", { body: Buffer.alloc(9 * 1024 * 1024, "x") }, "SITE_ANSWER_SIZE", false],
  ])("tells of a site that %s", async (_, what, reply, code, retryable) => {
    wordpress.instead.set(what, reply);
    const error: unknown = await enter(user()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, retryable });
    const { message } = error as Error;
    expect(message).toMatch(new RegExp(`^${code} http://127\\.0\\.0\\.1:\\d+/.*\\.$`));
    expect(message).not.toMatch(/right|nonce|n1/);
  });

  it("tells wrong passwords, users who may too little, and an access that is none", async () => {
    await expect(prove(user("wrong"))).rejects.toMatchObject({ code: "SITE_LOGIN", retryable: false });
    await expect(prove({ url: server.url })).rejects.toMatchObject({ code: "SITE_ACCESS" });
    wordpress.capabilities = { edit_posts: true };
    await expect(prove(user())).rejects.toMatchObject({ code: "SITE_PERMISSION", retryable: false });
  });

  it("goes along with a site that answers below another path of the same host", async () => {
    const { route } = wordpress;
    await server.stop();
    server = await StandInServer.start((request) =>
      request.what === "GET status" && !server.requests.includes("GET /moved")
        ? (server.requests.push("GET /moved"), { status: 301, headers: { location: "/shop/?rest_route=/x" } })
        : route(request),
    );
    wordpress.plugin = "active";
    wordpress.keys.push("given");
    expect((await accessTo({ url: server.url, apiKey: "given" }, deps(), signal)).base).toBe(`${server.url}/shop`);
  });

  it("says that a site is away, or takes a question and then sends no byte", async () => {
    const { url } = server;
    wordpress.instead.set("GET status", { body: "{", headers: { "content-length": "9" }, cutAfter: 1 });
    await expect(prove(user())).rejects.toMatchObject({ code: "SITE_UNREACHABLE", retryable: true });
    const silent = await StandInServer.start(() => new Promise<Reply>(() => undefined));
    await expect(prove({ ...user(), url: silent.url })).rejects.toMatchObject({
      code: "SITE_STALLED",
      retryable: true,
    });
    await silent.stop();
    await server.stop();
    await expect(prove({ url, username: "admin", password: "right" })).rejects.toMatchObject({
      code: "SITE_UNREACHABLE",
      retryable: true,
    });
    server = await StandInServer.start(wordpress.route);
  });
});
