/** Tells the webhooks of jobs that are over, beside a worker: it reaches the internet already. */
import type { Logger } from "pino";
import { guardedDispatcher } from "../net/dispatcher";
import type { UrlPolicy } from "../net/url-policy";
import { systemClock } from "../provisioner/clock";
import type { Store } from "../store/open";
import type { ServiceMetrics } from "../telemetry/metrics";
import { WebhookSender } from "../webhooks/sender";
import type { Running } from "./lifetime";
import { platformSecret } from "./secret";

export interface WebhookParts {
  readonly store: Store;
  readonly urlPolicy: UrlPolicy;
  /** The API's, which shows tenants what is derived from it. */
  readonly webhookSecret: string;
}

/** For {@link WorkerParts.webhooks}. */
export function webhooksOf({ store, urlPolicy, webhookSecret }: WebhookParts, log: Logger) {
  return (metrics: ServiceMetrics): Running => {
    const dispatcher = guardedDispatcher(urlPolicy);
    const sender = new WebhookSender({
      outbox: store.webhooks,
      tenantOf: async ({ jobId }) => (await store.jobs.find(jobId))?.tenantId,
      platformSecret: platformSecret(webhookSecret),
      dispatcher,
      urlPolicy,
      clock: systemClock,
      random: Math.random,
      log,
      metrics,
    });
    const end = new AbortController();
    const running = sender.run(end.signal);
    const stop = async () => {
      end.abort();
      await running;
      await dispatcher.close();
    };
    return { stop };
  };
}
