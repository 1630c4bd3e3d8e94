import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels, selectorLabels } from "./labels";

/** One end of a connection: a workload of the same namespace by name, or pods of another one. */
export type Peer = string | { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };

export interface AdmitProps {
  /** Workload that the rule protects, by name. */
  readonly to: string;
  readonly from: readonly Peer[];
  /** TCP ports. */
  readonly ports: readonly number[];
}

export interface LetOutProps {
  /** Workload that may connect, by name. */
  readonly from: string;
  /** Where to; absent: the public internet, never a private range. */
  readonly to?: Peer;
  /** TCP ports. */
  readonly ports: readonly number[];
}

/**
 * Everything a public client never needs: private ranges (RFC 1918, 6598), this host (RFC 1122), and link-local with the
 * instance metadata (RFC 3927). A pod that could reach them could reach the VPC and its credentials.
 */
const NOT_PUBLIC = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
];

/**
 * A namespace in which nothing may connect until it is admitted, DNS aside. A connection between two workloads of it needs
 * both ends: {@link admit} writes both where both are here.
 */
export class IsolatedNamespace extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly dns: Exclude<Peer, string>,
  ) {
    super(scope, id);
    this.createPolicy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    this.createPolicy("allow-dns", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [peer(this.dns)], ports: [...tcp([53]), { port: port(53), protocol: "UDP" }] }],
    });
  }

  /** Lets `from` reach `to`, and lets it leave where it lives in this namespace. */
  admit({ to, from, ports }: AdmitProps): this {
    this.createPolicy(`allow-to-${to}-${ports.join("-")}`, {
      podSelector: { matchLabels: selectorLabels(to) },
      policyTypes: ["Ingress"],
      ingress: [{ from: from.map(peer), ports: tcp(ports) }],
    });
    for (const source of from) {
      if (typeof source === "string") this.letOut({ from: source, to, ports });
    }
    return this;
  }

  /** Lets a workload connect to another one, or to the public internet. */
  letOut({ from, to, ports }: LetOutProps): this {
    const target = to === undefined ? { ipBlock: { cidr: "0.0.0.0/0", except: NOT_PUBLIC } } : peer(to);
    const name = to === undefined ? "internet" : typeof to === "string" ? to : to.namespace;
    this.createPolicy(`allow-${from}-to-${name}`, {
      podSelector: { matchLabels: selectorLabels(from) },
      policyTypes: ["Egress"],
      egress: [{ to: [target], ports: tcp(ports) }],
    });
    return this;
  }

  private createPolicy(name: string, spec: k8s.NetworkPolicySpec): void {
    new k8s.KubeNetworkPolicy(this, name, { metadata: { name, labels: objectLabels("isolation") }, spec });
  }
}

function peer(end: Peer): k8s.NetworkPolicyPeer {
  if (typeof end === "string") return { podSelector: { matchLabels: selectorLabels(end) } };
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": end.namespace } },
    podSelector: { matchLabels: end.labels },
  };
}

function tcp(ports: readonly number[]): k8s.NetworkPolicyPort[] {
  return ports.map((number) => ({ port: port(number), protocol: "TCP" }));
}

function port(number: number): k8s.IntOrString {
  return k8s.IntOrString.fromNumber(number);
}
