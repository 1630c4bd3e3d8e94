/** What API and workers share in production: MySQL, Redis, and the keys that credentials are sealed with. */
import type { Logger } from "pino";
import type { ServiceConfig } from "../config";
import { storeUrl } from "../config";
import type { UrlPolicy } from "../net/url-policy";
import { BullMqQueue, RedisAddress } from "../queue/bullmq-queue";
import { Vault } from "../secrets/vault";
import { openStore, Store } from "../store/open";

/** Without these, neither can work. */
export const NEEDED = [
  "JOBS_DATABASE_HOST",
  "JOBS_DATABASE_PASSWORD",
  "CLONE_VAULT_KEYS",
  "CLONE_WEBHOOK_SECRET",
] as const;

export interface SharedParts {
  readonly store: Store;
  readonly queue: BullMqQueue;
  readonly vault: Vault;
  readonly urlPolicy: UrlPolicy;
  readonly close: () => Promise<void>;
}

export function sharedParts(config: ServiceConfig & { readonly CLONE_VAULT_KEYS: string }, log: Logger): SharedParts {
  const vault = Vault.fromText(config.CLONE_VAULT_KEYS);
  const store = openStore(storeUrl(config));
  const queue = new BullMqQueue({ redis: redisOf(config), onError: (reason) => log.warn({ reason }, "queue") });
  const close = async () => {
    await queue.close();
    await store.close();
  };
  return { store, queue, vault, urlPolicy: { allowPrivate: config.CLONE_ALLOW_PRIVATE_SOURCES }, close };
}

export function redisOf({
  REDIS_HOST: host,
  REDIS_PORT: port,
  REDIS_PASSWORD: password,
}: ServiceConfig): RedisAddress & {
  readonly host: string;
} {
  return { host, port, ...(password === undefined ? {} : { password }) };
}
