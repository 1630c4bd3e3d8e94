/** Clones on this machine, for the embedded mode: WordPress sites of their own on 127.0.0.1, kept in a folder. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { cloneIdAt, withSuffix } from "../domain/clone-id";
import { expiresAt, ExtensionRefusal, TTL } from "../domain/expiry";
import { ServiceError } from "../errors";
import type { Clock } from "../provisioner/clock";
import { cloneNotFound, extensionRefused } from "../provisioner/errors";
import type { BackendAccess, BackendClone, BackendRequest, CloneBackend, ClonesQuery } from "../workers/backend";
import { KeptSite } from "./kept-site";
import { LocalClone, LocalClones } from "./local-clones";
import { LocalSites, removeOthers } from "./local-sites";
import { HOST } from "./php";
import { WarmSites } from "./warm-sites";

export interface LocalBackendOptions {
  /** Made if it isn't there. What is in it comes back with the next start. */
  readonly folder: string;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Buffer;
  readonly sites: LocalSites;
  /** Clones that may live at once. @default {@link DEFAULTS}.limit */
  readonly limit?: number;
  /** Sites that wait for a clone, within the limit. @default {@link DEFAULTS}.warm */
  readonly warm?: number;
}

/** Five sites in WebAssembly take 0.9 GB; two wait, because people who try something ask twice. */
export const DEFAULTS = { limit: 5, warm: 2 } as const;

/** Milliseconds between two looks for clones whose time is over. */
const LOOK = 1_000;

/** Behind the same interface as Kubernetes. One process at a time uses the folder. */
export class LocalBackend implements CloneBackend {
  private readonly clones = new Map<string, LocalClone>();
  private readonly sites = new Map<string, KeptSite>();
  /** By job: what is being made. */
  private readonly making = new Map<string, Promise<LocalClone>>();
  private readonly store: LocalClones;
  private readonly pool: WarmSites;
  private readonly stopping = new AbortController();
  private turn: Promise<unknown> = Promise.resolve();
  private expiring: Promise<void> | undefined;

  private constructor(private readonly options: LocalBackendOptions) {
    this.store = new LocalClones(options.folder);
    this.pool = new WarmSites(options);
  }

  /** Starts what the folder has, but for what has expired since. */
  static async open(options: LocalBackendOptions): Promise<LocalBackend> {
    const backend = new LocalBackend(options);
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const now = options.clock.now();
    const living = (await backend.store.read()).filter((clone) => endOf(clone) > now);
    for (const clone of living) backend.clones.set(clone.id, clone);
    await backend.save();
    // Sites that waited for a clone when the last process ended, and those of clones that are over.
    await removeOthers(options.folder, new Set([...LocalClones.names, ...living.map(({ folder }) => folder)]));
    await Promise.all(living.map((clone) => backend.serve(clone)));
    backend.expiring = backend.watch();
    backend.fill();
    return backend;
  }

  async create(request: BackendRequest, signal: AbortSignal): Promise<BackendClone> {
    const { jobId } = request;
    const earlier = this.ofJob(jobId);
    if (earlier !== undefined) return this.told(earlier);
    signal.throwIfAborted();
    const making = this.making.get(jobId) ?? this.begin(request);
    const clone = await making;
    // Whoever gave up looks for nothing any more.
    if (signal.aborted) await this.remove(clone.id);
    signal.throwIfAborted();
    return this.told(this.clones.get(clone.id) ?? clone);
  }

  find(cloneId: string): Promise<BackendClone | undefined> {
    const clone = this.clones.get(cloneId);
    return Promise.resolve(clone && this.told(clone));
  }

  findByJob(jobId: string): Promise<BackendClone | undefined> {
    const clone = this.ofJob(jobId);
    return Promise.resolve(clone && this.told(clone));
  }

  list({ tenantId, customerId, limit, cursor }: ClonesQuery) {
    const all = [...this.clones.values()]
      .filter((clone) => clone.tenantId === tenantId && (customerId === undefined || clone.customerId === customerId))
      .sort((one, other) => one.id.localeCompare(other.id))
      .filter(({ id }) => cursor === undefined || id > cursor);
    const page = all.slice(0, limit);
    const last = all.length > limit ? page.at(-1) : undefined;
    const clones = page.map((clone) => this.told(clone));
    return Promise.resolve({ clones, ...(last === undefined ? {} : { cursor: last.id }) });
  }

  async extend(cloneId: string, ttlSeconds: number): Promise<BackendClone> {
    return await this.inTurn(async () => {
      const clone = this.clones.get(cloneId);
      if (clone === undefined) throw new ServiceError(404, problemsOf(cloneNotFound(cloneId)));
      const refusal = this.refusalOf(clone, ttlSeconds);
      if (refusal !== undefined) {
        throw new ServiceError(
          refusal === "over" ? 410 : 422,
          problemsOf(extensionRefused(cloneId, ttlSeconds, refusal)),
        );
      }
      const extended = { ...clone, ttlSeconds };
      this.clones.set(cloneId, extended);
      await this.save();
      return this.told(extended);
    });
  }

  access({ id }: BackendClone): Promise<BackendAccess> {
    const clone = this.clones.get(id);
    if (clone === undefined) return Promise.reject(new ServiceError(404, problemsOf(cloneNotFound(id))));
    const { username, password, apiKey } = clone;
    return Promise.resolve({ site: { url: urlOf(clone), username, password, apiKey }, username, password });
  }

  async remove(cloneId: string): Promise<boolean> {
    return await this.inTurn(async () => {
      const clone = this.clones.get(cloneId);
      if (clone === undefined) return false;
      this.clones.delete(cloneId);
      // First: if this process ends here, the next start removes a folder that is nobody's.
      await this.save();
      await this.sites.get(cloneId)?.stop();
      this.sites.delete(cloneId);
      await rm(join(this.options.folder, clone.folder), { recursive: true, force: true });
      this.fill();
      return true;
    });
  }

  async check(): Promise<void> {
    await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
  }

  /** Ends the sites; the folder keeps the clones. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.expiring;
    await Promise.allSettled(this.making.values());
    await this.turn;
    await this.pool.close();
    await Promise.all([...this.sites.values()].map((site) => site.stop()));
    this.sites.clear();
  }

  private begin(request: BackendRequest): Promise<LocalClone> {
    const { jobId } = request;
    const making = this.make(request).finally(() => this.making.delete(jobId));
    this.making.set(jobId, making);
    return making;
  }

  private async make({ jobId, tenantId, customerId, ttlSeconds }: BackendRequest): Promise<LocalClone> {
    const { clock, randomBytes, limit = DEFAULTS.limit } = this.options;
    const jobs = new Set([...[...this.clones.values()].map((clone) => clone.jobId), ...this.making.keys()]);
    if (jobs.size >= limit) throw limitReached(limit);
    const { folder, identity, site } = await this.pool.take();
    return await this.inTurn(async () => {
      const second = cloneIdAt(clock.now());
      let id: string = second;
      while (this.clones.has(id)) id = withSuffix(second, randomBytes);
      const createdAt = clock.now().toISOString();
      const clone = { id, tenantId, customerId, jobId, ttlSeconds, createdAt, folder, ...identity };
      this.clones.set(id, clone);
      this.sites.set(id, site);
      await this.save();
      this.fill();
      return clone;
    });
  }

  /** No more than may become clones. */
  private fill(): void {
    if (this.stopping.signal.aborted) return;
    const { limit = DEFAULTS.limit, warm = DEFAULTS.warm } = this.options;
    this.pool.fill(Math.max(0, Math.min(warm, limit - this.clones.size)));
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await this.options.clock.sleep(LOOK, signal).catch(() => undefined);
      if (signal.aborted) return;
      const now = this.options.clock.now();
      const over = [...this.clones.values()].filter((clone) => endOf(clone) <= now);
      for (const { id } of over) await this.remove(id);
    }
  }

  private refusalOf(clone: LocalClone, ttlSeconds: number): ExtensionRefusal | undefined {
    if (!Number.isInteger(ttlSeconds)) return "not-a-time";
    if (ttlSeconds < TTL.minimum || ttlSeconds > TTL.maximum) return "out-of-range";
    if (endOf(clone) <= this.options.clock.now()) return "over";
    return ttlSeconds <= clone.ttlSeconds ? "not-longer" : undefined;
  }

  private ofJob(jobId: string): LocalClone | undefined {
    return [...this.clones.values()].find((clone) => clone.jobId === jobId);
  }

  private told(clone: LocalClone): BackendClone {
    const { id, tenantId, customerId, jobId } = clone;
    const site = this.sites.get(id);
    const message = site?.message === undefined ? {} : { message: `Its PHP is started again: ${site.message}` };
    const times = { createdAt: new Date(clone.createdAt), expiresAt: endOf(clone) };
    const ready = site?.isReady === true;
    return { id, tenantId, customerId, jobId, url: urlOf(clone), ready, ending: false, ...message, ...times };
  }

  private async serve(clone: LocalClone): Promise<void> {
    const { sites, clock, folder } = this.options;
    this.sites.set(clone.id, await KeptSite.begin(() => sites.start(join(folder, clone.folder), clone), clock));
  }

  /** One change after the other: each writes the whole file. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return await mine;
  }

  private async save(): Promise<void> {
    await this.store.save(this.clones.values());
  }
}

function urlOf({ port }: LocalClone): string {
  return `http://${HOST}:${port}`;
}

function endOf({ createdAt, ttlSeconds }: LocalClone): Date {
  return expiresAt(new Date(createdAt), ttlSeconds);
}

function problemsOf({ problems: [first, ...others] }: ReturnType<typeof cloneNotFound>) {
  if (first === undefined) throw new Error("an error without a problem");
  return [first, ...others] as const;
}

function limitReached(limit: number): ServiceError {
  return new ServiceError(409, [
    {
      code: "CLONE_LOCAL_LIMIT",
      path: "clones",
      value: limit,
      reason: "so many clones live on this machine already, or are being made",
      remedy: "Delete one, wait for its end, or start with a higher CLONE_LOCAL_LIMIT",
    },
  ]);
}
