/** The process that answers requests. */
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { buildApi } from "../api/app";
import type { ApiLimits } from "../api/deps";
import type { ServiceConfig } from "../config";
import type { CopyDirectory } from "../copies/copies";
import type { UrlPolicy } from "../net/url-policy";
import { Clock, systemClock } from "../provisioner/clock";
import type { JobQueue } from "../queue/queue";
import type { Vault } from "../secrets/vault";
import type { ApiKeyStore } from "../store/api-keys";
import type { JobStore } from "../store/job-store";
import { ServiceMetrics } from "../telemetry/metrics";
import { METRICS } from "../telemetry/names";
import type { CloneDirectory } from "../workers/backend";
import { Running, together } from "./lifetime";
import { serveMetrics } from "./metrics-server";
import { platformSecret } from "./secret";

export interface ApiParts {
  readonly jobs: JobStore;
  readonly keys: Pick<ApiKeyStore, "authenticate">;
  readonly queue: JobQueue;
  readonly directory: CloneDirectory;
  /** @default no Loomworks database is copied */
  readonly copies?: CopyDirectory;
  readonly vault: Vault;
  readonly urlPolicy: UrlPolicy;
  /** Of the platform: webhook secrets are derived from it. */
  readonly webhookSecret: string;
  /** Counts requests of all replicas. @default each for itself */
  readonly rateRedis?: unknown;
  readonly publicUrl?: string;
  readonly limits?: ApiLimits;
  readonly clock?: Clock;
}

export interface RunningApi extends Running {
  readonly port: number;
  readonly metricsPort: number;
}

/** Returns when it listens. Its parts are the caller's to close, after it has stopped. */
export async function startApi(config: ServiceConfig, parts: ApiParts, log: Logger): Promise<RunningApi> {
  const metrics = new ServiceMetrics();
  watchQueue(metrics, parts);
  const app = await buildApi({
    ...parts,
    platformSecret: platformSecret(parts.webhookSecret),
    log,
    metrics,
    clock: parts.clock ?? systemClock,
    randomBytes,
    limits: { ratePerMinute: config.CLONE_RATE_PER_MINUTE, ...parts.limits },
    exposeCredentials: config.CLONE_EXPOSE_CREDENTIALS,
    console: config.CLONE_CONSOLE,
  });
  await app.listen({ host: config.HOST, port: config.PORT });
  const served = await serveMetrics(metrics.registry, config.HOST, config.METRICS_PORT);
  const { stop } = together([served, { stop: async () => await app.close() }], log);
  return { port: (app.server.address() as AddressInfo).port, metricsPort: served.port, stop };
}

function watchQueue(metrics: ServiceMetrics, { queue, jobs }: ApiParts): void {
  metrics.gauge(METRICS.queueJobs, "Jobs in the queue, by its own states", async () => {
    const depth = await queue.depth();
    return Object.entries(depth).map(([state, value]) => ({ labels: { state }, value: value as number }));
  });
  metrics.gauge(METRICS.jobs, "Rows of the jobs table", async () => {
    const counts = await jobs.counts();
    return counts.map(({ type, status, count }) => ({ labels: { type, status }, value: count }));
  });
}
