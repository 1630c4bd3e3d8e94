/** Copies the front page of a site, and no more: stands in for WordPress's content in the embedded mode. */
import { Agent, Dispatcher, request } from "undici";
import {
  CopyOutcome,
  CopyRequest,
  MigrationError,
  RestorePlan,
  RestoreRequest,
  SiteAccess,
  SiteMigrator,
} from "../migration/site-migrator";

/** Bytes of a page; a longer one is none. */
const LONGEST = 5_000_000;
/** Milliseconds for one answer. */
const PATIENCE = 15_000;
/** Of HTTP. */
const REDIRECTS = 5;

/**
 * Behind the interface of {@link SiteMigrator}, so that the embedded mode shows the whole way of a job with any site of
 * the internet. A target takes a page by `PUT /` with its password: {@link LocalBackend}'s clones do, others refuse.
 */
export class PageCopyMigrator implements SiteMigrator {
  /** @param dispatcher how sites are called; @default directly: the API has looked at their addresses */
  constructor(private readonly dispatcher: Dispatcher = new Agent()) {}

  async check(site: SiteAccess, signal: AbortSignal): Promise<void> {
    await this.page(site, signal);
  }

  async copy({ source, target, publicUrl, report, signal }: CopyRequest): Promise<CopyOutcome> {
    report(0.1, "Reading the front page");
    const page = await this.page(source, signal);
    report(0.6, "Writing it to the clone");
    await this.put(target, page.replaceAll(source.url.replace(/\/+$/, ""), publicUrl.replace(/\/+$/, "")), signal);
    return {};
  }

  async plan({ source, target, signal }: RestoreRequest): Promise<RestorePlan> {
    const [from, to] = await Promise.all([this.page(source, signal), this.page(target, signal)]);
    return { changes: { content: from === to ? 0 : 1 }, conflicts: [] };
  }

  async restore({ source, target, signal }: RestoreRequest): Promise<void> {
    await this.put(target, await this.page(source, signal), signal);
  }

  /** A page is put at once, or isn't: a target that refused it has nothing to put back. */
  async undoRestore(): Promise<void> {
    await Promise.resolve();
  }

  private async page(site: SiteAccess, signal: AbortSignal): Promise<string> {
    let url = site.url;
    for (let hop = 0; hop <= REDIRECTS; hop += 1) {
      const { statusCode, headers, body } = await this.ask(url, { method: "GET" }, signal);
      const { location } = headers;
      if (statusCode >= 300 && statusCode < 400 && typeof location === "string") {
        await body.dump();
        url = new URL(location, url).href;
        continue;
      }
      const text = await read(site.url, body);
      if (statusCode < 400) return text;
      throw refused(site.url, statusCode);
    }
    throw new MigrationError("SITE_REFUSED", `SITE_REFUSED ${site.url}: it leads from one address to the next.`, false);
  }

  private async put(site: SiteAccess, page: string, signal: AbortSignal): Promise<void> {
    const { username = "", password = "" } = site;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const headers = { authorization, "content-type": "text/html; charset=utf-8" };
    const { statusCode, body } = await this.ask(site.url, { method: "PUT", headers, body: page }, signal);
    await body.dump();
    if (statusCode >= 400) throw refused(site.url, statusCode);
  }

  private async ask(
    url: string,
    what: { readonly method: "GET" | "PUT"; readonly headers?: Record<string, string>; readonly body?: string },
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { dispatcher } = this;
    try {
      return await request(url, { ...what, dispatcher, signal, headersTimeout: PATIENCE, bodyTimeout: PATIENCE });
    } catch (error) {
      if (signal.aborted) throw error;
      throw unreachable(url, error);
    }
  }
}

async function read(url: string, body: Dispatcher.ResponseData["body"]): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of body) {
      length += (part as Buffer).length;
      if (length > LONGEST) break;
      parts.push(part as Buffer);
    }
  } catch (error) {
    throw unreachable(url, error);
  }
  if (length <= LONGEST) return Buffer.concat(parts).toString("utf8");
  throw new MigrationError("SITE_REFUSED", `SITE_REFUSED ${url}: its page has more than ${LONGEST} bytes.`, false);
}

function unreachable(url: string, error: unknown): MigrationError {
  const { code = "no answer" } = error as NodeJS.ErrnoException;
  const message = `SITE_UNREACHABLE ${url}: got ${code}; it didn't answer, or broke off. Is it up, and its name right?`;
  return new MigrationError("SITE_UNREACHABLE", message, true);
}

function refused(url: string, status: number): MigrationError {
  const message = `SITE_REFUSED ${url}: got ${status}; it answers, but not with what was asked for.`;
  return new MigrationError("SITE_REFUSED", message, status >= 500 || status === 429);
}
