/** Who may talk to whom, in the namespaces of clones and in that of their service. */
import { Construct } from "constructs";
import { CLONE_LABELS, CLONE_NAMESPACES, PEERS } from "../../constructs/contract";
import { Addresses, IsolatedNamespace, LabelledPods } from "../../constructs/shared/network";
import type { ClonesSettings } from "../../constructs/settings";
import { ACCOUNTS, CLONE_PORT, podsOf } from "./accounts";

/** Every pod that serves a clone, whoever made it: a Job, or the warm pool. */
const CLONES: LabelledPods = { name: "clones", label: CLONE_LABELS.clone };

/** What WordPress asks of the outside world: its own sites, and those of plugins and themes. No mail (decision 34). */
const OUTSIDE_PORTS = [80, 443];

/**
 * A clone runs code that strangers wrote. It reaches its database, DNS and the public internet, and neither the cluster's
 * other pods, nor the API server, nor the nodes' metadata; only the ingress controller, the API and the workers reach it.
 * A pod that is no clone's yet, as those of the warm pool, is reached by nobody but them, and reaches DNS alone.
 */
export class CloneIsolation extends Construct {
  constructor(scope: Construct, id: string, { sharedDatabase }: ClonesSettings) {
    super(scope, id);
    new IsolatedNamespace(this, "Namespace", PEERS.dns)
      .admit({ to: CLONES, from: [PEERS.ingress, podsOf("service"), podsOf("worker")], ports: [CLONE_PORT] })
      .letOut({ from: CLONES, to: sharedDatabaseAt(sharedDatabase), ports: [sharedDatabase.port] })
      .letOut({ from: CLONES, ports: OUTSIDE_PORTS });
  }
}

/**
 * The service's own namespace. All of its processes reach the API server, the API and the workers reach clones, and the
 * cleaner the database that clones leave schemas on.
 */
export class ServiceIsolation extends Construct {
  constructor(scope: Construct, id: string, { apiServer, sharedDatabase }: ClonesSettings) {
    super(scope, id);
    const { service, worker, cleaner } = ACCOUNTS;
    const server: Addresses = { name: "api-server", network: apiServer.network };
    const isolated = new IsolatedNamespace(this, "Namespace", PEERS.dns);
    for (const from of [service, worker, cleaner]) isolated.letOut({ from, to: server, ports: [apiServer.port] });
    for (const from of [service, worker]) {
      for (const namespace of Object.values(CLONE_NAMESPACES)) {
        isolated.letOut({ from, to: { ...CLONES, namespace }, ports: [CLONE_PORT] });
      }
    }
    isolated.letOut({ from: cleaner, to: sharedDatabaseAt(sharedDatabase), ports: [sharedDatabase.port] });
  }
}

function sharedDatabaseAt({ network }: ClonesSettings["sharedDatabase"]): Addresses {
  return { name: "shared-database", network };
}
