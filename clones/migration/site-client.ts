/** Asks sites over HTTP: follows nothing by itself, waits for nobody for ever, and takes no answer without a bound. */
import type { IncomingHttpHeaders } from "node:http";
import { Dispatcher, FormData, request } from "undici";
import { ServiceError } from "../errors";
import { networkError, shown, siteError } from "./errors";

export interface Call {
  /** @default GET */
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | FormData;
  readonly signal: AbortSignal;
  /** Bytes of the answer. @default 8 MiB: an administration page with many plugins has two */
  readonly limit?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What was asked for. */
  readonly url: string;
  readonly text: string;
}

export interface OpenAnswer extends Omit<Answer, "text"> {
  /** Rejects with a MigrationError when it breaks off or stalls. */
  readonly body: AsyncIterable<Buffer>;
}

export interface ClientTimes {
  /** Milliseconds until the answer's headers. The plugin works 20 s at a time, and hosts are slow. @default 60000 */
  readonly headersTimeout?: number;
  /** Milliseconds without a byte. @default 60000 */
  readonly stallTimeout?: number;
}

const DEFAULTS: Required<ClientTimes> = { headersTimeout: 60_000, stallTimeout: 60_000 };
const LIMIT = 8 * 1024 * 1024;

/** Firewalls of sites refuse those who don't say who they are; owners find it in their log. */
const USER_AGENT = "loomworks-clone-service";

export class SiteClient {
  private readonly times: Required<ClientTimes>;

  /** @param dispatcher decides which addresses may be called, and how long connecting may take */
  constructor(
    private readonly dispatcher: Dispatcher,
    times: ClientTimes = {},
  ) {
    this.times = { ...DEFAULTS, ...times };
  }

  /**
   * The whole answer, whatever its status.
   *
   * @throws {MigrationError} SITE_UNREACHABLE, SITE_STALLED, SITE_CERTIFICATE, SITE_ANSWER_SIZE
   * @throws {ServiceError} URL_REFUSED for an address that the service doesn't call
   */
  async ask(url: string, call: Call): Promise<Answer> {
    const { body, ...answer } = await this.open(url, call);
    const { limit = LIMIT } = call;
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of body) {
      length += part.length;
      if (length > limit) throw tooLong(url, limit);
      parts.push(part);
    }
    return { ...answer, text: Buffer.concat(parts).toString("utf8") };
  }

  /** The answer while it comes. Whoever stops reading it ends it. */
  async open(url: string, { method = "GET", headers = {}, body, signal }: Call): Promise<OpenAnswer> {
    const { dispatcher } = this;
    const { headersTimeout, stallTimeout: bodyTimeout } = this.times;
    const sent = { "user-agent": USER_AGENT, ...headers };
    try {
      const options = { method, headers: sent, dispatcher, signal, headersTimeout, bodyTimeout };
      const answer = await request(url, { ...options, ...(body === undefined ? {} : { body }) });
      return { status: answer.statusCode, headers: answer.headers, url, body: told(url, answer.body, signal) };
    } catch (error) {
      throw translated(url, error, signal);
    }
  }
}

async function* told(url: string, body: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw translated(url, error, signal);
  }
}

/** A refused address and an end that was asked for are nobody's network error. */
function translated(url: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return error;
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof ServiceError) return one;
  return networkError(url, error);
}

function tooLong(url: string, limit: number) {
  return siteError({
    code: "SITE_ANSWER_SIZE",
    site: shown(url),
    reason: `its answer has more than ${limit} bytes`,
    remedy: "Is it the address of a WordPress site",
  });
}
