/** Clones on this machine, for the embedded mode: each a server of its own on 127.0.0.1, kept in a folder. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cloneIdAt, withSuffix } from "../domain/clone-id";
import { expiresAt, ExtensionRefusal, TTL } from "../domain/expiry";
import { ServiceError } from "../errors";
import type { Clock } from "../provisioner/clock";
import { cloneNotFound, extensionRefused } from "../provisioner/errors";
import type { BackendAccess, BackendClone, BackendRequest, CloneBackend, ClonesQuery } from "../workers/backend";
import { PageServer } from "./page-server";

export interface LocalBackendOptions {
  /** Made if it isn't there. What is in it comes back with the next start. */
  readonly folder: string;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Buffer;
}

/** As it stands in the folder's `clones.json`, which nobody but the user may read. */
interface LocalClone {
  readonly id: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly jobId: string;
  readonly ttlSeconds: number;
  readonly createdAt: string;
  readonly username: string;
  readonly password: string;
  readonly port: number;
}

const EMPTY_PAGE = "<!doctype html><title>Clone</title><p>This clone has no content yet.</p>\n";
/** Milliseconds between two looks for clones whose time is over. */
const LOOK = 1_000;

/**
 * Stands in for real WordPress behind the same interface as Kubernetes: a clone here is one page, which
 * {@link PageCopyMigrator} fills. One process at a time uses the folder.
 */
export class LocalBackend implements CloneBackend {
  private readonly clones = new Map<string, LocalClone>();
  private readonly servers = new Map<string, PageServer>();
  private readonly stopping = new AbortController();
  private turn: Promise<unknown> = Promise.resolve();
  private expiring: Promise<void> | undefined;

  private constructor(private readonly options: LocalBackendOptions) {}

  /** Starts what the folder has, but for what has expired since. */
  static async open(options: LocalBackendOptions): Promise<LocalBackend> {
    const backend = new LocalBackend(options);
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    for (const clone of await backend.read()) {
      backend.clones.set(clone.id, clone);
      await backend.serve(clone);
    }
    await backend.expire();
    backend.expiring = backend.watch();
    return backend;
  }

  async create(request: BackendRequest, signal: AbortSignal): Promise<BackendClone> {
    return await this.inTurn(async () => {
      const earlier = this.ofJob(request.jobId);
      if (earlier !== undefined) return this.told(earlier);
      signal.throwIfAborted();
      const { clock, randomBytes } = this.options;
      const { jobId, tenantId, customerId, ttlSeconds } = request;
      const second = cloneIdAt(clock.now());
      let id: string = second;
      while (this.clones.has(id)) id = withSuffix(second, randomBytes);
      const password = randomBytes(18).toString("base64url");
      const createdAt = clock.now().toISOString();
      const made = { id, tenantId, customerId, jobId, ttlSeconds, createdAt, username: "admin", password, port: 0 };
      await this.write(id, EMPTY_PAGE);
      this.clones.set(id, made);
      await this.serve(made);
      await this.save();
      return this.told(this.clones.get(id) ?? made);
    });
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
    const { username, password } = clone;
    const url = this.servers.get(id)?.url ?? "";
    return Promise.resolve({ site: { url, username, password }, username, password });
  }

  async remove(cloneId: string): Promise<boolean> {
    return await this.inTurn(async () => {
      if (!this.clones.delete(cloneId)) return false;
      await this.servers.get(cloneId)?.stop();
      this.servers.delete(cloneId);
      await this.save();
      await rm(this.path(cloneId), { force: true });
      return true;
    });
  }

  async check(): Promise<void> {
    await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
  }

  /** Ends the servers; the folder keeps the clones. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.expiring;
    await this.turn;
    await Promise.all([...this.servers.values()].map((server) => server.stop()));
    this.servers.clear();
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await this.options.clock.sleep(LOOK, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.expire();
    }
  }

  private async expire(): Promise<void> {
    const now = this.options.clock.now();
    const over = [...this.clones.values()].filter((clone) => endOf(clone) <= now);
    for (const { id } of over) await this.remove(id);
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
    const server = this.servers.get(id);
    const url = server === undefined ? {} : { url: server.url };
    const createdAt = new Date(clone.createdAt);
    const ready = server !== undefined;
    return { id, tenantId, customerId, jobId, ...url, ready, ending: false, createdAt, expiresAt: endOf(clone) };
  }

  private async serve(clone: LocalClone): Promise<void> {
    const { id, username, password } = clone;
    const read = () => readFile(this.path(id), "utf8");
    const write = (page: string) => this.write(id, page);
    const server = await PageServer.start({ username, password, read, write }, clone.port);
    this.servers.set(id, server);
    this.clones.set(id, { ...clone, port: server.port });
  }

  /** One change after the other: each writes the whole file. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return await mine;
  }

  private async read(): Promise<readonly LocalClone[]> {
    try {
      return JSON.parse(await readFile(this.path(), "utf8")) as readonly LocalClone[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  private async save(): Promise<void> {
    await replace(this.path(), JSON.stringify([...this.clones.values()], undefined, 2));
  }

  private async write(id: string, page: string): Promise<void> {
    await replace(this.path(id), page);
  }

  private path(id?: string): string {
    return join(this.options.folder, id === undefined ? "clones.json" : `${id}.html`);
  }
}

function endOf({ createdAt, ttlSeconds }: LocalClone): Date {
  return expiresAt(new Date(createdAt), ttlSeconds);
}

function problemsOf({ problems: [first, ...others] }: ReturnType<typeof cloneNotFound>) {
  if (first === undefined) throw new Error("an error without a problem");
  return [first, ...others] as const;
}

/** The old file or the new one, whatever happens in between. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
