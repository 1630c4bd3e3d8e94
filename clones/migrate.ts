/** The schema job: `node migrate.js`. */
import { runCommand } from "../constructs/shared/cli";
import { prepareSchema } from "./processes/schema";
import { createLog } from "./telemetry/log";

if (require.main === module) {
  const log = createLog({ service: "clone-schema", level: process.env.LOG_LEVEL ?? "info" });
  runCommand(async () => {
    await prepareSchema(process.env, log);
    return 0;
  });
}
