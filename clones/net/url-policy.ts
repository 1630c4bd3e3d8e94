/** URLs that others give us: sites to copy, sites to change, webhooks. Read once here, and again at connect. */
import { isIP } from "node:net";
import { ServiceError } from "../errors";
import { reachOf } from "./addresses";

export interface UrlPolicy {
  /**
   * Lets in loopback, private, unique-local and carrier-grade addresses, and names of the local network; for a stack on
   * one machine. Metadata, link-local, multicast and unspecified addresses stay refused.
   *
   * @default false
   */
  readonly allowPrivate?: boolean;
  /**
   * Hosts that may have private addresses: `wordpress.intra.example`, or `.clones.example.com` for all below it.
   *
   * @default none
   */
  readonly allowedHosts?: readonly string[];
}

/** Characters; what browsers and load balancers carry. */
export const URL_LENGTH = 2048;

/** Ports below 1024 are those of other services: mail, SSH, databases' older kin. */
const LOW_PORTS: ReadonlySet<string> = new Set(["", "80", "443"]);

/** Names that only a local network resolves (RFC 6761, 6762, 8375, ICANN's .internal, and Kubernetes' own). */
const LOCAL_SUFFIXES = ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "svc", "cluster.local"];

const PRINTABLE = /^[!-~]+$/;
const AUTHORITY = /^https?:\/\/([^/?#]*)/i;
const DOMAIN = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/**
 * Reads a URL that the service is asked to call. The host must stand there as it is understood: `http://0x7f.1`,
 * `http://2130706433`, `http://127.1`, full-width digits, per cent signs and trailing dots are all refused, because two
 * programs that read them differently are how such checks are passed by.
 *
 * @param path where it was given, for the message
 * @returns without its fragment
 * @throws {ServiceError} URL_REFUSED
 */
export function parseOutboundUrl(text: string, policy: UrlPolicy = {}, path = "url"): URL {
  const url = readUrl(text, path);
  const refusal = refuseHost(hostOf(url), policy);
  if (refusal !== undefined) throw urlRefused(path, ...refusal);
  return url;
}

/** Of a site: neither a query nor a fragment belongs to its address, and what people put there is often a secret. */
export function parseSiteUrl(text: string, policy: UrlPolicy = {}, path = "url"): URL {
  const url = parseOutboundUrl(text, policy, path);
  if (text.includes("?") || text.includes("#")) {
    throw urlRefused(path, "a site's address has no query and no fragment", "Leave away what follows the path");
  }
  return url;
}

/** Whether this host may have this address. Asked for each address of a name, at the moment of connecting. */
export function mayConnect(host: string, address: string, policy: UrlPolicy): boolean {
  const reach = reachOf(address);
  if (reach === "never") return false;
  return reach === "public" || policy.allowPrivate === true || isAllowedHost(host, policy);
}

/** Why an origin isn't called, whatever its name resolves to. */
export function refuseHost(host: string, policy: UrlPolicy): readonly [reason: string, remedy: string] | undefined {
  if (isIP(host) !== 0) {
    if (mayConnect(host, host, policy)) return undefined;
    return ["it is an address that the service calls for nobody", "Give the public name of the site"];
  }
  if (policy.allowPrivate === true || isAllowedHost(host, policy)) return undefined;
  if (!DOMAIN.test(host)) return ["its host is no full domain name", "Give the public name of the site"];
  if (LOCAL_SUFFIXES.some((suffix) => host.endsWith(`.${suffix}`))) {
    return ["its host is one of a local network", "Give the public name of the site"];
  }
  return undefined;
}

/** The host without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

/** The value is left away: it may hold a password. */
export function urlRefused(path: string, reason: string, remedy: string): ServiceError {
  return new ServiceError(422, [{ code: "URL_REFUSED", path, value: undefined, reason, remedy }]);
}

function readUrl(text: string, path: string): URL {
  if (text.length > URL_LENGTH)
    throw urlRefused(path, `it has more than ${URL_LENGTH} characters`, "Give a shorter one");
  if (!PRINTABLE.test(text) || text.includes("\\")) {
    const remedy = "Write names in other scripts as xn--…, and spaces as %20";
    throw urlRefused(path, "it has characters that a URL can't have", remedy);
  }
  const authority = AUTHORITY.exec(text)?.[1]?.toLowerCase();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (authority === undefined || url === undefined) {
    throw urlRefused(path, "it is no URL of http or https", "Give it as https://example.com");
  }
  if (authority.includes("@")) {
    throw urlRefused(path, "it carries credentials", "Give them in the fields for them");
  }
  const defaultPort = url.protocol === "https:" ? ":443" : ":80";
  if (authority !== url.host && authority !== `${url.host}${defaultPort}`) {
    throw urlRefused(path, "its host is written in an unusual way", "Write the host as browsers show it");
  }
  if (url.hostname.endsWith(".")) throw urlRefused(path, "its host ends with a dot", "Leave the dot away");
  if (!LOW_PORTS.has(url.port) && Number(url.port) < 1024) {
    throw urlRefused(path, "its port is another service's", "Use 80, 443, or one from 1024 on");
  }
  url.hash = "";
  return url;
}

function isAllowedHost(host: string, { allowedHosts = [] }: UrlPolicy): boolean {
  const name = host.toLowerCase();
  return allowedHosts.some((allowed) => (allowed.startsWith(".") ? name.endsWith(allowed) : name === allowed));
}
