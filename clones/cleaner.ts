/** The cleaner's process: `node cleaner.js once` by the CronJob, `node cleaner.js watch` beside it. */
import { KubeConfig } from "@kubernetes/client-node";
import { Registry } from "prom-client";
import { runCommand } from "../constructs/shared/cli";
import { runCleaner } from "./cleaner/main";
import { serveMetrics } from "./processes/metrics-server";

if (require.main === module) {
  runCommand(async () => {
    const config = new KubeConfig();
    config.loadFromDefault();
    const end = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => end.abort());
    const write = (line: string) => void process.stdout.write(line);
    const args = process.argv.slice(2);
    const { METRICS_PORT: port } = process.env;
    const liveness =
      args[0] === "watch" && port !== undefined
        ? await serveMetrics(new Registry(), "0.0.0.0", Number(port))
        : undefined;
    try {
      return await runCleaner({ args, env: process.env, config, write, signal: end.signal });
    } finally {
      await liveness?.stop();
    }
  });
}
