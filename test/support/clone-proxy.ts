/**
 * A TCP proxy before a cluster's API server, that cuts connections where a test wants it. It speaks plain text to the client
 * and TLS to the server, so that it sees which request a connection is at.
 */
import { AddressInfo, createServer, Server, Socket } from "node:net";
import { connect } from "node:tls";
import { KubeConfig } from "@kubernetes/client-node";

/** Where a connection ends: before any of the answer, which the server has given, or with half a piece of it. */
type Cut = "before the answer" | "in its middle";

interface Order {
  readonly request: RegExp;
  readonly where: Cut;
  left: number;
}

const REQUEST_LINE = /^(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP\/1\.1\r\n/;

export class CuttingProxy {
  /** Request lines whose connections were cut: `POST /apis/…`. */
  readonly cuts: string[] = [];
  /** Every request line, in the order in which they came. */
  readonly requests: string[] = [];
  private readonly orders: Order[] = [];
  private readonly sockets = new Map<Socket, string>();
  private isDown = false;

  private constructor(
    private readonly server: Server,
    /** Leads through the proxy, with the same rights. */
    readonly config: KubeConfig,
  ) {}

  static async start(target: KubeConfig): Promise<CuttingProxy> {
    const { server: url = "", caData = "" } = target.getCurrentCluster() ?? {};
    const { hostname, port } = new URL(url);
    const ca = Buffer.from(caData, "base64");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const config = new KubeConfig();
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    config.loadFromClusterAndUser({ name: "proxy", server: own, skipTLSVerify: true }, target.getCurrentUser()!);
    const proxy = new CuttingProxy(server, config);
    server.on("connection", (client) => proxy.join(client, connect({ host: hostname, port: Number(port), ca })));
    return proxy;
  }

  /** Cuts the next `times` connections at such a request. */
  cut(request: RegExp, where: Cut, times = 1): void {
    this.orders.push({ request, where, left: times });
  }

  /** Ends every connection, and refuses new ones until {@link up}. */
  down(): void {
    this.isDown = true;
    for (const client of this.sockets.keys()) client.destroy();
  }

  up(): void {
    this.isDown = false;
  }

  /** Ends open connections that are at such a request: a watch that says nothing at the moment. @returns how many */
  drop(request: RegExp): number {
    const dropped = [...this.sockets].filter(([, line]) => request.test(line));
    for (const [client, line] of dropped) {
      this.cuts.push(line);
      client.destroy();
    }
    return dropped.length;
  }

  async stop(): Promise<void> {
    this.down();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, upstream: Socket): void {
    const end = () => {
      this.sockets.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
    if (this.isDown) {
      end();
      return;
    }
    this.sockets.set(client, "");
    client.on("data", (data: Buffer) => {
      const [, method, path] = REQUEST_LINE.exec(data.toString("latin1")) ?? [];
      if (method !== undefined) {
        this.requests.push(`${method} ${path}`);
        this.sockets.set(client, `${method} ${path}`);
      }
      upstream.write(data);
    });
    upstream.on("data", (data: Buffer) => {
      const line = this.sockets.get(client) ?? "";
      // The answer's head comes by itself where a watch begins: what matters is in its middle.
      const order = this.orders.find(({ request, where, left }) => {
        return left > 0 && request.test(line) && (where === "before the answer" || !data.subarray(0, 5).equals(HTTP));
      });
      if (order === undefined) {
        client.write(data);
        return;
      }
      order.left -= 1;
      this.cuts.push(line);
      if (order.where === "before the answer") end();
      else client.write(data.subarray(0, data.length / 2), end);
    });
  }
}

const HTTP = Buffer.from("HTTP/");
