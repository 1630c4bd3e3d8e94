import type { Group } from "./groups";
import type { Direction, Policy, Rule } from "./policies";
import type { PortSet } from "./ports";
import { isPodPeer, PolicySet, verdict } from "./rules";

/** A rule without effect: one end means the other, which doesn't admit it, or not on these ports. */
export interface OneSided {
  readonly from: string;
  readonly to: string;
  /** What the end that opens the connection admits; empty if it is the one that refuses. */
  readonly egress: PortSet;
  readonly ingress: PortSet;
}

export function oneSidedOf(set: PolicySet, groups: readonly Group[]): OneSided[] {
  const meant = { ...set, policies: set.policies.map(withPointedRules) };
  return groups.flatMap((from) =>
    groups.flatMap((to) => {
      const { ports, egress, ingress } = verdict(set, from, to);
      const pointed = verdict(meant, from, to);
      const isMeant = [pointed.egress, pointed.ingress].some((side) => side.isolated && side.ports.length > 0);
      if (ports.length > 0 || !isMeant || from.id === to.id) return [];
      return [{ from: from.id, to: to.id, egress: egress.ports, ingress: ingress.ports }];
    }),
  );
}

/** "Everyone" and "all pods" name nobody: that a pod they cover refuses them is how policies are meant to work. */
function withPointedRules(policy: Policy): Policy {
  const rules = (Object.entries(policy.rules) as [Direction, readonly Rule[]][]).map(([direction, all]) => [
    direction,
    all.map(withPointedPeers).filter(({ peers }) => peers.length > 0),
  ]);
  return { ...policy, rules: Object.fromEntries(rules) as Policy["rules"] };
}

function withPointedPeers(rule: Rule): Rule {
  const isPointed = (peer: Rule["peers"][number]) =>
    isPodPeer(peer) && Object.keys({ ...peer.pods.matchLabels }).length + (peer.pods.matchExpressions ?? []).length > 0;
  return { ...rule, peers: rule.peers.filter(isPointed) };
}
