/** A worker's process as clones/worker.ts has it, with a migrator that a test can watch: kwok's pods run no WordPress. */
import { runCommand } from "../../constructs/shared/cli";
import { readConfig } from "../../clones/config";
import { kubeConfig, kubernetesParts } from "../../clones/processes/kubernetes";
import { endSignal, runUntilTold, together } from "../../clones/processes/lifetime";
import { NEEDED, sharedParts } from "../../clones/processes/parts";
import { webhooksOf } from "../../clones/processes/webhooks";
import { startWorker } from "../../clones/processes/worker";
import { createLog } from "../../clones/telemetry/log";
import { startTracing } from "../../clones/telemetry/trace";
import { RecordingMigrator } from "./recorder";

runCommand(async () => {
  const config = readConfig(process.env, NEEDED);
  const log = createLog({ service: "clone-worker", level: config.LOG_LEVEL });
  const stopTracing = startTracing({ service: "clone-worker", endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT });
  return await runUntilTold({ log, signal: endSignal(), deadlineMilliseconds: 30_000 }, async () => {
    const parts = sharedParts(config, log);
    // kwok can't run the command by which a warm pod gets its administrator.
    const adoption = { adopt: () => Promise.resolve() };
    const { backend, warmPods } = kubernetesParts(config, kubeConfig(), adoption);
    // A failure is tried again within seconds rather than minutes; altogether for longer than an API server restarts, which
    // takes a slow machine half a minute.
    const options = { retryDelay: (failures: number) => (failures > 3 ? undefined : 2 * 2 ** failures) };
    const webhooks = webhooksOf({ ...parts, webhookSecret: config.CLONE_WEBHOOK_SECRET }, log);
    const own = { backend, warmPods, migrator: new RecordingMigrator(), options, sweepSeconds: 3, webhooks };
    const worker = await startWorker(config, { ...parts, ...own }, log);
    return together([{ stop: stopTracing }, { stop: parts.close }, worker], log);
  });
});
