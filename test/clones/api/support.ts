/** The real API over the real store in memory; the directory alone is a stand-in. */
import { randomBytes } from "node:crypto";
import type { FastifyInstance, InjectOptions } from "fastify";
import pino from "pino";
import { buildApi } from "../../../clones/api/app";
import type { ApiDeps } from "../../../clones/api/deps";
import type { CopyDirectory, TenantCopy } from "../../../clones/copies/copies";
import { copyEnded, copyNotFound, limitReached } from "../../../clones/copies/errors";
import type { Outcome } from "../../../clones/store/job-store";
import { cloneEnded, cloneNotFound } from "../../../clones/provisioner/errors";
import { systemClock } from "../../../clones/provisioner/clock";
import { Vault } from "../../../clones/secrets/vault";
import type { Scope } from "../../../clones/store/api-keys";
import { openStore, Store } from "../../../clones/store/open";
import type { BackendClone, CloneDirectory, ClonesQuery } from "../../../clones/workers/backend";

export const EVERYTHING: readonly Scope[] = ["clones:read", "clones:write", "restore", "admin", "copies"];

export const CLONE = {
  source_url: "https://mysite.com",
  source_username: "admin",
  source_password: "canary-source-password",
  customer_id: "test-clone-001",
  ttl_minutes: 30,
};

export const RESTORE = {
  source: { url: "https://test-clone-001.clones.betaweb.ai", username: "admin", password: "canary-clone-password" },
  target: { url: "https://production.com", username: "admin", password: "canary-target-password" },
};

/** Clones that are said to live. */
export class FakeDirectory implements CloneDirectory {
  readonly clones = new Map<string, BackendClone>();
  failure: Error | undefined;

  add(id: string, tenantId: string, more: Partial<BackendClone> = {}): string {
    const createdAt = new Date();
    const expiresAt = new Date(createdAt.getTime() + 1_800_000);
    const base = {
      id,
      tenantId,
      customerId: `c-${this.clones.size}`,
      ready: true,
      ending: false,
      createdAt,
      expiresAt,
    };
    this.clones.set(id, { ...base, url: `https://${base.customerId}.clones.betaweb.ai`, ...more });
    return id;
  }

  find(cloneId: string): Promise<BackendClone | undefined> {
    return this.answer(() => this.clones.get(cloneId));
  }

  list({ tenantId, customerId, limit, cursor = "0" }: ClonesQuery) {
    return this.answer(() => {
      const own = [...this.clones.values()].filter(
        (clone) => clone.tenantId === tenantId && (customerId === undefined || clone.customerId === customerId),
      );
      const from = Number(cursor);
      const end = from + limit;
      return { clones: own.slice(from, end), ...(end < own.length ? { cursor: String(end) } : {}) };
    });
  }

  extend(cloneId: string, ttlSeconds: number): Promise<BackendClone> {
    return this.answer(() => {
      const clone = this.clones.get(cloneId);
      if (clone === undefined) throw cloneNotFound(cloneId);
      if (clone.ending) throw cloneEnded(cloneId);
      const longer = { ...clone, expiresAt: new Date(clone.createdAt.getTime() + ttlSeconds * 1000) };
      this.clones.set(cloneId, longer);
      return longer;
    });
  }

  check(): Promise<void> {
    return this.answer(() => undefined);
  }

  private answer<T>(give: () => T): Promise<T> {
    return this.failure === undefined ? Promise.resolve().then(give) : Promise.reject(this.failure);
  }
}

/** Copies that are said to live. */
export class FakeCopies implements CopyDirectory {
  readonly copies = new Map<string, TenantCopy>();

  add(id: string, tenantId: string, more: Partial<TenantCopy> = {}): string {
    const createdAt = new Date();
    const expiresAt = new Date(createdAt.getTime() + 1_800_000);
    const url = `https://${id}.loomworks.app`;
    const own = { id, tenantId, database: tenantId, jobId: id.replace("copy", "job"), url };
    this.copies.set(id, { ...own, state: "ready", createdAt, expiresAt, ...more });
    return id;
  }

  find(copyId: string): Promise<TenantCopy | undefined> {
    return Promise.resolve(this.copies.get(copyId));
  }

  list(tenantId: string): Promise<readonly TenantCopy[]> {
    return Promise.resolve([...this.copies.values()].filter((copy) => copy.tenantId === tenantId));
  }

  async assertRoom(tenantId: string): Promise<void> {
    if ((await this.list(tenantId)).length >= 2) throw limitReached(2);
  }

  extend(copyId: string, ttlSeconds: number): Promise<TenantCopy> {
    const copy = this.copies.get(copyId);
    if (copy === undefined) return Promise.reject(copyNotFound());
    if (copy.state === "ending") return Promise.reject(copyEnded(copyId));
    const longer = { ...copy, expiresAt: new Date(copy.createdAt.getTime() + ttlSeconds * 1000) };
    this.copies.set(copyId, longer);
    return Promise.resolve(longer);
  }
}

export class Bench {
  readonly directory = new FakeDirectory();
  readonly copies = new FakeCopies();
  readonly vault = Vault.fromText(`k1:${randomBytes(32).toString("base64")}`);
  readonly queued: string[] = [];
  /** Everything that was logged. */
  readonly lines: string[] = [];
  queueFailure: Error | undefined;
  private readonly apps: FastifyInstance[] = [];

  private constructor(
    readonly store: Store,
    readonly keys: Readonly<Record<"acme" | "other", string>>,
  ) {}

  static async start(): Promise<Bench> {
    const store = openStore("sqlite::memory:");
    await store.migrate();
    const make = async (tenantId: string) => {
      const key = { tenantId, name: "test", scopes: EVERYTHING, ratePerMinute: 1_000_000 };
      return (await store.apiKeys.create(key)).text;
    };
    return new Bench(store, { acme: await make("acme"), other: await make("other") });
  }

  deps(more: Partial<ApiDeps> = {}): ApiDeps {
    return {
      jobs: this.store.jobs,
      keys: this.store.apiKeys,
      directory: this.directory,
      copies: this.copies,
      vault: this.vault,
      queue: {
        add: (id) => {
          if (this.queueFailure !== undefined) return Promise.reject(this.queueFailure);
          this.queued.push(id);
          return Promise.resolve(true);
        },
        check: () => (this.queueFailure === undefined ? Promise.resolve() : Promise.reject(this.queueFailure)),
      },
      platformSecret: Buffer.alloc(32, 9),
      urlPolicy: {},
      log: pino({ level: "trace" }, { write: (line: string) => void this.lines.push(line) }),
      clock: systemClock,
      randomBytes,
      ...more,
      limits: { pollMilliseconds: 10, heartbeatMilliseconds: 100, ...more.limits },
    };
  }

  async api(more: Partial<ApiDeps> = {}): Promise<FastifyInstance> {
    const app = await buildApi(this.deps(more));
    await app.ready();
    this.apps.push(app);
    return app;
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.close()));
    await this.store.close();
  }

  /** What a worker would do. */
  async finish(jobId: string, outcome: Outcome): Promise<void> {
    const claimed = await this.store.jobs.claim(jobId, "worker-1");
    if (claimed === undefined) throw new Error(`${jobId} can't be claimed`);
    await this.store.jobs.report(claimed.hold, { progress: 50, message: "Copying" });
    await this.store.jobs.finish(claimed.hold, outcome);
  }

  async completeClone(jobId: string, cloneId: string, ttlExpiresAt = new Date(Date.now() + 1_800_000)): Promise<void> {
    const loginUrl = "https://test-clone-001.clones.betaweb.ai/?login=canary-once";
    const access = JSON.stringify({ username: "clone-admin", password: "canary-clone-admin", login_url: loginUrl });
    await this.finish(jobId, {
      status: "completed",
      result: { clone_id: cloneId, clone_url: "https://test-clone-001.clones.betaweb.ai" },
      resultSecrets: this.vault.seal(access, `${jobId}/result`),
      ttlExpiresAt,
    });
  }

  async count(): Promise<number> {
    const counts = await this.store.jobs.counts();
    return counts.reduce((sum, { count }) => sum + count, 0);
  }
}

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** One request with a key; the answer's JSON beside it. */
export async function ask(app: FastifyInstance, key: string, options: InjectOptions) {
  const answer = await app.inject({ ...options, headers: { ...bearer(key), ...options.headers } });
  const isJson = String(answer.headers["content-type"]).includes("json");
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: isJson ? answer.json() : {} };
}

export const post = (url: string, payload: object, headers: Record<string, string> = {}): InjectOptions => ({
  method: "POST",
  url,
  payload,
  headers,
});
export const get = (url: string, headers: Record<string, string> = {}): InjectOptions => ({
  method: "GET",
  url,
  headers,
});
