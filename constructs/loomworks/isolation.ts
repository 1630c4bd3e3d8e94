import { Construct } from "constructs";
import { PEERS } from "../contract";
import { IsolatedNamespace } from "../shared/network";
import type { LoomworksSettings } from "../settings/loomworks";
import { BACKUP } from "./backup";
import { BACKUP_EXPORTER } from "./backup-exporter";
import { ODOO_COPY, SWEEP } from "./odoo-copy";
import { MIGRATION } from "./odoo-migration";
import { ODOO } from "./odoo-pod";
import { OFFSITE } from "./offsite";
import { POSTGRES } from "./postgres";

/** What Odoo calls in the outside world: HTTPS, and mail by submission (587) or implicit TLS (465). */
const OUTSIDE_PORTS = [443, 465, 587];

/** On every node (EKS User Guide, "Set up the Amazon EKS Pod Identity Agent"). */
const POD_IDENTITY_AGENT = { name: "pod-identity-agent", network: "169.254.170.23/32" } as const;

/**
 * Who may talk to whom (LOOM-12). Only Odoo and the backup reach the database, only the ingress controller reaches Odoo,
 * and Prometheus reaches the metrics ports. The drill is alone. The copies to the bucket reach S3 by public addresses, for a
 * gateway endpoint has no others, and their credentials at the agent of EKS Pod Identity.
 */
export class Isolation extends Construct {
  constructor(scope: Construct, id: string, { backup }: LoomworksSettings) {
    super(scope, id);
    const namespace = new IsolatedNamespace(this, "Namespace", PEERS.dns)
      .admit({
        to: POSTGRES.name,
        from: [ODOO.name, ODOO.cronName, MIGRATION, ODOO_COPY, SWEEP, BACKUP],
        ports: [POSTGRES.port],
      })
      .admit({ to: POSTGRES.name, from: [PEERS.prometheus], ports: [POSTGRES.metricsPort] })
      .admit({ to: ODOO.name, from: [PEERS.ingress], ports: [ODOO.httpPort, ODOO.websocketPort] })
      .admit({ to: ODOO.name, from: [PEERS.prometheus], ports: [ODOO.metricsPort] })
      .admit({ to: BACKUP_EXPORTER.name, from: [PEERS.prometheus], ports: [BACKUP_EXPORTER.metricsPort] })
      .letOut({ from: ODOO.name, ports: OUTSIDE_PORTS })
      .letOut({ from: ODOO.cronName, ports: OUTSIDE_PORTS });
    if (!backup.offsite.enabled) return;
    for (const from of Object.values(OFFSITE)) {
      namespace.letOut({ from, ports: [443] }).letOut({ from, to: POD_IDENTITY_AGENT, ports: [80] });
    }
  }
}
