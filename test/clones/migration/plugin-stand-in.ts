/** Two ends of a pipe in the place of WordPress: small servers that speak the plugin's protocol, and misbehave when told to. */
import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { archive } from "./archive";

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Ends the connection after so many bytes of the body. */
  readonly cutAfter?: number;
}

export type Route = (request: {
  readonly what: string;
  readonly body: Buffer;
  readonly headers: IncomingMessage["headers"];
}) => Reply | Promise<Reply>;

/** A server whose answers a test writes. `what` is `POST export`, for paths `GET /wp-login.php`. */
export class StandInServer {
  readonly requests: string[] = [];

  private constructor(private readonly server: Server) {}

  static async start(route: Route): Promise<StandInServer> {
    const server = createServer();
    const stand = new StandInServer(server);
    server.on("request", (request, response) => void stand.answer(route, request, response));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return stand;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async answer(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search, searchParams } = new URL(request.url ?? "/", this.url);
    const rest = searchParams.get("rest_route")?.replace("/custom-migrator/v1/", "");
    const what = `${request.method} ${rest ?? pathname + search}`;
    this.requests.push(what);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const reply = await route({ what, body: Buffer.concat(parts), headers: request.headers });
    const { status = 200, headers = {}, body = "", cutAfter } = reply;
    response.writeHead(status, headers);
    if (cutAfter === undefined) {
      response.end(body);
      return;
    }
    response.write(Buffer.from(body).subarray(0, cutAfter));
    setTimeout(() => response.destroy(), 20);
  }
}

export const json = (value: unknown, status = 200): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

export const refusal = (code: string, status: number) =>
  json({ code, message: `${code} test: no. Try.`, data: { status } }, status);

/** A source whose archive has bodies of these sizes; it sends them in slices of so many units. */
export class ArchiveSource {
  readonly units: readonly Buffer[];
  /** Replies that come before the true ones. */
  readonly first: Reply[] = [];

  constructor(
    sizes: readonly number[],
    private readonly perSlice = 3,
  ) {
    this.units = archive(
      sizes.map((size, index) => Buffer.alloc(size, index)),
      0,
    ).units;
  }

  readonly route: Route = ({ what, body }) => {
    if (what !== "POST export") return refusal("rest_no_route", 404);
    const { ticket } = JSON.parse(body.toString()) as { ticket: string | null };
    const at = ticket === null ? 0 : Number(ticket.replace("ticket ", ""));
    const slice = Buffer.concat(this.units.slice(at, at + this.perSlice));
    const reply = this.first.shift();
    return reply === undefined ? { body: slice } : { body: slice, ...reply };
  };
}

/** A target that counts units, and keeps their bytes. */
export class ArchiveTarget {
  readonly taken: Buffer[] = [];
  readonly sizes: number[] = [];
  readonly first: Reply[] = [];
  /** Units that it takes of one request: a slow site takes no more in its time. */
  most = Infinity;
  next = 0;
  /** Requests that didn't begin where it is. */
  misplaced = 0;

  constructor(private readonly source: ArchiveSource) {}

  readonly route: Route = ({ what, body }) => {
    if (what !== "PUT import") return json(this.state());
    const reply = this.first.shift();
    if (reply !== undefined) return reply;
    this.sizes.push(body.length);
    let left = body;
    for (let count = 0; left.length > 0 && count < this.most; count += 1) {
      const unit = this.source.units[this.next];
      if (unit === undefined || !left.subarray(0, unit.length).equals(unit)) {
        this.misplaced += 1;
        return refusal("IMPORT_PLACE", 409);
      }
      this.taken.push(unit);
      left = left.subarray(unit.length);
      this.next += 1;
    }
    return json(this.state());
  };

  state() {
    const ended = this.next === this.source.units.length;
    const totals = { tables: 1, rows: this.next, files: 0, bytes: Buffer.concat(this.taken).length };
    const ticket = this.next === 0 || ended ? null : `ticket ${this.next}`;
    return { phase: ended ? "received" : "receiving", next: this.next, ticket, ended, totals, table: "posts" };
  }
}
