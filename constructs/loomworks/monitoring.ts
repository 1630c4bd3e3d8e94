import { Construct } from "constructs";
import { ServiceMonitor } from "../imports/monitoring.coreos.com";
import { objectLabels, selectorLabels } from "../shared/labels";
import { BACKUP_EXPORTER } from "./backup-exporter";
import { ODOO } from "./odoo-pod";
import { POSTGRES } from "./postgres";

/** How often Prometheus asks, and how long it waits for an answer. */
const INTERVAL = "30s";
const TIMEOUT = "10s";

/** Has Prometheus find the metrics of Odoo (9188), PostgreSQL (9187) and its backups (9100). */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.createMonitor(POSTGRES.name, POSTGRES.name);
    this.createMonitor(BACKUP_EXPORTER.name, BACKUP_EXPORTER.name);
    this.createMonitor(ODOO.name, `${ODOO.name}-metrics`);
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
