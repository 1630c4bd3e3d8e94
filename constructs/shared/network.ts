import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels, selectorLabels } from "./labels";

/** Pods that share a label but no workload: those of clones. */
export interface LabelledPods {
  /** How policies call them. */
  readonly name: string;
  /** Key of the label, whatever its value. */
  readonly label: string;
}

/** Pods of this namespace: a workload by its name, or all that have a label. */
export type Pods = string | LabelledPods;

/** Addresses outside of the cluster, by what is there. */
export interface Addresses {
  readonly name: string;
  /** In CIDR notation. */
  readonly network: string;
}

/** Pods of another namespace. */
export type Neighbours = { readonly namespace: string } & (
  { readonly labels: Readonly<Record<string, string>> } | LabelledPods
);

/** One end of a connection: pods of the same namespace, or those of another one. */
export type Peer = Pods | Neighbours;

export interface AdmitProps {
  /** Pods that the rule protects. */
  readonly to: Pods;
  readonly from: readonly Peer[];
  /** TCP ports. */
  readonly ports: readonly number[];
}

export interface LetOutProps {
  /** Pods that may connect. */
  readonly from: Pods;
  /** Where to; absent: the public internet, never a private range. */
  readonly to?: Peer | Addresses;
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

const INTERNET: k8s.NetworkPolicyPeer = { ipBlock: { cidr: "0.0.0.0/0", except: NOT_PUBLIC } };

/**
 * A namespace in which nothing may connect until it is admitted, DNS aside. A connection between two workloads of it needs
 * both ends: {@link admit} writes both where both are here.
 */
export class IsolatedNamespace extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly dns: Neighbours,
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
    this.createPolicy(`allow-to-${nameOf(to)}-${ports.join("-")}`, {
      podSelector: selectorOf(to),
      policyTypes: ["Ingress"],
      ingress: [{ from: from.map(peer), ports: tcp(ports) }],
    });
    for (const source of from) {
      if (isHere(source)) this.letOut({ from: source, to, ports });
    }
    return this;
  }

  /** Lets pods connect to others, to addresses outside, or to the public internet. */
  letOut({ from, to, ports }: LetOutProps): this {
    this.createPolicy(`allow-${nameOf(from)}-to-${to === undefined ? "internet" : nameOf(to)}`, {
      podSelector: selectorOf(from),
      policyTypes: ["Egress"],
      egress: [{ to: [to === undefined ? INTERNET : peer(to)], ports: tcp(ports) }],
    });
    return this;
  }

  private createPolicy(name: string, spec: k8s.NetworkPolicySpec): void {
    new k8s.KubeNetworkPolicy(this, name, { metadata: { name, labels: objectLabels("isolation") }, spec });
  }
}

function peer(end: Peer | Addresses): k8s.NetworkPolicyPeer {
  if (isHere(end)) return { podSelector: selectorOf(end) };
  if ("network" in end) return { ipBlock: { cidr: end.network } };
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": end.namespace } },
    podSelector: "labels" in end ? { matchLabels: end.labels } : selectorOf(end),
  };
}

function isHere(end: Peer | Addresses): end is Pods {
  return typeof end === "string" || !("namespace" in end || "network" in end);
}

function selectorOf(pods: Pods): k8s.LabelSelector {
  if (typeof pods === "string") return { matchLabels: selectorLabels(pods) };
  return { matchExpressions: [{ key: pods.label, operator: "Exists" }] };
}

function nameOf(end: Peer | Addresses): string {
  if (typeof end === "string") return end;
  return "namespace" in end ? end.namespace : end.name;
}

function tcp(ports: readonly number[]): k8s.NetworkPolicyPort[] {
  return ports.map((number) => ({ port: port(number), protocol: "TCP" }));
}

function port(number: number): k8s.IntOrString {
  return k8s.IntOrString.fromNumber(number);
}
