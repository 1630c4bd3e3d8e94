/** API, worker and queue in one process, with SQLite and clones on this machine. The code is production's. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { ServiceConfig } from "../config";
import { LocalBackend, LocalBackendOptions } from "../local/local-backend";
import { PLUGIN_FOLDER } from "../local/wordpress-site";
import { WordPressMigrator } from "../migration/wordpress-migrator";
import type { SiteMigrator } from "../migration/site-migrator";
import { Clock, systemClock } from "../provisioner/clock";
import { MemoryQueue } from "../queue/memory-queue";
import { Vault } from "../secrets/vault";
import { openStore, Store } from "../store/open";
import { startApi } from "./api";
import { Running, together } from "./lifetime";
import { webhooksOf } from "./webhooks";
import { startWorker } from "./worker";

export interface Embedded extends Running {
  /** `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Of the only tenant, who may do everything. */
  readonly key: string;
}

/** Where its clones come from, and how many there may be. */
export interface EmbeddedClones extends Pick<LocalBackendOptions, "sites" | "limit" | "warm"> {
  /** For the clones' lives. @default the system's */
  readonly clock?: Clock;
  /** @default WordPress's */
  readonly migrator?: SiteMigrator;
}

const TENANT = "local";

/** Nobody waits for a grace period of production's length here. */
const GRACE_SECONDS = 5;

/**
 * Returns when it listens.
 *
 * @param folder keeps jobs, clones and keys; made if it isn't there
 */
export async function startEmbedded(
  config: ServiceConfig,
  folder: string,
  { migrator: given, ...clones }: EmbeddedClones,
  log: Logger,
): Promise<Embedded> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const store = openStore(`sqlite:${join(folder, "jobs.sqlite")}`);
  await store.migrate();
  const backend = await LocalBackend.open({
    folder: join(folder, "sites"),
    clock: systemClock,
    randomBytes,
    ...clones,
  });
  const vault = Vault.fromText(kept(folder, "vault-key", () => `local:${randomBytes(32).toString("base64")}`));
  const webhookSecret = kept(folder, "webhook-secret", () => randomBytes(32).toString("base64"));
  const key = await keyOf(store, folder);
  const queue = new MemoryQueue(systemClock);
  // Sites of this machine are what one tries it with.
  const urlPolicy = { allowPrivate: true };
  const own = { ...config, CLONE_EXPOSE_CREDENTIALS: true, WORKER_GRACE_SECONDS: GRACE_SECONDS };
  const { jobs, apiKeys: keys } = store;
  const webhooks = webhooksOf({ store, urlPolicy, webhookSecret }, log);
  const migrator = given ?? new WordPressMigrator({ urlPolicy, clock: systemClock, pluginFolder: PLUGIN_FOLDER });
  const shared = { store, queue, vault, backend, migrator, webhooks };
  // Each has metrics of its own; those of the worker may have any port.
  const worker = await startWorker({ ...own, METRICS_PORT: 0 }, shared, log);
  const api = await startApi(own, { jobs, keys, queue, directory: backend, vault, urlPolicy, webhookSecret }, log);
  const closing = {
    stop: async () => {
      await queue.close();
      await backend.close();
      await store.close();
    },
  };
  return { url: `http://${config.HOST}:${api.port}`, key, stop: together([closing, worker, api], log).stop };
}

async function keyOf(store: Store, folder: string): Promise<string> {
  const path = join(folder, "api-key");
  if (existsSync(path)) {
    const text = readFileSync(path, "utf8");
    if ((await store.apiKeys.authenticate(text)) !== undefined) return text;
  }
  const scopes = ["clones:read", "clones:write", "restore", "admin"] as const;
  const { text } = await store.apiKeys.create({ tenantId: TENANT, name: "this machine", scopes });
  writeFileSync(path, text, { mode: 0o600 });
  return text;
}

/** Made once, for nobody's eyes but the user's. */
function kept(folder: string, name: string, make: () => string): string {
  const path = join(folder, name);
  if (!existsSync(path)) writeFileSync(path, make(), { mode: 0o600 });
  return readFileSync(path, "utf8");
}
