import { Construct } from "constructs";
import { PEERS } from "../contract";
import { IsolatedNamespace } from "../shared/network";
import { BACKUP } from "./backup";
import { ODOO } from "./odoo-pod";
import { POSTGRES } from "./postgres";

/** What Odoo calls in the outside world: HTTPS, and mail by submission (587) or implicit TLS (465). */
const OUTSIDE_PORTS = [443, 465, 587];

/**
 * Who may talk to whom (LOOM-12). Only Odoo and the backup reach the database, only the ingress controller reaches Odoo,
 * and Prometheus reaches the two metrics ports. The exporters sit in the pods that they watch, and the drill is alone.
 */
export class Isolation extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new IsolatedNamespace(this, "Namespace", PEERS.dns)
      .admit({ to: POSTGRES.name, from: [ODOO.name, ODOO.cronName, BACKUP], ports: [POSTGRES.port] })
      .admit({ to: POSTGRES.name, from: [PEERS.prometheus], ports: [POSTGRES.metricsPort] })
      .admit({ to: ODOO.name, from: [PEERS.ingress], ports: [ODOO.httpPort, ODOO.websocketPort] })
      .admit({ to: ODOO.name, from: [PEERS.prometheus], ports: [ODOO.metricsPort] })
      .letOut({ from: ODOO.name, ports: OUTSIDE_PORTS })
      .letOut({ from: ODOO.cronName, ports: OUTSIDE_PORTS });
  }
}
