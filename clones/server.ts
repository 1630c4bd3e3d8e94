/** The API's process: `node server.js`. */
import { Redis } from "ioredis";
import { runCommand } from "../constructs/shared/cli";
import { RATE_REDIS } from "./api/deps";
import { readConfig } from "./config";
import { startApi } from "./processes/api";
import { kubeConfig, kubernetesParts } from "./processes/kubernetes";
import { endSignal, runUntilTold, together } from "./processes/lifetime";
import { NEEDED, redisOf, sharedParts } from "./processes/parts";
import { createLog } from "./telemetry/log";
import { startTracing } from "./telemetry/trace";

const SERVICE = "clone-service";

/** Until requests under way have been answered; the pod's grace is longer. */
const DEADLINE_MILLISECONDS = 25_000;

if (require.main === module) {
  runCommand(async () => {
    const config = readConfig(process.env, NEEDED);
    const log = createLog({ service: SERVICE, level: config.LOG_LEVEL });
    const stopTracing = startTracing({ service: SERVICE, endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT });
    return await runUntilTold({ log, signal: endSignal(), deadlineMilliseconds: DEADLINE_MILLISECONDS }, async () => {
      const parts = sharedParts(config, log);
      const rateRedis = new Redis({ ...redisOf(config), ...RATE_REDIS });
      // It counts requests; without it they pass, and the queue tells of the same trouble.
      rateRedis.on("error", () => undefined);
      const { backend: directory, copies } = kubernetesParts(config, kubeConfig());
      const { jobs, apiKeys: keys } = parts.store;
      const publicUrl = `https://api.${config.CLONE_DOMAIN}`;
      const webhookSecret = config.CLONE_WEBHOOK_SECRET;
      const own = { jobs, keys, directory, rateRedis, publicUrl, webhookSecret, ...(copies && { copies }) };
      const api = await startApi(config, { ...parts, ...own }, log);
      const close = async () => {
        rateRedis.disconnect();
        await parts.close();
      };
      return together([{ stop: stopTracing }, { stop: close }, api], log);
    });
  });
}
