/** Who may talk to whom, in the namespaces of clones and in that of their service. */
import { Construct } from "constructs";
import { CLONE_LABELS, CLONE_NAMESPACES, PEERS } from "../../constructs/contract";
import { Addresses, IsolatedNamespace, LabelledPods } from "../../constructs/shared/network";
import { ClonesSettings, jobsDatabase } from "../../constructs/settings";
import { ACCOUNTS, CLONE_PORT, podsOf, PORTS, POWERLESS } from "./accounts";

/** Every pod that serves a clone, whoever made it: a Job, or the warm pool. */
const CLONES: LabelledPods = { name: "clones", label: CLONE_LABELS.clone };

/** What WordPress asks of the outside world: its own sites, and those of plugins and themes. No mail (decision 34). */
const OUTSIDE_PORTS = [80, 443];

/** Behind a Service, the port that counts is its pods': theirs who run as nobody, as those of our image. */
const PRIVATE_PORTS = [...OUTSIDE_PORTS, CLONE_PORT];

/** Where sites of a closed network are (RFC 1918). */
const PRIVATE_NETWORKS: readonly Addresses[] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((network) => ({
  name: `private-${network.split(".")[0] ?? ""}`,
  network,
}));

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
 * The service's own namespace. Whoever asks the API server for something reaches it; API and workers reach the queue, the
 * jobs table, the collector of traces and clones; workers the sites of the public internet besides. The schema job reaches
 * the jobs table alone, and the cleaner the database that clones leave schemas on.
 */
export class ServiceIsolation extends Construct {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    const isolated = new IsolatedNamespace(this, "Namespace", PEERS.dns);
    this.admitCallers(isolated, settings);
    this.letOutToCluster(isolated, settings);
    this.letOutToData(isolated, settings);
    isolated.letOut({ from: ACCOUNTS.worker, ports: OUTSIDE_PORTS });
    // The URL guard still refuses metadata and link-local addresses, whoever gave them (clones/net/addresses.ts).
    if (settings.service.allowPrivateSources) {
      for (const network of PRIVATE_NETWORKS)
        isolated.letOut({ from: ACCOUNTS.worker, to: network, ports: PRIVATE_PORTS });
    }
  }

  private admitCallers(isolated: IsolatedNamespace, { service: { worker: workers } }: ClonesSettings): void {
    const { service, worker, warmPool } = ACCOUNTS;
    const { redis } = POWERLESS;
    isolated.admit({ to: service, from: [PEERS.ingress], ports: [PORTS.http] });
    // KEDA reads how long the queue is.
    const readers = workers.autoscale ? [PEERS.keda] : [];
    isolated.admit({ to: redis, from: [service, worker, ...readers], ports: [PORTS.redis] });
    isolated.admit({ to: redis, from: [PEERS.prometheus], ports: [PORTS.redisMetrics] });
    for (const to of [service, worker, warmPool]) {
      isolated.admit({ to, from: [PEERS.prometheus], ports: [PORTS.metrics] });
    }
  }

  private letOutToCluster(
    isolated: IsolatedNamespace,
    { apiServer, service: { tracingEndpoint } }: ClonesSettings,
  ): void {
    const { service, worker } = ACCOUNTS;
    const server: Addresses = { name: "api-server", network: apiServer.network };
    for (const from of Object.values(ACCOUNTS)) isolated.letOut({ from, to: server, ports: [apiServer.port] });
    for (const from of [service, worker]) {
      for (const namespace of Object.values(CLONE_NAMESPACES)) {
        isolated.letOut({ from, to: { ...CLONES, namespace }, ports: [CLONE_PORT] });
      }
      if (tracingEndpoint !== "") isolated.letOut({ from, to: PEERS.otel, ports: [portOf(tracingEndpoint)] });
    }
  }

  private letOutToData(isolated: IsolatedNamespace, settings: ClonesSettings): void {
    const { sharedDatabase } = settings;
    const { network, port } = jobsDatabase(settings);
    for (const from of [ACCOUNTS.service, ACCOUNTS.worker, POWERLESS.schema]) {
      isolated.letOut({ from, to: { name: "jobs-database", network }, ports: [port] });
    }
    isolated.letOut({ from: ACCOUNTS.cleaner, to: sharedDatabaseAt(sharedDatabase), ports: [sharedDatabase.port] });
  }
}

function sharedDatabaseAt({ network }: ClonesSettings["sharedDatabase"]): Addresses {
  return { name: "shared-database", network };
}

/** The settings see to it that there is one; URL leaves a scheme's own out. */
function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));
}
