/** Counts what the service does to the outside world: what was done twice would be seen here. */
import { createServer, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CopyOutcome,
  CopyRequest,
  MigrationError,
  SiteAccess,
  SiteMigrator,
} from "../../clones/migration/site-migrator";

/** A site that any number of clones are copied from; it keeps who copied what, and how often. */
export class Recorder {
  /** By job: how often a copy was finished. A copy begun again by the same job is one. */
  readonly copies = new Map<string, number>();
  /** Milliseconds that one copy takes. */
  copyMilliseconds = 200;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Recorder> {
    const server = createServer();
    const recorder = new Recorder(server);
    server.on("request", (request, response) => {
      const job = new URL(request.url ?? "/", "http://recorder").searchParams.get("job");
      void sleep(job === null ? 0 : recorder.copyMilliseconds).then(() => {
        // Who broke off has copied nothing.
        if (job !== null && !request.socket.destroyed) {
          recorder.copies.set(job, (recorder.copies.get(job) ?? 0) + 1);
        }
        response.writeHead(200).end("ok");
      });
    });
    await new Promise<void>((listening) => server.listen(0, LOOPBACK, listening));
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

/** Where recorders are. Clones are elsewhere, and kwok's pods answer nobody. */
const LOOPBACK = "127.0.0.1";

/** Copies by telling the source so: kwok's pods have no WordPress to copy into. */
export class RecordingMigrator implements SiteMigrator {
  async check(site: SiteAccess, signal: AbortSignal): Promise<void> {
    if (new URL(site.url).hostname === LOOPBACK) await this.call(site.url, signal);
  }

  async copy({ jobId, source, report, signal }: CopyRequest): Promise<CopyOutcome> {
    report(0.5, "Half of it is copied");
    await this.call(`${source.url}/copy?job=${jobId}`, signal);
    return {};
  }

  plan() {
    return Promise.resolve({ changes: {}, conflicts: [] });
  }

  restore(): Promise<void> {
    return Promise.resolve();
  }

  canUndo(): Promise<boolean> {
    return Promise.resolve(true);
  }

  undoRestore(): Promise<void> {
    return Promise.resolve();
  }

  private async call(url: string, signal: AbortSignal): Promise<void> {
    try {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    } catch (error) {
      throw new MigrationError("MIGRATION_UNREACHABLE", (error as Error).message, true);
    }
  }
}
