/** The custom-migrator plugin of one site, with its key. Its protocol is that of clones/image/custom-migrator. */
import { z } from "zod";
import type { Clock } from "../provisioner/clock";
import { jsonOf, refusalOf, wordpressErrorOf } from "./answers";
import { siteError } from "./errors";
import { pluginError } from "./plugin-errors";
import { patiently } from "./patience";
import type { Answer, OpenAnswer, SiteClient } from "./site-client";
import type { RestoreScope } from "./site-migrator";

/** Version of the protocol that this service speaks. */
export const PROTOCOL = 1;

const count = z.number().nonnegative();
const totals = z.object({ tables: count, rows: count, files: count, bytes: count });

const siteStatus = z.object({
  protocol: z.number(),
  plugin: z.string(),
  wordpress: z.string(),
  home: z.string(),
  siteurl: z.string(),
  clone: z.boolean(),
  limits: z.object({ post_bytes: count }),
  /** Estimates. */
  totals,
});
export type SiteStatus = z.output<typeof siteStatus>;

const importState = z.object({
  phase: z.string(),
  next: count,
  ticket: z.string().nullable(),
  ended: z.boolean(),
  totals,
  table: z.string().nullish(),
});
export type ImportState = z.output<typeof importState>;

export interface ImportWish {
  readonly job: string;
  readonly mode: "clone" | "restore";
  readonly scopes: readonly RestoreScope[];
  /** What the source's URLs become. */
  readonly url: string;
  readonly anonymize: boolean;
  readonly admin: { readonly username: string; readonly password: string; readonly email: string } | null;
}

/** The target has other frames than the sender thought. */
export class OtherPlace extends Error {}

/** What the target has can't be gone on with. */
export class BeginAgain extends Error {}

/** A request was larger than the target's web server takes. */
export class TooLarge extends Error {}

export class PluginApi {
  constructor(
    private readonly client: SiteClient,
    private readonly clock: Clock,
    /** Without a slash at its end. */
    readonly base: string,
    private readonly key: string,
  ) {}

  /** @throws {MigrationError} SITE_KEY, SITE_PROTOCOL, and what sites do */
  async status(signal: AbortSignal): Promise<SiteStatus> {
    const status = this.read(siteStatus, await this.call("status", signal));
    if (status.protocol === PROTOCOL) return status;
    throw siteError({
      code: "SITE_PROTOCOL",
      site: this.base,
      got: status.plugin,
      reason: "the migration plugin there is of another version than this service can talk to",
      remedy: "Update it, or give a user who may upload plugins",
    });
  }

  async begin(wish: ImportWish, signal: AbortSignal): Promise<ImportState> {
    return this.read(importState, await this.call("import", signal, wish));
  }

  /** @returns nothing if there is no import of this job */
  async state(job: string, signal: AbortSignal): Promise<ImportState | undefined> {
    const answer = await this.call(`import&job=${encodeURIComponent(job)}`, signal, undefined, ["IMPORT_UNKNOWN"]);
    return answer.status === 404 ? undefined : this.read(importState, answer);
  }

  /** Once: whoever pipes asks for the place before another try. @throws OtherPlace, TooLarge */
  async put(job: string, frames: Buffer, signal: AbortSignal): Promise<ImportState> {
    const headers = { ...this.headers, "content-type": "application/octet-stream" };
    const url = this.urlOf(`import&job=${encodeURIComponent(job)}`);
    const answer = await this.client.ask(url, { method: "PUT", headers, body: frames, signal });
    const code = wordpressErrorOf(answer)?.code;
    if (answer.status === 409 && code === "IMPORT_PLACE") throw new OtherPlace();
    if (answer.status === 413) throw new TooLarge();
    return this.read(importState, this.good(answer));
  }

  async finish(job: string, signal: AbortSignal): Promise<ImportState> {
    return this.read(importState, await this.call("finish", signal, { job }));
  }

  async rollback(job: string, signal: AbortSignal): Promise<void> {
    await this.call("rollback", signal, { job });
  }

  async loginLink(signal: AbortSignal): Promise<string> {
    return this.read(z.object({ url: z.url() }), await this.call("login-link", signal, {})).url;
  }

  /** A slice of the site's archive. */
  async export(
    job: string,
    scopes: readonly RestoreScope[],
    ticket: string | null,
    signal: AbortSignal,
  ): Promise<OpenAnswer> {
    return await this.open("export", { job, scopes, ticket }, signal);
  }

  /** A slice of the list of what the site has. */
  async fingerprint(
    scopes: readonly RestoreScope[],
    of: "site" | "base" | "copy",
    ticket: string | null,
    signal: AbortSignal,
  ): Promise<OpenAnswer> {
    return await patiently(
      async () => await this.open("fingerprint", { scopes, of, ticket }, signal),
      this.clock,
      signal,
    );
  }

  private async open(route: string, body: object, signal: AbortSignal): Promise<OpenAnswer> {
    const call = { method: "POST", headers: this.headers, body: JSON.stringify(body), signal } as const;
    const answer = await this.client.open(this.urlOf(route), call);
    if (answer.status === 200) return answer;
    const parts: Buffer[] = [];
    for await (const part of answer.body) if (parts.push(part) > 100) break;
    throw this.refused({ ...answer, text: Buffer.concat(parts).toString("utf8") });
  }

  /** For what may be asked twice. */
  private async call(
    route: string,
    signal: AbortSignal,
    body?: object,
    expected: readonly string[] = [],
  ): Promise<Answer> {
    const post = body === undefined ? {} : ({ method: "POST", body: JSON.stringify(body) } as const);
    const call = { headers: this.headers, signal, ...post };
    const ask = async () => this.good(await this.client.ask(this.urlOf(route), call), expected);
    return await patiently(ask, this.clock, signal);
  }

  private good(answer: Answer, expected: readonly string[] = []): Answer {
    if (answer.status === 200 || expected.includes(wordpressErrorOf(answer)?.code ?? "")) return answer;
    throw this.refused(answer);
  }

  private read<T>(schema: z.ZodType<T>, answer: Answer): T {
    const parsed = schema.safeParse(jsonOf(answer));
    if (parsed.success) return parsed.data;
    throw refusalOf(answer);
  }

  private refused(answer: Answer): Error {
    const error = wordpressErrorOf(answer);
    if (error?.code === "EXPORT_CHANGED" || error?.code === "EXPORT_TICKET") return new BeginAgain();
    return (error && pluginError(this.base, error)) ?? refusalOf(answer);
  }

  private get headers(): Record<string, string> {
    return { "x-migrator-key": this.key, "content-type": "application/json", accept: "application/json" };
  }

  private urlOf(route: string): string {
    return routeUrl(this.base, `custom-migrator/v1/${route}`);
  }
}

/** Works without permalinks, wherever the site's rewriting stands. */
export function routeUrl(base: string, route: string): string {
  return `${base}/?rest_route=/${route}`;
}
