/** The real API and worker around clones and sites that a test plays: what a user sees is then up to the test. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../../clones/config";
import { cloneIdAt, withSuffix } from "../../../clones/domain/clone-id";
import { CopyRequest, MigrationError, RestorePlan, RestoreRequest } from "../../../clones/migration/site-migrator";
import { startApi } from "../../../clones/processes/api";
import { startWorker, WorkerParts } from "../../../clones/processes/worker";
import { systemClock } from "../../../clones/provisioner/clock";
import { MemoryQueue } from "../../../clones/queue/memory-queue";
import { Vault } from "../../../clones/secrets/vault";
import type { Scope } from "../../../clones/store/api-keys";
import { openStore, Store } from "../../../clones/store/open";
import { createLog } from "../../../clones/telemetry/log";
import type { BackendClone, BackendRequest, CloneBackend, ClonesQuery } from "../../../clones/workers/backend";
import { freePorts } from "../../cluster/probe";

export const PASSWORD = "of-the-clone";

/** Clones that need nothing, at addresses where nobody is. */
class PlayedBackend implements CloneBackend {
  readonly clones = new Map<string, BackendClone>();

  create({ jobId, tenantId, customerId, ttlSeconds }: BackendRequest): Promise<BackendClone> {
    const createdAt = new Date();
    const id = withSuffix(cloneIdAt(createdAt), randomBytes);
    const url = `https://${customerId}.clones.example.com/`;
    const expiresAt = new Date(createdAt.getTime() + ttlSeconds * 1000);
    this.clones.set(id, { id, tenantId, customerId, jobId, url, ready: true, ending: false, createdAt, expiresAt });
    return Promise.resolve(this.clones.get(id)!);
  }

  find(id: string) {
    return Promise.resolve(this.clones.get(id));
  }

  findByJob(jobId: string) {
    return Promise.resolve([...this.clones.values()].find((clone) => clone.jobId === jobId));
  }

  list({ tenantId }: ClonesQuery) {
    return Promise.resolve({ clones: [...this.clones.values()].filter((clone) => clone.tenantId === tenantId) });
  }

  extend(id: string, ttlSeconds: number) {
    const clone = this.clones.get(id)!;
    this.clones.set(id, { ...clone, expiresAt: new Date(clone.createdAt.getTime() + ttlSeconds * 1000) });
    return this.find(id) as Promise<BackendClone>;
  }

  access({ url = "" }: BackendClone) {
    return Promise.resolve({ site: { url }, username: "admin", password: PASSWORD });
  }

  remove(id: string) {
    return Promise.resolve(this.clones.delete(id));
  }

  async check(): Promise<void> {
    await Promise.resolve();
  }
}

/** Copies when it is let, and finds what it is told to find. */
class PlayedMigrator {
  found: RestorePlan = { changes: {}, conflicts: [] };
  readonly restored: RestoreRequest[] = [];
  private readonly held = new Map<string, () => void>();
  /** Whether copies wait for {@link go}. */
  isSlow = false;

  async check({ url }: { url: string }): Promise<void> {
    await Promise.resolve();
    if (!url.includes("broken")) return;
    const message = `SITE_REFUSED ${url}: got 403; it answers, but not with what was asked for.`;
    throw new MigrationError("SITE_REFUSED", message, false);
  }

  async copy({ jobId, report, signal }: CopyRequest) {
    report(0.4, "Copying tables: 5 of 12, 3.2 MB");
    if (this.isSlow) {
      await new Promise<void>((resolve) => {
        this.held.set(jobId, resolve);
        signal.addEventListener("abort", () => resolve());
      });
    }
    signal.throwIfAborted();
    report(0.8, "Copying uploads: 118 of 240 files, 41 MB");
    await sleep(150);
    return { loginUrl: "https://shop.clones.example.com/?once=1" };
  }

  go(): void {
    for (const release of this.held.values()) release();
    this.isSlow = false;
  }

  plan() {
    return Promise.resolve(this.found);
  }

  restore(request: RestoreRequest): Promise<void> {
    this.restored.push(request);
    return Promise.resolve();
  }

  async undoRestore(): Promise<void> {
    await Promise.resolve();
  }
}

export class Stage {
  readonly backend = new PlayedBackend();
  readonly sites = new PlayedMigrator();
  private readonly store: Store = openStore("sqlite::memory:");
  private readonly queue = new MemoryQueue(systemClock);
  private readonly running: { stop(): Promise<void> }[] = [];
  url = "";

  static async start(): Promise<Stage> {
    const stage = new Stage();
    await stage.store.migrate();
    const [port, metrics, others] = await freePorts(3);
    const log = createLog({ service: "console", level: "silent" });
    const config = (ports: Record<string, unknown>) =>
      readConfig({ HOST: "127.0.0.1", ...ports, CLONE_EXPOSE_CREDENTIALS: "true", WORKER_GRACE_SECONDS: "1" }, []);
    const { store, queue, backend, sites } = stage;
    const vault = Vault.fromText(`stage:${randomBytes(32).toString("base64")}`);
    const migrator = sites as unknown as WorkerParts["migrator"];
    // Impatient, as people are who watch a test.
    const options = { heartbeatSeconds: 0.2, reportSeconds: 0.1 };
    const worker = { store, queue, vault, backend, migrator, options };
    stage.running.push(await startWorker(config({ METRICS_PORT: String(others) }), worker, log));
    const api = {
      jobs: store.jobs,
      keys: store.apiKeys,
      queue,
      directory: backend,
      vault,
      urlPolicy: { allowPrivate: true },
      webhookSecret: randomBytes(32).toString("base64"),
      // Streams end after a second, so that every job is followed over several.
      limits: { pollMilliseconds: 50, heartbeatMilliseconds: 250, streamMilliseconds: 1000 },
    };
    const ports = { PORT: String(port), METRICS_PORT: String(metrics) };
    stage.running.push(await startApi(config(ports), api, log));
    stage.url = `http://127.0.0.1:${port}`;
    return stage;
  }

  async key(tenantId: string, scopes: readonly Scope[] = ["clones:read", "clones:write", "restore"]) {
    return await this.store.apiKeys.create({ tenantId, name: "console", scopes, ratePerMinute: 1_000_000 });
  }

  async revoke(keyId: string): Promise<void> {
    await this.store.apiKeys.revoke(keyId);
  }

  /** A clone that was there before. */
  async clone(tenantId: string, customerId: string, more: Partial<BackendClone> & { ttlSeconds?: number } = {}) {
    const { ttlSeconds = 1800, ...fields } = more;
    const made = await this.backend.create({ jobId: "", tenantId, customerId, ttlSeconds });
    const { id, url, createdAt, expiresAt } = made;
    const clone = { id, tenantId, customerId, url: url!, ready: true, ending: false, createdAt, expiresAt, ...fields };
    this.backend.clones.set(id, clone);
    return made.id;
  }

  async stop(): Promise<void> {
    this.sites.go();
    await this.queue.close();
    for (const one of this.running.reverse()) await one.stop();
    await this.store.close();
  }
}
