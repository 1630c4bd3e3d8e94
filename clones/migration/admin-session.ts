/** An administrator of a site, logged in by the form that people use. */
import { CookieJar } from "tough-cookie";
import type { FormData } from "undici";
import { refusalOf } from "./answers";
import { shown, siteError } from "./errors";
import { Page } from "./pages";
import { routeUrl } from "./plugin-api";
import type { Answer, Call, SiteClient } from "./site-client";
import type { MigrationError } from "./site-migrator";

const REDIRECTS = 5;

/** What captchas put onto a page: reCAPTCHA, hCaptcha, Turnstile, and plugins named after what they do. */
const CAPTCHA = /g-recaptcha|h-captcha|hcaptcha|cf-turnstile|captcha|friendly-challenge/i;

/** Fields of a second factor: Two Factor, Wordfence, WP 2FA, miniOrange, Google Authenticator. */
const SECOND_FACTOR = /auth-?code|two-?factor|2fa|totp|\botp\b|mo2f|googleotp|wfls-token|backup-code/i;

export class AdminSession {
  private readonly jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  private nonce = "";

  private constructor(
    private readonly client: SiteClient,
    /** Where REST answers. */
    private readonly base: string,
    /** Where wp-login.php and wp-admin are; a site's WordPress may have a folder of its own. */
    private readonly core: string,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws {MigrationError} SITE_LOGIN for wrong credentials, SITE_LOGIN_FORM where a program can't log in */
  static async login(
    client: SiteClient,
    place: { readonly base: string; readonly core: string },
    user: { readonly username: string; readonly password: string },
    signal: AbortSignal,
  ): Promise<AdminSession> {
    const session = new AdminSession(client, place.base, place.core, signal);
    await session.login(user.username, user.password);
    return session;
  }

  /** A page of the administration, wherever it was moved to on the same site. */
  async page(path: string, form?: FormData): Promise<Answer & { readonly page: Page }> {
    let answer = await this.ask(`${this.core}/${path}`, form === undefined ? {} : { method: "POST", body: form });
    for (let hop = 0; hop < REDIRECTS; hop += 1) {
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || location === undefined) break;
      const to = new URL(location, answer.url);
      // The session's cookies and nonces are nobody else's.
      if (to.host !== new URL(this.core).host) break;
      answer = await this.ask(to.href, {});
    }
    return { ...answer, page: new Page(answer.text) };
  }

  /** REST as this user. */
  async rest(route: string, body?: object): Promise<Answer> {
    const headers = { "x-wp-nonce": this.nonce, accept: "application/json", "content-type": "application/json" };
    const post = body === undefined ? {} : ({ method: "POST", body: JSON.stringify(body) } as const);
    return await this.ask(routeUrl(this.base, route), { headers, ...post });
  }

  private async login(username: string, password: string): Promise<void> {
    const url = `${this.core}/wp-login.php`;
    const shownForm = await this.page("wp-login.php");
    const form = shownForm.page.forms.find(({ inputs }) => inputs.includes("pwd") && inputs.includes("log"));
    if (form === undefined) throw noForm(url, shownForm);
    if (CAPTCHA.test(shownForm.page.marks)) throw loginForm(url, "the login page asks for a captcha");
    const fields = { ...form.hidden, log: username, pwd: password, "wp-submit": "Log In", testcookie: "1" };
    const answer = await this.ask(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", referer: url },
      body: new URLSearchParams(fields).toString(),
    });
    const cookies = this.jar.getCookiesSync(`${this.core}/wp-admin/`);
    if (!cookies.some(({ key }) => key.startsWith("wordpress_logged_in_"))) throw notIn(url, answer);
    const { text, status } = await this.ask(`${this.core}/wp-admin/admin-ajax.php?action=rest-nonce`, {});
    if (status !== 200 || !/^[0-9a-f]{6,40}$/.test(text.trim())) {
      throw loginForm(url, "the login was taken, but something else is asked for behind it");
    }
    this.nonce = text.trim();
  }

  private async ask(url: string, call: Omit<Call, "signal">): Promise<Answer> {
    const cookie = this.jar.getCookieStringSync(url);
    const headers = { ...call.headers, ...(cookie === "" ? {} : { cookie }) };
    const answer = await this.client.ask(url, { ...call, headers, signal: this.signal });
    for (const one of [answer.headers["set-cookie"] ?? []].flat()) {
      this.jar.setCookieSync(one, url, { ignoreError: true });
    }
    if (answer.status === 429 || answer.status >= 500) throw refusalOf(answer);
    return answer;
  }
}

function notIn(url: string, answer: Answer): MigrationError {
  const page = new Page(answer.text);
  const { location = "" } = answer.headers;
  const fields = page.forms.flatMap(({ id, action, inputs }) => [id, action, ...inputs]).join("\n");
  if (SECOND_FACTOR.test(fields) || SECOND_FACTOR.test(location)) {
    return loginForm(url, "the login asks for a second factor");
  }
  if (CAPTCHA.test(page.marks)) return loginForm(url, "the login page asks for a captcha");
  if (answer.status === 403 && !page.has("loginform")) {
    return loginForm(url, "something in front of the login page keeps programs out");
  }
  return siteError({
    code: "SITE_LOGIN",
    site: shown(url),
    reason: "the site doesn't let this user in with this password",
    remedy: "Correct them; after many tries a security plugin may have locked the user out for a while",
  });
}

function noForm(url: string, answer: Answer): MigrationError {
  if (answer.status === 401 && answer.headers["www-authenticate"] !== undefined) return refusalOf(answer);
  return loginForm(url, `there is no login form at this address (status ${answer.status})`);
}

function loginForm(url: string, reason: string): MigrationError {
  return siteError({
    code: "SITE_LOGIN_FORM",
    site: shown(url),
    reason: `${reason}, so that the service can't log in as people do`,
    remedy: "Install the migration plugin there, and give its key or an application password",
  });
}
