/** The warm pool controller's process: `node warm-pool.js`. */
import { runCommand } from "../constructs/shared/cli";
import { kubeConfig } from "./processes/kubernetes";
import { endSignal, runUntilTold } from "./processes/lifetime";
import { startWarmPool } from "./processes/warm-pool";
import { createLog } from "./telemetry/log";

/** Until the Lease is given back. */
const DEADLINE_MILLISECONDS = 20_000;

if (require.main === module) {
  const log = createLog({ service: "clone-warm-pool", level: process.env.LOG_LEVEL ?? "info" });
  runCommand(
    async () =>
      await runUntilTold(
        { log, signal: endSignal(), deadlineMilliseconds: DEADLINE_MILLISECONDS },
        async () => await startWarmPool(process.env, kubeConfig(), log),
      ),
  );
}
