/** A small real HTTP site in the place of WordPress, which can be slow, fail, or break off in the middle; and its migrator. */
import { createHash } from "node:crypto";
import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CopyOutcome,
  CopyRequest,
  MigrationError,
  RestorePlan,
  RestoreRequest,
  SiteAccess,
  SiteMigrator,
} from "../../clones/migration/site-migrator";

export type SiteContent = Readonly<Record<string, string>>;

/** How the site misbehaves; each is counted down by one request and then gone, unless it is Infinity. */
export interface Misbehaviour {
  /** Milliseconds before each answer. */
  delay: number;
  /** So many requests are answered by 500. */
  fails: number;
  /** So many answers end in the middle of their body. */
  cuts: number;
}

export interface SiteOptions {
  readonly content?: SiteContent;
  readonly username?: string;
  readonly password?: string;
  /** @default one that is free */
  readonly port?: number;
}

/** What was asked of it: `POST /import job-1`. */
export class StandInSite {
  readonly misbehaviour: Misbehaviour = { delay: 0, fails: 0, cuts: 0 };
  readonly requests: string[] = [];
  content: Record<string, string>;
  /** By job: what an import replaced. */
  private readonly saved = new Map<string, Record<string, string>>();

  private constructor(
    private readonly server: Server,
    private readonly options: SiteOptions,
  ) {
    this.content = { ...options.content };
  }

  static async start(options: SiteOptions = {}): Promise<StandInSite> {
    const server = createServer();
    const site = new StandInSite(server, options);
    server.on("request", (request, response) => void site.answer(request, response));
    await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get access(): SiteAccess {
    const { username, password } = this.options;
    return { url: this.url, ...(username === undefined ? {} : { username, password }) };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const job = searchParams.get("job") ?? "";
    this.requests.push(`${request.method} ${pathname}${job === "" ? "" : ` ${job}`}`);
    const body = await textOf(request);
    await sleep(this.misbehaviour.delay);
    if (this.misbehaviour.fails > 0) {
      this.misbehaviour.fails -= 1;
      response.writeHead(500).end("broken");
      return;
    }
    const { status, text } = this.route(`${request.method} ${pathname}`, request.headers.authorization, job, body);
    response.writeHead(status, { "content-length": Buffer.byteLength(text) });
    if (this.misbehaviour.cuts > 0) {
      this.misbehaviour.cuts -= 1;
      response.write(text.slice(0, Math.floor(text.length / 2)));
      setImmediate(() => response.destroy());
      return;
    }
    response.end(text);
  }

  private route(what: string, authorization: string | undefined, job: string, body: string) {
    if (what === "GET /") return { status: 200, text: this.content["/"] ?? "<h1>Nothing here</h1>" };
    const { username, password } = this.options;
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    if (username !== undefined && authorization !== expected) return { status: 401, text: "who are you?" };
    switch (what) {
      case "GET /login":
        return { status: 200, text: "welcome" };
      case "GET /export":
        return { status: 200, text: JSON.stringify(this.content) };
      case "POST /import":
        if (!this.saved.has(job)) this.saved.set(job, this.content);
        this.content = JSON.parse(body) as Record<string, string>;
        return { status: 200, text: "taken" };
      case "GET /saved":
        return { status: 200, text: this.saved.has(job) ? "yes" : "no" };
      case "POST /undo":
        this.content = this.saved.get(job) ?? this.content;
        this.saved.delete(job);
        return { status: 200, text: "as before" };
      default:
        return { status: 404, text: "no such page" };
    }
  }
}

/** Copies over HTTP what such sites have. */
export class StandInMigrator implements SiteMigrator {
  /** @param milliseconds that a copy takes besides, in ten parts of which each is reported */
  constructor(private readonly milliseconds = 0) {}

  async check(site: SiteAccess, signal: AbortSignal): Promise<void> {
    await ask(site, "GET", "/login", signal);
  }

  async copy({ jobId, source, target, publicUrl, anonymize, report, signal }: CopyRequest): Promise<CopyOutcome> {
    const content = await contentOf(source, signal);
    for (let part = 1; part <= 10; part += 1) {
      await sleep(this.milliseconds / 10, undefined, { signal });
      report(part / 10, `Copied ${part * 10} % of ${source.url}`);
    }
    const moved = JSON.stringify(content).replaceAll(source.url, publicUrl);
    const sent = anonymize ? moved.replaceAll(/[\w.]+@[\w.]+/g, (mail) => `${digest(mail)}@example.com`) : moved;
    await ask(target, "POST", `/import?job=${jobId}`, signal, sent);
    return { loginUrl: `${publicUrl}/?login=once` };
  }

  async plan({ source, target, signal }: RestoreRequest): Promise<RestorePlan> {
    const [from, to] = await Promise.all([contentOf(source, signal), contentOf(target, signal)]);
    const changed = Object.keys(from).filter((path) => from[path] !== to[path]);
    const conflicts = Object.keys(to).filter((path) => from[path] === undefined);
    return { changes: { content: changed.length }, conflicts };
  }

  async restore({ jobId, source, target, signal }: RestoreRequest): Promise<void> {
    const content = await contentOf(source, signal);
    await ask(target, "POST", `/import?job=${jobId}`, signal, JSON.stringify(content));
  }

  async canUndo(jobId: string, target: SiteAccess, signal: AbortSignal): Promise<boolean> {
    return (await ask(target, "GET", `/saved?job=${jobId}`, signal)) === "yes";
  }

  async undoRestore(jobId: string, target: SiteAccess, signal: AbortSignal): Promise<void> {
    await ask(target, "POST", `/undo?job=${jobId}`, signal);
  }
}

async function contentOf(site: SiteAccess, signal: AbortSignal): Promise<Record<string, string>> {
  return JSON.parse(await ask(site, "GET", "/export", signal)) as Record<string, string>;
}

async function ask(site: SiteAccess, method: string, path: string, signal: AbortSignal, body?: string) {
  const { url, username, password } = site;
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  const headers: Record<string, string> = username === undefined ? {} : { authorization: `Basic ${basic}` };
  try {
    const response = await fetch(`${url}${path}`, { method, headers, body, signal });
    const text = await response.text();
    if (response.ok) return text;
    throw new MigrationError("SITE_REFUSED", `${url} answered ${response.status}`, response.status >= 500);
  } catch (error) {
    if (error instanceof MigrationError || signal.aborted) throw error;
    throw new MigrationError("SITE_UNREACHABLE", `${url} could not be reached, or broke off`, true);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
