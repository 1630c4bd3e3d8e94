/** A worker's process: `node worker.js`. */
import { join } from "node:path";
import { runCommand } from "../constructs/shared/cli";
import { readConfig } from "./config";
import { WordPressMigrator } from "./migration/wordpress-migrator";
import { kubeConfig, kubernetesParts } from "./processes/kubernetes";
import { endSignal, runUntilTold, together } from "./processes/lifetime";
import { NEEDED, sharedParts } from "./processes/parts";
import { webhooksOf } from "./processes/webhooks";
import { startWorker } from "./processes/worker";
import { systemClock } from "./provisioner/clock";
import { createLog } from "./telemetry/log";
import { startTracing } from "./telemetry/trace";

const SERVICE = "clone-worker";

/** Beside the grace that jobs under way have: to hand back what they didn't finish. */
const HAND_BACK_SECONDS = 45;

/** Beside this file, in the sources as in the bundle (clones/image/build.mjs). */
const PLUGIN_FOLDER = join(__dirname, "image", "custom-migrator");

if (require.main === module) {
  runCommand(async () => {
    const config = readConfig(process.env, NEEDED);
    const log = createLog({ service: SERVICE, level: config.LOG_LEVEL });
    const stopTracing = startTracing({ service: SERVICE, endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT });
    const deadlineMilliseconds = (config.WORKER_GRACE_SECONDS + HAND_BACK_SECONDS) * 1000;
    return await runUntilTold({ log, signal: endSignal(), deadlineMilliseconds }, async () => {
      const parts = sharedParts(config, log);
      const { backend, warmPods, copies } = kubernetesParts(config, kubeConfig());
      const webhooks = webhooksOf({ ...parts, webhookSecret: config.CLONE_WEBHOOK_SECRET }, log);
      const { urlPolicy } = parts;
      const migrator = new WordPressMigrator({ urlPolicy, clock: systemClock, pluginFolder: PLUGIN_FOLDER });
      const own = { ...parts, backend, warmPods, migrator, webhooks, ...(copies && { copies }) };
      const worker = await startWorker(config, own, log);
      return together([{ stop: stopTracing }, { stop: parts.close }, worker], log);
    });
  });
}
