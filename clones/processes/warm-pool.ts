/** The process that keeps the warm pool, and counts clones: it is the one that watches all of them anyway. */
import type { KubeConfig } from "@kubernetes/client-node";
import type { Logger } from "pino";
import { Environment, readConfig } from "../config";
import { expiryOf } from "../domain/expiry";
import type { WordPressClone } from "../domain/clone";
import { isEnding, isReady, failureOf } from "../domain/clone";
import { Kube } from "../provisioner/kube";
import { CloneProvisioner } from "../provisioner/provisioner";
import { ServiceMetrics } from "../telemetry/metrics";
import { METRICS } from "../telemetry/names";
import { runWarmPool } from "../warm-pool/main";
import type { PodReset } from "../warm-pool/reset";
import { eventsOf } from "./worker";
import type { Running } from "./lifetime";
import { serveMetrics } from "./metrics-server";

/** Returns when it watches; of any number of replicas, one acts. */
export async function startWarmPool(
  env: Environment,
  kubeConfig: KubeConfig,
  log: Logger,
  reset?: PodReset,
): Promise<Running & { readonly metricsPort: number }> {
  const config = readConfig(env, []);
  const metrics = new ServiceMetrics();
  let counts: Readonly<Record<string, number>> = {};
  metrics.gauge(METRICS.warmPods, "Pods of the warm pool, by state", () => Promise.resolve(readings(counts)));
  countClones(metrics, new CloneProvisioner(new Kube(kubeConfig), { namespace: config.CLONE_NAMESPACE }));
  const served = await serveMetrics(metrics.registry, config.HOST, config.METRICS_PORT);
  const end = new AbortController();
  const say = eventsOf(log);
  const observe = (seen: Readonly<Record<string, number>>) => void (counts = seen);
  const running = runWarmPool({
    env,
    config: kubeConfig,
    log: (entry) => say({ ...entry }),
    signal: end.signal,
    observe,
    ...(reset && { reset }),
  });
  // Without it, the process serves nothing but its own liveness.
  running.catch((error: unknown) => {
    log.fatal({ err: error }, "the warm pool ended");
    process.exit(1);
  });
  return {
    metricsPort: served.port,
    stop: async () => {
      end.abort();
      await running;
      await served.stop();
    },
  };
}

function countClones(metrics: ServiceMetrics, provisioner: CloneProvisioner): void {
  const all = async () => {
    const clones: WordPressClone[] = [];
    for await (const clone of provisioner.allClones({ limit: 500 })) clones.push(clone);
    return clones;
  };
  metrics.gauge(METRICS.clones, "WordPressClones, by state", async () => {
    const counts: Record<string, number> = { starting: 0, ready: 0, failed: 0, ending: 0 };
    for (const clone of await all()) counts[stateOf(clone)] = (counts[stateOf(clone)] ?? 0) + 1;
    return readings(counts);
  });
  metrics.gauge(METRICS.expiryLag, "Seconds by which the oldest clone has outlived its time", async () => {
    const now = Date.now();
    const lags = (await all()).map((clone) => (now - expiryOf(clone).getTime()) / 1000);
    return [{ labels: {}, value: Math.max(0, ...lags) }];
  });
}

function stateOf(clone: WordPressClone): string {
  if (isEnding(clone)) return "ending";
  if (failureOf(clone) !== undefined) return "failed";
  return isReady(clone) ? "ready" : "starting";
}

function readings(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));
}
