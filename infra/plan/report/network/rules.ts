/** Who may connect to whom: the meaning of NetworkPolicies, for any two parties, deployed or imagined. */
import type { Labels } from "../kubernetes";
import { AddressBlock, holdsAddress } from "./addresses";
import type { Direction, NamedPort, Peer, PodPeer, Policy, Rule } from "./policies";
import { EVERY_PORT, intersection, port, PortSet, Protocol, union } from "./ports";
import { selects } from "./selectors";

export interface ContainerPort {
  readonly protocol: Protocol;
  readonly number: number;
  readonly name?: string;
}

export interface Pod {
  readonly namespace: string;
  readonly labels: Labels;
  /** Where it listens; a policy's named ports are looked up here. */
  readonly ports: readonly ContainerPort[];
  /** On its node's network: policies neither hold it nor know it as a pod. */
  readonly hostNetwork?: boolean;
}

/** A pod, or an address outside the cluster. */
export type Party = Pod | { readonly address: string };

/** Which policies are in force, and the labels of namespaces. */
export interface PolicySet {
  readonly policies: readonly Policy[];
  /** By name. Every namespace has `kubernetes.io/metadata.name` besides. */
  readonly namespaceLabels: Readonly<Record<string, Labels>>;
}

/** What one end of a connection has to say. */
export interface Side {
  /** Whether any policy holds this end in this direction; if none does, it refuses nothing. */
  readonly isolated: boolean;
  readonly ports: PortSet;
  /** Names of the policies that admit something, as `namespace/name`. */
  readonly admittedBy: readonly string[];
}

export interface Verdict {
  /** Ports on which `to` can be reached: those that both ends admit. */
  readonly ports: PortSet;
  readonly egress: Side;
  readonly ingress: Side;
}

/** What `from` may open to `to`. A pod's connections to itself are no policy's business, and aren't asked here. */
export function verdict(set: PolicySet, from: Party, to: Party): Verdict {
  const egress = sideOf(set, "egress", from, to);
  const ingress = sideOf(set, "ingress", to, from);
  return { ports: intersection(egress.ports, ingress.ports), egress, ingress };
}

/** The policies that hold `pod` in `direction`. */
export function policiesOf(set: PolicySet, direction: Direction, pod: Pod): Policy[] {
  if (pod.hostNetwork === true) return [];
  return set.policies.filter(
    ({ namespace, pods, rules }) =>
      rules[direction] !== undefined && namespace === pod.namespace && selects(pods, pod.labels),
  );
}

export function isPod(party: Party): party is Pod {
  return "labels" in party;
}

function sideOf(set: PolicySet, direction: Direction, subject: Party, other: Party): Side {
  const policies = isPod(subject) ? policiesOf(set, direction, subject) : [];
  if (policies.length === 0) return { isolated: false, ports: EVERY_PORT, admittedBy: [] };
  const listener = direction === "ingress" ? subject : other;
  const admitted = policies.map((policy) => {
    const rules = (policy.rules[direction] ?? []).filter((rule) => concerns(set, policy, rule, other));
    return { policy, ports: union(...rules.map((rule) => portsAt(rule, listener))) };
  });
  return {
    isolated: true,
    // Policies add up: what one admits, no other takes away.
    ports: union(...admitted.map(({ ports }) => ports)),
    admittedBy: admitted
      .filter(({ ports }) => ports.length > 0)
      .map(({ policy: { namespace, name } }) => `${namespace}/${name}`),
  };
}

function concerns(set: PolicySet, policy: Policy, { peers }: Rule, party: Party): boolean {
  return peers.length === 0 || peers.some((peer) => isPeer(set, policy, peer, party));
}

function isPeer(set: PolicySet, policy: Policy, peer: Peer, party: Party): boolean {
  // Whether a block of addresses holds a pod's own is up to the network plugin: here it is for addresses alone.
  if (!isPod(party)) return !isPodPeer(peer) && holdsAddress(peer, party.address);
  return isPodPeer(peer) && party.hostNetwork !== true && selectsPod(set, policy.namespace, peer, party);
}

/** Whether a policy of `namespace` means `pod` by `peer`. */
export function selectsPod(set: PolicySet, namespace: string, { pods, namespaces }: PodPeer, pod: Pod): boolean {
  const inNamespace =
    namespaces === undefined ? pod.namespace === namespace : selects(namespaces, labelsOfNamespace(set, pod.namespace));
  return inNamespace && selects(pods, pod.labels);
}

export function labelsOfNamespace({ namespaceLabels }: PolicySet, name: string): Labels {
  return { ...namespaceLabels[name], "kubernetes.io/metadata.name": name };
}

export function isPodPeer(peer: Peer): peer is Exclude<Peer, AddressBlock> {
  return "pods" in peer;
}

/** A rule's ports, its names looked up where the connection ends. */
export function portsAt({ ports, named }: Rule, listener: Party): PortSet {
  return union(ports, ...named.map((name) => (isPod(listener) ? numbersOf(name, listener) : [])));
}

function numbersOf({ protocol, name }: NamedPort, { ports }: Pod): PortSet {
  return ports
    .filter((candidate) => candidate.name === name && candidate.protocol === protocol)
    .flatMap(({ number }) => port(protocol, number));
}
