/** Ways to the migration plugin of a site: a key that was given, an application password, or a login and an upload. */
import { z } from "zod";
import type { Clock } from "../provisioner/clock";
import { AdminSession } from "./admin-session";
import { jsonOf, refusalOf, wordpressErrorOf } from "./answers";
import { shown, siteError } from "./errors";
import { PluginApi, routeUrl } from "./plugin-api";
import { activatePlugin, proveUpload, uploadPlugin } from "./plugin-upload";
import { PLUGIN, PluginPackage } from "./plugin-zip";
import { locate, SiteAddress } from "./site-address";
import type { Answer, SiteClient } from "./site-client";
import type { MigrationError, SiteAccess } from "./site-migrator";

export interface AccessDeps {
  readonly client: SiteClient;
  readonly clock: Clock;
  /** The plugin that this service brings along. */
  readonly plugin: () => Promise<PluginPackage>;
}

/** Who asks WordPress's own REST: by cookies, or by an application password. */
interface Administrator {
  readonly rest: (route: string, body?: object) => Promise<Answer>;
  /** Only who logged in by the form can upload. */
  readonly session?: AdminSession;
}

/** Four letters or digits six times: what WordPress shows as an application password. */
const APPLICATION_PASSWORD = /^([A-Za-z0-9]{4} ?){6}$/;

/**
 * The plugin with a key, brought there if need be.
 *
 * @throws {MigrationError} SITE_ACCESS, SITE_LOGIN, SITE_LOGIN_FORM, SITE_PERMISSION, SITE_PLUGIN_UPLOAD,
 *   SITE_PLUGIN_MISSING, SITE_KEY, SITE_PROTOCOL and what sites do
 */
export async function accessTo(site: SiteAccess, deps: AccessDeps, signal: AbortSignal): Promise<PluginApi> {
  const { client, clock } = deps;
  if (site.own === true) return new PluginApi(client, clock, site.url.replace(/\/+$/, ""), site.apiKey ?? "");
  const address = await locate(client, site.url, signal);
  if (site.apiKey !== undefined) return await byKey(site.apiKey, address, deps, signal);
  const administrator = await administratorOf(site, address, client, signal);
  if (!address.plugin) await bring(address, administrator, deps);
  const api = await keyed(address, administrator, deps);
  if (administrator.session === undefined) return api;
  if (!(await isOutdated(api, deps, signal))) return api;
  await uploadPlugin(administrator.session, await deps.plugin());
  return await keyed(address, administrator, deps);
}

/** Whether `accessTo` would succeed, as far as that can be known without a change of the site. */
export async function proveAccess(site: SiteAccess, deps: AccessDeps, signal: AbortSignal): Promise<void> {
  if (site.own === true || site.apiKey !== undefined) {
    await (await accessTo(site, deps, signal)).status(signal);
    return;
  }
  const address = await locate(deps.client, site.url, signal);
  const administrator = await administratorOf(site, address, deps.client, signal);
  if (address.plugin || (await isInstalled(administrator))) return;
  if (administrator.session === undefined) throw pluginMissing(address.base);
  await proveUpload(administrator.session);
}

async function byKey(
  key: string,
  { base, plugin }: SiteAddress,
  { client, clock }: AccessDeps,
  signal: AbortSignal,
): Promise<PluginApi> {
  if (!plugin) throw pluginMissing(base);
  const api = new PluginApi(client, clock, base, key);
  await api.status(signal);
  return api;
}

async function administratorOf(
  site: SiteAccess,
  { base }: SiteAddress,
  client: SiteClient,
  signal: AbortSignal,
): Promise<Administrator> {
  const { username, password } = site;
  if (username === undefined || password === undefined) {
    throw siteError({
      code: "SITE_ACCESS",
      site: shown(base),
      reason: "nothing was given by which the service could get in",
      remedy: "Give an administrator's name and password, or the key of the migration plugin",
    });
  }
  // A site's security plugin counts each wrong try, so that a usual password isn't tried as an application's.
  if (APPLICATION_PASSWORD.test(password)) {
    const basic = basicAdministrator({ username, password }, base, client, signal);
    if (await mayManage(base, basic)) return basic;
  }
  const core = await coreOf(base, client, signal);
  const session = await AdminSession.login(client, { base, core }, { username, password }, signal);
  const administrator = { session, rest: session.rest.bind(session) };
  await mayManage(base, administrator);
  return administrator;
}

function basicAdministrator(
  { username, password }: { readonly username: string; readonly password: string },
  base: string,
  client: SiteClient,
  signal: AbortSignal,
): Administrator {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const headers = { authorization, accept: "application/json", "content-type": "application/json" };
  return {
    rest: async (route, body) => {
      const post = body === undefined ? {} : ({ method: "POST", body: JSON.stringify(body) } as const);
      return await client.ask(routeUrl(base, route), { headers, signal, ...post });
    },
  };
}

const me = z.object({ capabilities: z.record(z.string(), z.unknown()) });

/** @returns whether they are known there; @throws {MigrationError} SITE_PERMISSION if they may not do what is needed */
async function mayManage(base: string, { rest, session }: Administrator): Promise<boolean> {
  const answer = await rest("wp/v2/users/me&context=edit");
  if (answer.status === 429 || answer.status >= 500) throw refusalOf(answer);
  const parsed = me.safeParse(jsonOf(answer));
  if (!parsed.success) {
    // Some sites close this route; then the plugin's own answer tells.
    return session !== undefined;
  }
  if (parsed.data.capabilities.manage_options === true) return true;
  throw permission(base);
}

/** Where wp-login.php is: below the address of WordPress's files, if that is on the same host. */
async function coreOf(base: string, client: SiteClient, signal: AbortSignal): Promise<string> {
  const answer = await client.ask(routeUrl(base, "&_fields=url"), { signal });
  const parsed = z.object({ url: z.url() }).safeParse(jsonOf(answer));
  if (!parsed.success || new URL(parsed.data.url).host !== new URL(base).host) return base;
  return `${new URL(base).origin}${new URL(parsed.data.url).pathname}`.replace(/\/+$/, "");
}

async function bring({ base }: SiteAddress, administrator: Administrator, deps: AccessDeps): Promise<void> {
  if (await activatePlugin(administrator)) return;
  if (administrator.session === undefined) throw pluginMissing(base);
  await uploadPlugin(administrator.session, await deps.plugin());
}

async function isInstalled({ rest }: Administrator): Promise<boolean> {
  return (await rest(`wp/v2/plugins/${PLUGIN}/${PLUGIN}`)).status === 200;
}

/** @throws {MigrationError} SITE_PERMISSION, SITE_PLUGIN_UPLOAD */
async function keyed(
  { base }: SiteAddress,
  { rest }: Administrator,
  { client, clock }: AccessDeps,
): Promise<PluginApi> {
  const answer = await rest("custom-migrator/v1/key", {});
  const parsed = z.object({ key: z.string().min(1) }).safeParse(jsonOf(answer));
  if (answer.status < 300 && parsed.success) return new PluginApi(client, clock, base, parsed.data.key);
  const code = wordpressErrorOf(answer)?.code;
  if (code === "rest_no_route") {
    throw siteError({
      code: "SITE_PLUGIN_UPLOAD",
      site: shown(base),
      reason: "the migration plugin was brought there, but WordPress doesn't run it",
      remedy: "Activate it there by hand; its administration shows why it fails",
    });
  }
  if (answer.status === 401 || answer.status === 403) throw permission(base);
  throw refusalOf(answer);
}

/** An older plugin that still speaks the protocol is updated too where that can be done: it lacks what was mended since. */
async function isOutdated(api: PluginApi, { plugin }: AccessDeps, signal: AbortSignal): Promise<boolean> {
  try {
    const { plugin: there } = await api.status(signal);
    return there.localeCompare((await plugin()).version, "en", { numeric: true }) < 0;
  } catch (error) {
    if ((error as MigrationError).code === "SITE_PROTOCOL") return true;
    throw error;
  }
}

function permission(base: string): MigrationError {
  return siteError({
    code: "SITE_PERMISSION",
    site: shown(base),
    reason: "this user is let in, but is no administrator",
    remedy: "Give one who may change options and plugins",
  });
}

function pluginMissing(base: string): MigrationError {
  return siteError({
    code: "SITE_PLUGIN_MISSING",
    site: shown(base),
    reason: "the migration plugin isn't active there, and this access can't bring it",
    remedy: "Install it there, or give an administrator's name and password",
  });
}
