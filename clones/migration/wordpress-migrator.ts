/** Copies WordPress sites by the custom-migrator plugin at both ends. This process only passes on what one says to the other. */
import { createHash } from "node:crypto";
import { Agent, Dispatcher } from "undici";
import { guardedDispatcher } from "../net/dispatcher";
import type { UrlPolicy } from "../net/url-policy";
import type { Clock } from "../provisioner/clock";
import { compare, conflicts } from "./comparison";
import { runImport } from "./import-run";
import { accessTo, proveAccess } from "./plugin-access";
import type { PluginApi } from "./plugin-api";
import { packPlugin, PluginPackage } from "./plugin-zip";
import { siteError } from "./errors";
import { ClientTimes, SiteClient } from "./site-client";
import {
  CopyOutcome,
  CopyRequest,
  MigrationError,
  RESTORE_SCOPES,
  RestorePlan,
  RestoreRequest,
  SiteAccess,
  SiteMigrator,
} from "./site-migrator";
import type { Visited } from "./page-check";
import { Title, titleOf, verify } from "./verify";

export interface WordPressMigratorOptions {
  /** Which addresses sites may have; the service's own clones may have any. @default public ones */
  readonly urlPolicy?: UrlPolicy;
  readonly clock: Clock;
  /** Folder of the plugin, which is uploaded where it is missing. */
  readonly pluginFolder: string;
  /** Milliseconds that sites are waited for. @default the client's */
  readonly times?: ClientTimes;
  /** Calls sites instead of what the policy makes. */
  readonly dispatcher?: Dispatcher;
}

/** Milliseconds until a connection must stand. */
const CONNECT = 10_000;

/** Milliseconds that a key is used again: the steps of one job follow each other, and each key stays on the site for a day. */
const KEEP_KEY = 60 * 60 * 1000;

/** Phases of an import in which the site isn't what it was, or is on its way back. */
const CHANGED = new Set(["swapping", "swapped", "rolling-back", "rolled-back"]);

export class WordPressMigrator implements SiteMigrator {
  private readonly strangers: SiteClient;
  private readonly clones: SiteClient;
  private readonly keys = new Map<string, { readonly api: PluginApi; readonly until: number }>();
  private packed: Promise<PluginPackage> | undefined;

  constructor(private readonly options: WordPressMigratorOptions) {
    const { urlPolicy, dispatcher, times } = options;
    const connect = { timeout: CONNECT };
    const guarded = dispatcher ?? guardedDispatcher(urlPolicy ?? {}, { connectTimeout: CONNECT });
    this.strangers = new SiteClient(guarded, times);
    // A clone has a cluster's address, and its content may not lead anywhere else: nothing follows a redirect out of it.
    this.clones = new SiteClient(dispatcher ?? new Agent({ connect }), times);
  }

  async check(site: SiteAccess, signal: AbortSignal): Promise<void> {
    const kept = this.kept(site);
    if (kept === undefined) await proveAccess(site, this.depsOf(site), signal);
    else await kept.status(signal);
  }

  async copy(request: CopyRequest): Promise<CopyOutcome> {
    const { jobId: job, source, target, publicUrl, anonymize, report, signal } = request;
    report(0, "Getting to the migration plugin");
    const [from, to] = [await this.access(source, signal), await this.access(target, signal)];
    const { home, siteurl } = await from.status(signal);
    const url = publicUrl.replace(/\/+$/, "");
    // Before, too, because a first visit has WordPress write options, which would differ from the clone's ever after.
    const title = await this.titles(source, { url: from.base, publicUrl: home }, signal);
    const wish = { job, mode: "clone", scopes: RESTORE_SCOPES, url, anonymize, admin: adminOf(target, url) } as const;
    const { clock } = this.options;
    await runImport({ source: from, target: to, wish, clock, report, signal });
    report(0.95, "Looking at the clone's pages");
    const site = { url: target.url, publicUrl: url };
    await verify({ client: this.clientOf(target), clock, site, foreign: [home, siteurl], title, signal });
    return { loginUrl: await to.loginLink(signal) };
  }

  async plan({ source, target, scopes, report, signal }: RestoreRequest): Promise<RestorePlan> {
    const [from, to] = [await this.access(source, signal), await this.access(target, signal)];
    report(0.3, "Comparing row by row and file by file");
    return await compare(from, to, scopes, signal);
  }

  async restore({ jobId: job, source, target, scopes, force, report, signal }: RestoreRequest): Promise<void> {
    const [from, to] = [await this.access(source, signal), await this.access(target, signal)];
    const { clone, home: foreign, siteurl } = await from.status(signal);
    const { home: url } = await to.status(signal);
    const { clock } = this.options;
    const wish = { job, mode: "restore", scopes, url, anonymize: false, admin: null } as const;
    const lastLook = async () => {
      if (force || !clone) return;
      report(0.8, "Looking once more whether the target changed meanwhile");
      const [first] = await conflicts(from, to, scopes, signal);
      if (first === undefined) return;
      await to.rollback(job, signal);
      throw changedMeanwhile(to, first);
    };
    await runImport({ source: from, target: to, wish, clock, report, signal, lastLook });
    report(0.95, "Looking at the target's pages");
    const site = { url: to.base, publicUrl: url };
    try {
      await verify({ client: this.clientOf(target), clock, site, foreign: [foreign, siteurl], signal });
    } catch (error) {
      if (!signal.aborted) await to.rollback(job, signal);
      throw error;
    }
  }

  async canUndo(jobId: string, target: SiteAccess, signal: AbortSignal): Promise<boolean> {
    const state = await (await this.access(target, signal)).state(jobId, signal);
    return state !== undefined && CHANGED.has(state.phase);
  }

  async undoRestore(jobId: string, target: SiteAccess, signal: AbortSignal): Promise<void> {
    await (await this.access(target, signal)).rollback(jobId, signal);
    // Its keys may be those of before, too: whoever looks whether it serves asks for one anew.
    this.keys.delete(nameOf(target));
  }

  /** What visitors see as its title, now and again; known by another name than its own, it shows them a redirect alone. */
  private async titles(site: SiteAccess, seen: Visited, signal: AbortSignal): Promise<readonly (() => Title)[]> {
    if (new URL(seen.publicUrl).host !== new URL(seen.url).host) return [];
    const look = async () => await titleOf(this.clientOf(site), seen, signal);
    const first = await look();
    return [() => Promise.resolve(first), look];
  }

  /** The plugin there; known by all that was given, so that nobody gets in by what another one gave. */
  private async access(site: SiteAccess, signal: AbortSignal): Promise<PluginApi> {
    const kept = this.kept(site);
    if (kept !== undefined) return kept;
    const api = await accessTo(site, this.depsOf(site), signal);
    this.keys.set(nameOf(site), { api, until: this.now() + KEEP_KEY });
    return api;
  }

  private kept(site: SiteAccess): PluginApi | undefined {
    for (const [name, { until }] of this.keys) if (until <= this.now()) this.keys.delete(name);
    return this.keys.get(nameOf(site))?.api;
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }

  private clientOf({ own }: SiteAccess): SiteClient {
    return own === true ? this.clones : this.strangers;
  }

  private depsOf(site: SiteAccess) {
    const { clock, pluginFolder } = this.options;
    const plugin = () => (this.packed ??= packPlugin(pluginFolder));
    return { client: this.clientOf(site), clock, plugin };
  }
}

function nameOf({ url, username, password, apiKey, own }: SiteAccess): string {
  return createHash("sha256")
    .update(JSON.stringify([url, username, password, apiKey, own]))
    .digest("hex");
}

/** Nobody reads mail to that address (RFC 2606); the clone's owner may enter another. */
function adminOf({ username, password }: SiteAccess, url: string) {
  if (username === undefined || password === undefined) return null;
  const host = new URL(url).hostname.replaceAll(/[^a-z0-9.-]/gi, "");
  return { username, password, email: `clone-admin@${host}.invalid` };
}

function changedMeanwhile({ base }: PluginApi, conflict: string): MigrationError {
  return siteError({
    code: "RESTORE_CONFLICT",
    site: base,
    reason: `it changed while everything was copied: ${conflict}. Nothing of it was touched`,
    remedy: "Ask again with dry_run to see all, then with force or other scopes",
  });
}
