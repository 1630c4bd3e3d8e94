/** What talks to what: the connections that a set of manifests allows, read from its NetworkPolicies and Services. */
import { assertNoProblems } from "../../../../constructs/shared/problems";
import type { KubernetesObject } from "../kubernetes";
import { Crossing, crossingsOf } from "./crossing";
import { Group, groupsOf, namespaceLabelsOf, ServicePort, servicePortsTo } from "./groups";
import { OneSided, oneSidedOf } from "./one-sided";
import type { Outside } from "./outside";
import { Direction, isPolicy, NamedPort, readPolicy } from "./policies";
import { problemsOfPolicy } from "./policy-problems";
import { hasPort, PortSet } from "./ports";
import { policiesOf, PolicySet, verdict } from "./rules";

/** Connections that one end may open to another. */
export interface Flow {
  /** Id of a group or of an outside end, as `to` is. */
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
  /** Ports that only the outside end could number. */
  readonly named: readonly NamedPort[];
  /** Services that lead to these ports. */
  readonly services: readonly ServicePort[];
  /** No policy holds either end: nothing refuses this, and nothing asked for it. */
  readonly unguarded: boolean;
}

/** A group, and in which directions policies hold it; where none does, it admits everything. */
export interface GuardedGroup extends Group {
  readonly guarded: Readonly<Record<Direction, boolean>>;
}

export interface Network {
  readonly groups: readonly GuardedGroup[];
  readonly outside: readonly Outside[];
  readonly flows: readonly Flow[];
  readonly oneSided: readonly OneSided[];
}

/** @throws {InvalidInputError} naming every policy that the API server would refuse */
export function policySetOf(objects: readonly KubernetesObject[]): PolicySet {
  const policies = objects.filter(isPolicy);
  assertNoProblems(policies.flatMap(problemsOfPolicy));
  return { policies: policies.map(readPolicy), namespaceLabels: namespaceLabelsOf(objects) };
}

/** @throws {InvalidInputError} naming every policy that the API server would refuse */
export function networkOf(objects: readonly KubernetesObject[]): Network {
  const set = policySetOf(objects);
  const groups = groupsOf(objects);
  const crossings = crossingsOf(set, groups);
  const fronts = new Map(groups.map((group) => [group.id, servicePortsTo(group, objects)]));
  const flows = [...innerFlows(set, groups), ...crossings.map(flowOf)];
  return {
    groups: groups.map((group) => ({ ...group, guarded: guardsOf(set, group) })),
    outside: [...new Map(crossings.map(({ outside }) => [outside.id, outside])).values()],
    flows: flows.map((flow) => ({ ...flow, services: leadingTo(flow, fronts.get(flow.to) ?? []) })),
    oneSided: oneSidedOf(set, groups),
  };
}

function guardsOf(set: PolicySet, group: Group): Record<Direction, boolean> {
  const isHeld = (direction: Direction) => policiesOf(set, direction, group).length > 0;
  return { ingress: isHeld("ingress"), egress: isHeld("egress") };
}

type BareFlow = Omit<Flow, "services">;

function innerFlows(set: PolicySet, groups: readonly Group[]): BareFlow[] {
  return groups.flatMap((from) =>
    groups.flatMap((to) => {
      const { ports, egress, ingress } = verdict(set, from, to);
      const unguarded = !egress.isolated && !ingress.isolated;
      return ports.length === 0 ? [] : [{ from: from.id, to: to.id, ports, named: [], unguarded }];
    }),
  );
}

function flowOf({ direction, group, outside, ports, named, unguarded }: Crossing): BareFlow {
  const [from, to] = direction === "ingress" ? [outside.id, group.id] : [group.id, outside.id];
  return { from, to, ports, named, unguarded };
}

function leadingTo({ ports }: BareFlow, services: readonly ServicePort[]): ServicePort[] {
  return services.filter(({ protocol, target }) => hasPort(ports, protocol, target));
}
