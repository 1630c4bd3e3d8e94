/** NetworkPolicies, with every default of the API filled in. */
import { KubernetesObject, LabelSelector, namespaceOf } from "../kubernetes";
import type { AddressBlock } from "./addresses";
import { EVERY_PORT, port, PortSet, Protocol } from "./ports";

export type Direction = "ingress" | "egress";

/** Pods of some namespaces; without `namespaces`, of the policy's own. */
export interface PodPeer {
  readonly pods: LabelSelector;
  readonly namespaces?: LabelSelector;
}

export type Peer = PodPeer | AddressBlock;

/** A port that only the pod at the other end can number. */
export interface NamedPort {
  readonly protocol: Protocol;
  readonly name: string;
}

export interface Rule {
  /** Empty: everyone. */
  readonly peers: readonly Peer[];
  readonly ports: PortSet;
  readonly named: readonly NamedPort[];
}

export interface Policy {
  readonly name: string;
  readonly namespace: string;
  readonly pods: LabelSelector;
  /** What each direction admits. A direction that is absent is none of this policy's business. */
  readonly rules: Readonly<Partial<Record<Direction, readonly Rule[]>>>;
}

/** As the API has it. */
export interface PolicySpec {
  readonly podSelector?: LabelSelector;
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
}

export interface PolicyRule {
  readonly from?: readonly PolicyPeer[];
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly PolicyPort[];
}

export interface PolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export function isPolicy({ apiVersion, kind }: KubernetesObject): boolean {
  return kind === "NetworkPolicy" && apiVersion === "networking.k8s.io/v1";
}

/** @param object a NetworkPolicy that {@link problemsOfPolicy} found nothing wrong with */
export function readPolicy(object: KubernetesObject): Policy {
  const spec = (object.spec ?? {}) as PolicySpec;
  const types = directionsOf(spec);
  return {
    name: object.metadata.name,
    namespace: namespaceOf(object),
    pods: spec.podSelector ?? {},
    rules: {
      ...(types.includes("Ingress") && { ingress: (spec.ingress ?? []).map((rule) => readRule(rule, rule.from)) }),
      ...(types.includes("Egress") && { egress: (spec.egress ?? []).map((rule) => readRule(rule, rule.to)) }),
    },
  };
}

function directionsOf({ policyTypes = [], egress = [] }: PolicySpec): readonly string[] {
  if (policyTypes.length > 0) return policyTypes;
  // The API server's default: ingress always, egress only where there is a rule for it.
  return egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

function readRule({ ports = [] }: PolicyRule, peers: readonly PolicyPeer[] = []): Rule {
  return {
    peers: peers.map(readPeer),
    ports: ports.length === 0 ? EVERY_PORT : ports.flatMap(numbersOf),
    named: ports.flatMap((entry) =>
      typeof entry.port === "string" ? [{ protocol: protocolOf(entry), name: entry.port }] : [],
    ),
  };
}

function readPeer({ podSelector, namespaceSelector, ipBlock }: PolicyPeer): Peer {
  if (ipBlock !== undefined) return { cidr: ipBlock.cidr, except: ipBlock.except ?? [] };
  return {
    pods: podSelector ?? {},
    ...(namespaceSelector !== undefined && { namespaces: namespaceSelector }),
  };
}

function numbersOf(entry: PolicyPort): PortSet {
  const protocol = protocolOf(entry);
  if (entry.port === undefined) return EVERY_PORT.filter((range) => range.protocol === protocol);
  return typeof entry.port === "string" ? [] : port(protocol, entry.port, entry.endPort);
}

function protocolOf({ protocol = "TCP" }: PolicyPort): Protocol {
  return protocol as Protocol;
}
