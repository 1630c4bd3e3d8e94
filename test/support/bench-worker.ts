/** A worker's process as clones/worker.ts has it, whose clones and copies take no time: engine, store and queue remain. */
import { runCommand } from "../../constructs/shared/cli";
import { readConfig } from "../../clones/config";
import type { SiteMigrator } from "../../clones/migration/site-migrator";
import { kubeConfig, kubernetesParts } from "../../clones/processes/kubernetes";
import { endSignal, runUntilTold, together } from "../../clones/processes/lifetime";
import { NEEDED, sharedParts } from "../../clones/processes/parts";
import { webhooksOf } from "../../clones/processes/webhooks";
import { startWorker } from "../../clones/processes/worker";
import { createLog } from "../../clones/telemetry/log";
import { startTracing } from "../../clones/telemetry/trace";
import type { BackendClone, BackendRequest, CloneBackend } from "../../clones/workers/backend";

const ACCESS = { username: "admin", password: "password-of-the-clone" } as const;

/** Clones that are nothing but an entry of this process. */
class BackendInMemory implements CloneBackend {
  private readonly clones = new Map<string, BackendClone>();

  create({ jobId, tenantId, customerId, ttlSeconds }: BackendRequest): Promise<BackendClone> {
    const createdAt = new Date();
    const expiresAt = new Date(createdAt.getTime() + ttlSeconds * 1000);
    const states = { ready: true, ending: false, createdAt, expiresAt };
    const id = `clone-of-${jobId}`;
    const clone = { id, tenantId, customerId, jobId, url: "http://clone.example.com", ...states };
    this.clones.set(id, clone);
    return Promise.resolve(clone);
  }

  find = (cloneId: string) => Promise.resolve(this.clones.get(cloneId));
  findByJob = (jobId: string) => this.find(`clone-of-${jobId}`);
  access = ({ url = "" }: BackendClone) => Promise.resolve({ site: { url, ...ACCESS }, ...ACCESS });
  remove = (cloneId: string) => Promise.resolve(this.clones.delete(cloneId));
  list = () => Promise.resolve({ clones: [] });
  extend = () => Promise.reject(new Error("no worker extends"));
  check = () => Promise.resolve();
}

const NOTHING_TO_COPY: SiteMigrator = {
  check: () => Promise.resolve(),
  copy: () => Promise.resolve({}),
  plan: () => Promise.resolve({ changes: {}, conflicts: [] }),
  restore: () => Promise.resolve(),
  canUndo: () => Promise.resolve(true),
  undoRestore: () => Promise.resolve(),
};

runCommand(async () => {
  const config = readConfig(process.env, NEEDED);
  const log = createLog({ service: "clone-worker", level: config.LOG_LEVEL });
  const stopTracing = startTracing({ service: "clone-worker", endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT });
  return await runUntilTold({ log, signal: endSignal(), deadlineMilliseconds: 10_000 }, async () => {
    const parts = sharedParts(config, log);
    // Nobody asks it, but its memory counts.
    const { backend: unused } = kubernetesParts(config, kubeConfig());
    log.debug({ unused: unused.constructor.name }, "loaded");
    const webhooks = webhooksOf({ ...parts, webhookSecret: config.CLONE_WEBHOOK_SECRET }, log);
    const own = { ...parts, backend: new BackendInMemory(), migrator: NOTHING_TO_COPY, webhooks };
    const worker = await startWorker(config, own, log);
    return together([{ stop: stopTracing }, { stop: parts.close }, worker], log);
  });
});
