/** A replica of Odoo as a proxy sees it: 8069 for requests, 8072 for WebSockets, each on a port of this machine. */
import { createHash, Hash } from "node:crypto";
import { once } from "node:events";
import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../cluster";

/** What a WebSocket's server puts behind the client's key (RFC 6455, 1.3). */
const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** One for each replica, as Traefik tells them apart by address alone; none is loopback, which the API refuses, or of one link. */
function addressOf(replica: number): { readonly address: string; readonly family: "IPv4" | "IPv6" } {
  const usable = Object.values(networkInterfaces())
    .flatMap((ofOne) => ofOne ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/.test(address));
  const found = usable[replica];
  if (found !== undefined) return found;
  throw new Error(
    `This machine has ${usable.length} addresses but loopback, such as one of IPv4 and IPv6: give it two`,
  );
}

/** As large as Odoo takes them: Python's own server reads 64 KiB a line. */
const LIMITS = { maxHeaderSize: 64 * 1024 };

/** What a replica says of a request that reached it. */
export interface Seen {
  readonly replica: string;
  readonly server: "http" | "websocket";
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: number;
  readonly sha256: string;
}

/** What Kubernetes says of a pod that is ready, one that is about to end, and one that fails its probe. */
const CONDITIONS = {
  ready: { ready: true, serving: true, terminating: false },
  ending: { ready: false, serving: true, terminating: true },
  failing: { ready: false, serving: false, terminating: false },
};

export type ReplicaState = keyof typeof CONDITIONS;

export class StandInOdoo {
  /** Requests that reached it, those that were cut off included. */
  readonly seen: { readonly method: string; readonly path: string }[] = [];

  private constructor(
    private readonly name: string,
    private readonly at: ReturnType<typeof addressOf>,
    private readonly servers: Readonly<Record<"http" | "websocket", Server>>,
    private readonly sockets: Set<Duplex>,
  ) {}

  /** @param index 0 or 1: each has an address of its own */
  static async start(index: number): Promise<StandInOdoo> {
    const at = addressOf(index);
    const sockets = new Set<Duplex>();
    const servers = { http: createServer(LIMITS), websocket: createServer(LIMITS) };
    const odoo = new StandInOdoo(`replica-${index}`, at, servers, sockets);
    servers.http.on("request", (request, response) => void odoo.answer("http", request, response));
    servers.websocket.on("request", (request, response) => void odoo.answer("websocket", request, response));
    servers.websocket.on("upgrade", (request: IncomingMessage, socket: Socket) => odoo.upgrade(request, socket));
    for (const server of Object.values(servers)) {
      server.requestTimeout = 0;
      server.maxHeadersCount = 0;
      server.on("connection", (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
      server.listen(0, at.address);
      await once(server, "listening");
    }
    return odoo;
  }

  /** As Kubernetes has it among the endpoints of the Service `odoo`. */
  endpoints(namespace: string, state: ReplicaState): KubeObject {
    const ports = Object.entries(this.servers).map(([name, server]) => ({
      name,
      port: (server.address() as AddressInfo).port,
      protocol: "TCP",
    }));
    return {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `odoo-${this.name}`, namespace, labels: { "kubernetes.io/service-name": "odoo" } },
      addressType: this.at.family,
      endpoints: [{ addresses: [this.at.address], conditions: CONDITIONS[state] }],
      ports,
    };
  }

  /** Takes no more connections, and cuts those that it has. */
  async stop(): Promise<void> {
    const closed = Object.values(this.servers).map((server) => new Promise((done) => server.close(done)));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
  }

  /** `?wait=<ms>` has it think for so long; the answer says what it saw. */
  private async answer(server: "http" | "websocket", request: IncomingMessage, response: ServerResponse) {
    const { method = "", url = "", headers } = request;
    this.seen.push({ method, path: url });
    const body = await digested(request).catch(() => undefined);
    if (body === undefined) return;
    await sleep(Number(new URL(url, "http://odoo").searchParams.get("wait") ?? 0));
    const said = { replica: this.name, server, method, path: url, headers, ...body };
    const cookie = `session_id=${headers.host ?? ""}; Path=/; HttpOnly`;
    response.writeHead(200, { "Content-Type": "application/json", "Set-Cookie": cookie }).end(JSON.stringify(said));
  }

  /** Echoes each short message, behind its path and Host. */
  private upgrade({ url = "", headers }: IncomingMessage, socket: Socket): void {
    this.seen.push({ method: "WEBSOCKET", path: url });
    const accept = createHash("sha1")
      .update(`${headers["sec-websocket-key"] ?? ""}${WEBSOCKET_GUID}`)
      .digest("base64");
    const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
    socket.on("error", () => socket.destroy());
    socket.on("data", (frame: Buffer) => {
      const text = textOf(frame);
      if (text === undefined) socket.end();
      else socket.write(textFrame(`${headers.host ?? ""} ${text}`));
    });
  }
}

async function digested(request: IncomingMessage): Promise<Pick<Seen, "bytes" | "sha256">> {
  const hash: Hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** The text of a masked frame below 126 bytes; nothing of any other, such as the one that closes. */
function textOf(frame: Buffer): string | undefined {
  if ((frame[0] ?? 0) !== 0x81) return undefined;
  const length = (frame[1] ?? 0) & 0x7f;
  const mask = frame.subarray(2, 6);
  return Buffer.from(frame.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0))).toString();
}

function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
}
