/** The cleaner's process: `node cleaner.js once` by the CronJob, `node cleaner.js watch` beside it. */
import { KubeConfig } from "@kubernetes/client-node";
import { runCommand } from "../constructs/shared/cli";
import { runCleaner } from "./cleaner/main";

if (require.main === module) {
  runCommand(async () => {
    const config = new KubeConfig();
    config.loadFromDefault();
    const end = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => end.abort());
    const write = (line: string) => void process.stdout.write(line);
    return await runCleaner({ args: process.argv.slice(2), env: process.env, config, write, signal: end.signal });
  });
}
