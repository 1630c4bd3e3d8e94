/** The process that works jobs off, puts back what the queue lost, and tells webhooks what became of jobs. */
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { ServiceConfig } from "../config";
import type { CopyBackend } from "../copies/copies";
import type { SiteMigrator } from "../migration/site-migrator";
import { Clock, systemClock } from "../provisioner/clock";
import type { JobQueue } from "../queue/queue";
import type { Vault } from "../secrets/vault";
import type { Store } from "../store/open";
import { withLogContext } from "../telemetry/log";
import { ServiceMetrics } from "../telemetry/metrics";
import { contextOf, inSpan } from "../telemetry/trace";
import type { CloneBackend, WarmPods } from "../workers/backend";
import type { WorkerLog, WorkerOptions, WorkerTelemetry } from "../workers/engine/deps";
import { Sweeper } from "../workers/sweeper";
import { Worker } from "../workers/worker";
import { Running, together } from "./lifetime";
import { serveMetrics } from "./metrics-server";

export interface WorkerParts {
  readonly store: Store;
  readonly queue: JobQueue;
  readonly backend: CloneBackend;
  /** @default every clone starts cold */
  readonly warmPods?: WarmPods;
  readonly migrator: SiteMigrator;
  /** @default no Loomworks database is copied */
  readonly copies?: CopyBackend;
  readonly vault: Vault;
  /** Tells webhooks. @default nobody is told */
  readonly webhooks?: (metrics: ServiceMetrics) => Running;
  readonly options?: Partial<WorkerOptions>;
  readonly sweepSeconds?: number;
  readonly clock?: Clock;
}

export interface RunningWorker extends Running {
  readonly metricsPort: number;
}

/** Returns when it works. Its parts are the caller's to close, after it has stopped. */
export async function startWorker(config: ServiceConfig, parts: WorkerParts, log: Logger): Promise<RunningWorker> {
  const { store, clock = systemClock } = parts;
  const metrics = new ServiceMetrics();
  const say = eventsOf(log);
  const deps = { ...parts, jobs: store.jobs, clock, random: Math.random, log: say, telemetry: telemetryOf(metrics) };
  const options = { concurrency: config.WORKER_CONCURRENCY, workerId: `${hostname()}-${randomUUID().slice(0, 8)}` };
  const worker = new Worker(deps, { ...options, ...parts.options });
  const swept = (jobs: number) => metrics.requeue(jobs);
  const sweeper = new Sweeper(
    { jobs: store.jobs, queue: parts.queue, clock, log: say, swept, purge: () => store.purge() },
    parts.sweepSeconds === undefined ? {} : { everySeconds: parts.sweepSeconds },
  );
  const served = await serveMetrics(metrics.registry, config.HOST, config.METRICS_PORT);
  worker.start();
  sweeper.start();
  const webhooks = parts.webhooks?.(metrics);
  const working = { stop: async () => await worker.stop(config.WORKER_GRACE_SECONDS) };
  // The worker stops first: what it hands back, another process is to find at once.
  const { stop } = together([served, ...(webhooks === undefined ? [] : [webhooks]), sweeper, working], log);
  return { metricsPort: served.port, stop };
}

/** What a worker tells, as lines of the log. */
export function eventsOf(log: Logger): WorkerLog {
  return ({ event, level = "info", ...fields }) => log[level](fields, event);
}

/** Spans go on in the trace of the request; whatever happens within names the job. */
export function telemetryOf(metrics: ServiceMetrics): WorkerTelemetry {
  return {
    inSpan: async (name, attributes, work, traceparent) => {
      const options = traceparent === undefined ? {} : { parent: contextOf(traceparent) };
      const { job_id: jobId, job_type: type } = attributes;
      const spanned = async () => await inSpan(name, attributes, work, options);
      if (typeof jobId !== "string") return await spanned();
      return await withLogContext({ job_id: jobId, ...(typeof type === "string" && { job_type: type }) }, spanned);
    },
    step: (labels, seconds) => metrics.step(labels, seconds),
    job: (labels, seconds) => metrics.job(labels, seconds),
  };
}
