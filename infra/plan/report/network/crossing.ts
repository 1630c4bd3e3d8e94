/** Connections between deployed pods and ends that aren't deployed here. */
import type { Group } from "./groups";
import { ANYONE, Outside, outsideOf } from "./outside";
import type { Direction, NamedPort, Policy } from "./policies";
import { EVERY_PORT, PortSet, union } from "./ports";
import { policiesOf, PolicySet, portsAt } from "./rules";

/** What a group admits from, or may open to, one outside end. */
export interface Crossing {
  readonly direction: Direction;
  readonly group: Group;
  readonly outside: Outside;
  readonly ports: PortSet;
  readonly named: readonly NamedPort[];
  readonly unguarded: boolean;
}

/** The crossings of every group. No policy is known that would hold an outside end, so the group alone decides. */
export function crossingsOf(set: PolicySet, groups: readonly Group[]): Crossing[] {
  return groups.flatMap((group) =>
    (["ingress", "egress"] as const).flatMap((direction) => joinSame(crossings(set, direction, group, groups))),
  );
}

function crossings(set: PolicySet, direction: Direction, group: Group, groups: readonly Group[]): Crossing[] {
  const policies = policiesOf(set, direction, group);
  if (policies.length === 0) {
    return [{ direction, group, outside: ANYONE, ports: EVERY_PORT, named: [], unguarded: true }];
  }
  return policies.flatMap((policy) => admittedBy(set, policy, direction, group, groups));
}

function admittedBy(
  set: PolicySet,
  policy: Policy,
  direction: Direction,
  group: Group,
  groups: readonly Group[],
): Crossing[] {
  return (policy.rules[direction] ?? []).flatMap((rule) => {
    const ends = rule.peers.map((peer) => outsideOf(set, policy.namespace, peer, groups));
    const outside = rule.peers.length === 0 ? [ANYONE] : ends.filter((end) => end !== undefined);
    // A named port is looked up where the connection ends: here for ingress, out of sight for egress.
    const where = direction === "ingress" ? { ports: portsAt(rule, group), named: [] } : rule;
    return outside.map((end) => ({
      direction,
      group,
      outside: end,
      ports: where.ports,
      named: end.kind === "addresses" ? [] : where.named,
      unguarded: false,
    }));
  });
}

/** Several rules may admit one end: to the reader they are one. */
function joinSame(found: readonly Crossing[]): Crossing[] {
  const joined = new Map<string, Crossing>();
  for (const one of found) {
    const before = joined.get(one.outside.id) ?? { ...one, ports: [], named: [] };
    const named = [...before.named, ...one.named.filter((port) => !before.named.some((seen) => isSame(seen, port)))];
    joined.set(one.outside.id, { ...before, ports: union(before.ports, one.ports), named });
  }
  return [...joined.values()].filter(({ ports, named }) => ports.length + named.length > 0);
}

function isSame(one: NamedPort, other: NamedPort): boolean {
  return one.name === other.name && one.protocol === other.protocol;
}
