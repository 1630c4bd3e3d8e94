import { Construct } from "constructs";
import { ServiceMonitor } from "../../../constructs/imports/monitoring.coreos.com";
import { objectLabels, selectorLabels } from "../../../constructs/shared/labels";
import { ACCOUNTS, POWERLESS } from "../accounts";

/** How often Prometheus asks, and how long it waits for an answer. */
const INTERVAL = "30s";
const TIMEOUT = "10s";

/** Has Prometheus find the metrics of the service's processes (9090) and of its Redis (9121). */
export class ServiceMonitoring extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { service, worker, warmPool } = ACCOUNTS;
    for (const name of [service, worker, warmPool]) this.createMonitor(name, `${name}-metrics`);
    this.createMonitor(POWERLESS.redis, POWERLESS.redis);
  }

  private createMonitor(name: string, service: string): void {
    new ServiceMonitor(this, name, {
      metadata: { name, labels: objectLabels(name) },
      spec: {
        selector: { matchLabels: selectorLabels(service) },
        endpoints: [{ port: "metrics", interval: INTERVAL, scrapeTimeout: TIMEOUT }],
      },
    });
  }
}
