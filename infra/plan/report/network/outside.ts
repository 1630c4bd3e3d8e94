/** Ends of connections that the policies name but the manifests don't hold: add-ons, addresses, anyone. */
import type { LabelSelector } from "../kubernetes";
import type { AddressBlock } from "./addresses";
import { Group, knownNamespaces } from "./groups";
import type { Peer, PodPeer } from "./policies";
import { isPodPeer, PolicySet, selectsPod } from "./rules";
import { selectorText } from "./selectors";

export interface Outside {
  readonly id: string;
  readonly name: string;
  /** Where they are, in short. */
  readonly place: string;
  /** Which pods or addresses these are, in full. */
  readonly detail: string;
  readonly kind: "pods" | "addresses" | "anyone";
}

export const ANYONE: Outside = {
  id: "anyone",
  name: "anyone",
  place: "anywhere",
  detail: "every pod and every address",
  kind: "anyone",
};

const NAMESPACE_NAME = "kubernetes.io/metadata.name";
/** Labels that name what a pod runs, the best known first. */
const NAME_LABELS = ["app.kubernetes.io/name", "k8s-app", "app.kubernetes.io/component", "app"];

/**
 * The outside end that a policy of `namespace` means by `peer`; nothing where it means deployed pods alone.
 *
 * A peer may mean both: "every pod of every namespace" is deployed pods, and more.
 */
export function outsideOf(
  set: PolicySet,
  namespace: string,
  peer: Peer,
  groups: readonly Group[],
): Outside | undefined {
  if (!isPodPeer(peer)) return addresses(peer);
  const named = namesOf(peer.namespaces, namespace);
  const known = knownNamespaces(groups);
  const staysKnown = named?.every((name) => known.has(name)) ?? false;
  const deployed = groups.some((group) => selectsPod(set, namespace, peer, group));
  return deployed && staysKnown ? undefined : pods(peer, named);
}

function addresses({ cidr, except }: AddressBlock): Outside {
  const all = cidr === "0.0.0.0/0" || cidr === "::/0";
  const detail = except.length === 0 ? cidr : `${cidr} except ${except.join(", ")}`;
  const place = except.length > 1 ? `${cidr} except ${except.length} blocks` : detail;
  return { id: `addresses ${detail}`, name: all ? "internet" : cidr, place, detail, kind: "addresses" };
}

function pods(peer: PodPeer, named: readonly string[] | undefined): Outside {
  const labels = selectorText(peer.pods);
  const place = named === undefined ? namespacesText(peer.namespaces ?? {}) : `namespace ${named.join(", ")}`;
  const detail = `${labels === "" ? "every pod" : `pods with ${labels}`} in ${place}`;
  return { id: `pods ${detail}`, name: nameOf(peer) ?? (labels || "every pod"), place, detail, kind: "pods" };
}

function namespacesText(selector: LabelSelector): string {
  const text = selectorText(selector);
  return text === "" ? "any namespace" : `namespaces with ${text}`;
}

function nameOf({ pods: { matchLabels = {} } }: PodPeer): string | undefined {
  return NAME_LABELS.map((label) => matchLabels[label]).find((value) => value !== undefined);
}

/** The namespaces that a selector names one by one; nothing if it means them by another label. */
function namesOf(selector: LabelSelector | undefined, own: string): readonly string[] | undefined {
  if (selector === undefined) return [own];
  const equal = selector.matchLabels?.[NAMESPACE_NAME];
  if (equal !== undefined) return [equal];
  return selector.matchExpressions?.find(({ key, operator }) => key === NAMESPACE_NAME && operator === "In")?.values;
}
