/** Requests as a load balancer, or somebody past it, sends them to a Traefik of this machine. */
import { connect as connectHttp2, constants, IncomingHttpHeaders } from "node:http2";
import { request } from "node:https";
import { TLSSocket } from "node:tls";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Agent, WebSocket } from "undici";
import type { Seen } from "./stand-in-odoo";
import { LOAD_BALANCER, TestTraefik } from "./traefik";

export interface Asked {
  /** Address that it comes from. @default the load balancer's */
  readonly from?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer;
  /** Name asked for in TLS. @default none: the load balancer gives none */
  readonly servername?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Names of the certificate that was shown. */
  readonly certificate: string;
}

export function ask({ ports }: TestTraefik, host: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { from = LOAD_BALANCER, method = "GET", headers = {}, body, servername = "" } = asked;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: "127.0.0.1", port: ports.https, localAddress: from, agent: false },
        ...{ servername, rejectUnauthorized: false, method, path, headers: { host, ...headers } },
      },
      (response) => {
        const certificate =
          response.socket instanceof TLSSocket ? response.socket.getPeerCertificate().subjectaltname : "";
        text(response).then(
          (said) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: said,
              certificate: certificate ?? "",
            }),
          reject,
        );
      },
    );
    sent.on("error", reject);
    if (body instanceof Readable) body.pipe(sent);
    else sent.end(body);
  });
}

/** What the replica saw of a request that was answered by 200. */
export async function seenBy(answered: Promise<Answer>): Promise<Seen> {
  const { status, text: said } = await answered;
  if (status !== 200) throw new Error(`answered ${status}: ${said}`);
  return JSON.parse(said) as Seen;
}

/** Requests of one HTTP/2 connection, all at once. */
export async function askOverHttp2({ ports }: TestTraefik, hosts: readonly string[]): Promise<Seen[]> {
  const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false });
  try {
    return await Promise.all(
      hosts.map(async (host) => {
        const stream = session.request({ ":path": "/web", [constants.HTTP2_HEADER_AUTHORITY]: host });
        const answered = new Promise<IncomingHttpHeaders>((resolve, reject) => {
          stream.once("response", resolve);
          stream.once("error", reject);
        });
        const { [constants.HTTP2_HEADER_STATUS]: status = "" } = await answered;
        const said = await text(stream);
        if (Number(status) !== 200) throw new Error(`answered ${String(status)}: ${said}`);
        return JSON.parse(said) as Seen;
      }),
    );
  } finally {
    session.close();
  }
}

/** A WebSocket, and the messages that come. */
export class OpenWebSocket {
  private readonly came: string[] = [];
  private closed = false;

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener("message", ({ data }) => this.came.push(String(data)));
    socket.addEventListener("close", () => (this.closed = true));
  }

  static async open({ ports }: TestTraefik, host: string, path: string): Promise<OpenWebSocket> {
    const dispatcher = new Agent({
      connect: {
        rejectUnauthorized: false,
        localAddress: LOAD_BALANCER,
        lookup: (_name, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
      },
    });
    const socket = new WebSocket(`wss://${host}:${ports.https}${path}`, { dispatcher });
    const opened = new OpenWebSocket(socket);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", ({ message }) => reject(new Error(`no WebSocket: ${message}`)));
    });
    return opened;
  }

  send(message: string): void {
    this.socket.send(message);
  }

  /** Everything that came so far. */
  get messages(): readonly string[] {
    return this.came;
  }

  get isOpen(): boolean {
    return !this.closed;
  }

  close(): void {
    this.socket.close();
  }
}
