/** The whole service in one process, on one machine, with nothing else: `npm run clones:local`. */
import { homedir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../constructs/shared/cli";
import { readConfig } from "./config";
import { startEmbedded } from "./processes/embedded";
import { endSignal, runUntilTold } from "./processes/lifetime";
import { createLog } from "./telemetry/log";

const DEADLINE_MILLISECONDS = 15_000;

if (require.main === module) {
  runCommand(async () => {
    const config = readConfig({ HOST: "127.0.0.1", LOG_LEVEL: "warn", ...process.env }, []);
    const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
    const folder = process.env.CLONES_FOLDER ?? join(cache, "loomworks-platform", "clones");
    const log = createLog({ service: "clones-local", level: config.LOG_LEVEL });
    return await runUntilTold({ log, signal: endSignal(), deadlineMilliseconds: DEADLINE_MILLISECONDS }, async () => {
      const embedded = await startEmbedded(config, folder, log);
      console.log(
        [
          `The clone service listens on ${embedded.url}; its page is ${embedded.url}/docs.`,
          `What it keeps is in ${folder}. Ctrl-C ends it; clones come back with the next start.`,
          "",
          `  export CLONES_API_KEY=${embedded.key}`,
          `  curl ${embedded.url}/api/v2/clone -H "Authorization: Bearer $CLONES_API_KEY" -H 'Content-Type: application/json' \\`,
          `    -d '{"source_url":"https://example.com","customer_id":"test-clone-001"}'`,
        ].join("\n"),
      );
      return embedded;
    });
  });
}
