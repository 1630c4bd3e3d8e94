import { readdirSync, readFileSync } from "node:fs";
import type { PostgresServer } from "./postgres-server";

/** What the scripts of a server have told Prometheus, by the name of the metric. */
export function publishedMetrics(server: PostgresServer): Record<string, number> {
  const files = readdirSync(server.path("metrics")).filter((name) => name.endsWith(".prom"));
  return samplesOf(files.map((name) => readFileSync(server.path("metrics", name), "utf8")).join("\n"));
}

/** Values in Prometheus' text format, by name and labels as they stand there. */
export function samplesOf(text: string): Record<string, number> {
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(samples.map((line) => [line.split(" ")[0], Number(line.split(" ")[1])]));
}
