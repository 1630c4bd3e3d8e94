/** Sites that were made before anybody asked, so that a clone begins at once. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../provisioner/clock";
import { KeptSite } from "./kept-site";
import type { LocalSites, SiteIdentity } from "./local-sites";

export interface WarmSite {
  /** Name of its folder. */
  readonly folder: string;
  readonly identity: SiteIdentity;
  readonly site: KeptSite;
}

export interface WarmSitesOptions {
  readonly sites: LocalSites;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Buffer;
  /** Holds their folders. */
  readonly folder: string;
}

export class WarmSites {
  /** The oldest first; each is made when those before it are. */
  private readonly waiting: Promise<WarmSite>[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly options: WarmSitesOptions) {}

  /** The next one: ready, or being made. @throws {Error} if it can't be made */
  async take(): Promise<WarmSite> {
    return await (this.waiting.shift() ?? this.next());
  }

  /** Has so many waiting. Those too many go. */
  fill(count: number): void {
    while (!this.isClosed && this.waiting.length < count) {
      const next = this.next();
      this.waiting.push(next);
      // Whoever takes one hears of it; until then another try is as good.
      next.catch(() => this.leave(next));
    }
    while (this.waiting.length > count) void this.discard(this.waiting.pop());
  }

  /** Returns when none is left. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.waiting.splice(0).map((site) => this.discard(site)));
  }

  /** One after the other: two at once take both cores, and neither is sooner there. */
  private next(): Promise<WarmSite> {
    const made = this.turn.then(() => this.make());
    this.turn = made.catch(() => undefined);
    return made;
  }

  private async make(): Promise<WarmSite> {
    const { sites, clock, randomBytes, folder: all } = this.options;
    if (this.isClosed) throw new Error("the backend is closed");
    const folder = `site-${randomBytes(6).toString("hex")}`;
    const { identity, running } = await sites.make(join(all, folder));
    const start = () => sites.start(join(all, folder), identity);
    return { folder, identity, site: new KeptSite(start, clock, running) };
  }

  private leave(site: Promise<WarmSite>): void {
    const index = this.waiting.indexOf(site);
    if (index >= 0) void this.waiting.splice(index, 1);
  }

  private async discard(made: Promise<WarmSite> | undefined): Promise<void> {
    const warm = await made?.catch(() => undefined);
    if (warm === undefined) return;
    await warm.site.stop();
    await rm(join(this.options.folder, warm.folder), { recursive: true, force: true });
  }
}
