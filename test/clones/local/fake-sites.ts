/** Stands in for WordPress where a test is about the backend: a site is a page in its folder, served by HTTP. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { LocalSites, RunningSite, SiteIdentity } from "../../../clones/local/local-sites";

export class FakeSites implements LocalSites {
  /** By folder, those that run. */
  readonly running = new Map<string, Server>();
  made = 0;
  /** So many of the next attempts to make or start one fail. */
  failures = 0;
  /** Holds back whatever is made, until it is resolved. */
  gate: Promise<void> = Promise.resolve();

  async make(folder: string): Promise<{ readonly identity: SiteIdentity; readonly running: RunningSite }> {
    this.made += 1;
    const number = this.made;
    await this.gate;
    this.fail();
    mkdirSync(folder);
    writeFileSync(join(folder, "page.html"), "an empty clone");
    const { running, port } = await this.serve(folder, 0);
    return { identity: { port, username: "admin", password: `password-${number}`, apiKey: `key-${number}` }, running };
  }

  async start(folder: string, { port }: SiteIdentity): Promise<RunningSite> {
    this.fail();
    return (await this.serve(folder, port)).running;
  }

  /** Ends one as a crash would. */
  crash(folder: string): void {
    const server = this.running.get(folder)!;
    server.closeAllConnections();
    server.close();
  }

  private fail(): void {
    if (this.failures === 0) return;
    this.failures -= 1;
    throw new Error("no PHP today");
  }

  private async serve(folder: string, wanted: number) {
    if (!existsSync(folder)) throw new Error(`${folder} is gone`);
    const server = createServer((_, response) => response.end(readFileSync(join(folder, "page.html"))));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(wanted, "127.0.0.1", resolve);
    });
    this.running.set(folder, server);
    const ended = new Promise<string>((resolve) => server.once("close", () => resolve("it crashed")));
    void ended.then(() => this.running.delete(folder));
    const { port } = server.address() as AddressInfo;
    const stop = async () => {
      if (server.listening) this.crash(folder);
      await ended;
    };
    return { port, running: { url: `http://127.0.0.1:${port}`, ended, stop } };
  }
}
