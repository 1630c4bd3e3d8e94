/** The network as a picture shows it: nodes, and bundles of connections that arrive at one node on the same ports. */
import type { Flow, GuardedGroup, Network } from "../network/network";
import type { Outside } from "../network/outside";
import { portText } from "../network/ports";

export interface PictureNode {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  /** Who exactly, where the subtitle is too short for it. */
  readonly detail: string;
  /** `source` and `sink` are outside: a peer that is both stands on both sides. */
  readonly role: "source" | "pods" | "sink";
  /** Whether nothing passes that no rule admits, in words; absent outside, where it isn't known. */
  readonly remark?: string;
  /** Whether that holds in both directions. */
  readonly closed: boolean;
  /** Where it stands, from the left. @default after all that talk to it; a graph's nodes say it all, or none does */
  readonly column?: number;
}

/** A frame around whole columns. */
export interface Band {
  readonly title: string;
  /** Below the title, a line each. */
  readonly lines: readonly string[];
  /** First and last column. */
  readonly from: number;
  readonly to: number;
  /** Whether it stands around the others. @default false */
  readonly outer?: boolean;
}

export interface Bundle {
  readonly target: string;
  readonly sources: readonly string[];
  readonly ports: string;
  /** Services before these ports, or what else lets it pass; empty without any. */
  readonly services: string;
}

export interface Graph {
  readonly nodes: readonly PictureNode[];
  readonly bundles: readonly Bundle[];
  /** @default no frames */
  readonly bands?: readonly Band[];
}

/** @param counts how many pods a group has, in words, by its id */
export function graphOf(network: Network, counts: ReadonlyMap<string, string>): Graph {
  const drawn = network.flows.filter(({ unguarded, from, to }) => !unguarded && from !== to);
  const outside = new Map(network.outside.map((end) => [end.id, end]));
  const namespaces = new Set(network.groups.map(({ namespace }) => namespace));
  const bundles = bundlesOf(drawn, outside);
  return {
    nodes: [
      ...endsOf(drawn, "from", outside).map((end) => outsideNode(end, "source")),
      ...network.groups.map((group) => groupNode(group, counts, namespaces.size > 1)),
      ...endsOf(drawn, "to", outside).map((end) => outsideNode(end, "sink")),
    ],
    bundles,
  };
}

/** Connections between pods of one group, which a picture of groups has no line for: `TCP 8072` by id. */
export function amongThemselves({ flows }: Network): Map<string, string> {
  const inner = flows.filter(({ unguarded, from, to }) => !unguarded && from === to);
  return new Map(inner.map(({ from, ports }) => [from, portText(ports)]));
}

function endsOf(flows: readonly Flow[], end: "from" | "to", outside: ReadonlyMap<string, Outside>): Outside[] {
  const ids = new Set(flows.map((flow) => flow[end]));
  return [...ids].map((id) => outside.get(id)).filter((found) => found !== undefined);
}

function outsideNode({ id, name, place, detail }: Outside, role: "source" | "sink"): PictureNode {
  return { id: idIn(role, id), title: name, subtitle: place, detail, role, closed: false };
}

function idIn(role: PictureNode["role"], id: string): string {
  return role === "pods" ? id : `${role} ${id}`;
}

function groupNode(group: GuardedGroup, counts: ReadonlyMap<string, string>, withNamespace: boolean): PictureNode {
  const { id, name, kind, namespace, guarded } = group;
  const parts = [kind, counts.get(id), withNamespace ? namespace : undefined];
  return {
    id,
    title: name,
    subtitle: parts.filter(Boolean).join(" · "),
    detail: id,
    role: "pods",
    remark: guardText(guarded),
    closed: guarded.ingress && guarded.egress,
  };
}

export function guardText({ ingress, egress }: GuardedGroup["guarded"]): string {
  if (ingress && egress) return "denied by default, in and out";
  if (ingress) return "in: denied by default; out: open";
  return egress ? "in: open; out: denied by default" : "open: no policy holds it";
}

function bundlesOf(flows: readonly Flow[], outside: ReadonlyMap<string, Outside>): Bundle[] {
  const bundles = new Map<string, Bundle>();
  for (const flow of flows) {
    const target = idIn(outside.has(flow.to) ? "sink" : "pods", flow.to);
    const source = idIn(outside.has(flow.from) ? "source" : "pods", flow.from);
    const ports = portsOf(flow);
    const key = JSON.stringify([target, ports]);
    const before = bundles.get(key) ?? { target, sources: [], ports, services: servicesOf(flow) };
    bundles.set(key, { ...before, sources: [...before.sources, source] });
  }
  return [...bundles.values()];
}

/** Ports by number, and by name where only the other end knows the number. */
export function portsOf({ ports, named }: Flow): string {
  const names = named.map(({ protocol, name }) => `${protocol} "${name}"`);
  return [portText(ports), ...names].filter((text) => text !== "").join(" · ");
}

export function servicesOf({ services }: Flow): string {
  const byName = new Map<string, number[]>();
  for (const { service, port } of services) byName.set(service, [...(byName.get(service) ?? []), port]);
  return [...byName].map(([name, ports]) => `${name}:${[...new Set(ports)].join(",")}`).join(" ");
}
