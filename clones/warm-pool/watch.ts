/** Tells that pods of the pool changed. What changed is read by whoever is told: a lost event is then none that matters. */
import { KubeConfig, Watch } from "@kubernetes/client-node";
import type { Clock } from "../provisioner/clock";
import { POOL } from "./labels";

/** The server ends a watch after this, so that a connection that died unnoticed is replaced. */
const TIMEOUT_SECONDS = 240;
const PAUSE_MILLISECONDS = 1000;

/** Calls `wake` at each change, and at each beginning of the watch; until the signal aborts. */
export async function watchPool(
  config: KubeConfig,
  namespace: string,
  clock: Clock,
  wake: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await oneWatch(config, namespace, wake, signal).catch(() => undefined);
    await clock.sleep(PAUSE_MILLISECONDS, signal).catch(() => undefined);
  }
}

/** Returns when the server, the connection or the signal has ended it. */
async function oneWatch(config: KubeConfig, namespace: string, wake: () => void, signal: AbortSignal): Promise<void> {
  const query = { labelSelector: `${POOL.key}=${POOL.value}`, timeoutSeconds: TIMEOUT_SECONDS };
  let stop: () => void = () => undefined;
  await new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
    new Watch(config)
      .watch(`/api/v1/namespaces/${namespace}/pods`, query, wake, () => resolve())
      .then((connection) => signal.addEventListener("abort", () => connection.abort(), { once: true }))
      .catch(() => resolve());
  });
  signal.removeEventListener("abort", stop);
}
