/** The only way out to URLs that others gave: an HTTP client that looks at each address it is about to connect to. */
import { lookup as systemLookup, LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, Dispatcher } from "undici";
import { hostOf, mayConnect, refuseHost, urlRefused, UrlPolicy } from "./url-policy";

/** Every address of a name. */
export type Resolver = (host: string) => Promise<readonly LookupAddress[]>;

export interface DispatcherOptions {
  /** Milliseconds for connecting, TLS included. @default 10000 */
  readonly connectTimeout?: number;
  /** Milliseconds until the answer's headers. @default 30000 */
  readonly headersTimeout?: number;
  /** Milliseconds between two pieces of the answer. @default 30000 */
  readonly bodyTimeout?: number;
  /** Bytes of an answer. @default no bound */
  readonly maxResponseSize?: number;
  /** @default the system's */
  readonly resolve?: Resolver;
}

const DEFAULTS = { connectTimeout: 10_000, headersTimeout: 30_000, bodyTimeout: 30_000, maxResponseSize: -1 };

/**
 * A dispatcher for undici's own `request` and `fetch` (Node's global `fetch` is another version, and takes no dispatcher
 * of this one). What a name resolves to is looked at when the connection is made, and the connection goes to just that
 * address: a name that meant a public address a moment ago gains nothing by meaning another now. `request` follows no
 * redirects; `fetch` does, and each hop passes here.
 *
 * Every refusal rejects with a ServiceError URL_REFUSED, for `fetch` as the cause.
 */
export function guardedDispatcher(policy: UrlPolicy, options: DispatcherOptions = {}): Dispatcher {
  const { resolve = resolveAll, connectTimeout, ...timeouts } = { ...DEFAULTS, ...options };
  const agent = new Agent({
    ...timeouts,
    connect: { timeout: connectTimeout, lookup: guardedLookup(policy, resolve) },
    // A server that answers by HTTP/2 could share its connection among hosts.
    allowH2: false,
  });
  return agent.compose((dispatch) => (call, handler) => {
    // Node asks no resolver for a literal address, so that it must be looked at here.
    const origin = new URL(String(call.origin));
    const refusal = isHttp(origin) ? refuseHost(hostOf(origin), policy) : notHttp;
    if (refusal !== undefined) throw urlRefused("url", ...refusal);
    return dispatch(call, handler);
  });
}

const notHttp = ["it is no URL of http or https", "Give it as https://example.com"] as const;

function isHttp({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}

/** Node's own code, which undici's callers know. */
const NO_ADDRESS = "ENOTFOUND";

/** One address that may not be called spoils all: the next connection might take it. */
function guardedLookup(policy: UrlPolicy, resolve: Resolver): LookupFunction {
  return (host, { all, family }, callback) => {
    const answer = async () => {
      const addresses = await resolve(host);
      if (addresses.some(({ address }) => !mayConnect(host, address, policy))) {
        const reason = "its name resolves to an address that the service calls for nobody";
        throw urlRefused("url", reason, "Give a name that resolves to public addresses alone");
      }
      const wanted = addresses.filter((address) => !family || address.family === family);
      const [first] = wanted;
      if (first === undefined) throw Object.assign(new Error("the name has no address"), { code: NO_ADDRESS });
      return { first, wanted };
    };
    answer().then(
      ({ first, wanted }) => {
        if (all === true) callback(null, [...wanted]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, ""),
    );
  };
}

function resolveAll(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}
