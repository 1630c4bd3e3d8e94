/** The server of one clone of the embedded mode: a page, which its owner may replace. */
import { timingSafeEqual } from "node:crypto";
import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Of this machine alone. */
const HOST = "127.0.0.1";
/** Bytes of a page. */
const LONGEST = 5_000_000;

export interface Page {
  read(): Promise<string>;
  write(page: string): Promise<void>;
  /** For `PUT`, as user and password of HTTP's basic authentication. */
  readonly username: string;
  readonly password: string;
}

export class PageServer {
  private constructor(private readonly server: Server) {}

  /** @param port the one that it had; another if that is taken meanwhile */
  static async start(page: Page, port = 0): Promise<PageServer> {
    const server = createServer((request, response) => {
      answer(page, request, response).catch(() => response.destroy());
    });
    await listen(server, port).catch(() => listen(server, 0));
    return new PageServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${HOST}:${this.port}/`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(page: Page, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A clone is no page of the source's for search engines (decision 34).
  response.setHeader("x-robots-tag", "noindex");
  if (request.method === "GET" || request.method === "HEAD") {
    response.setHeader("content-type", "text/html; charset=utf-8").end(await page.read());
    return;
  }
  if (request.method !== "PUT") {
    response.writeHead(405, { allow: "GET, HEAD, PUT" }).end();
    return;
  }
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Basic ${Buffer.from(`${page.username}:${page.password}`).toString("base64")}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    response.writeHead(401, { "www-authenticate": "Basic" }).end();
    return;
  }
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > LONGEST) {
      response.writeHead(413).end();
      return;
    }
    parts.push(part as Buffer);
  }
  await page.write(Buffer.concat(parts).toString("utf8"));
  response.writeHead(204).end();
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
