import { Check, listensOn, Manifest, nameOf, ofKind, PodTemplate, podTemplatesOf, selects } from "./manifest";
import type { Given } from "./references";

/** Label that the API server gives each namespace by itself. */
const NAMESPACE_NAME = "kubernetes.io/metadata.name";

/** Each policy holds pods that there are, and each peer is one: of dist, or of the contract. A policy for nobody admits nobody. */
export function checkPolicyPeers(given: Given): Check {
  return (docs) =>
    ofKind(docs, "NetworkPolicy").flatMap((policy) => [
      ...(holdsSomebody(docs, given, policy) ? [] : [`${nameOf(policy)}: holds no pod`]),
      ...peersOf(policy)
        .filter((peer) => !isSomebody(docs, given, policy, peer))
        .map((peer) => `${nameOf(policy)}: nobody is ${JSON.stringify(peer)}, neither in dist nor in the contract`),
    ]);
}

/** Each port that a policy opens is one that somebody listens on there. */
export const checkPolicyPorts: Check = (docs) =>
  ofKind(docs, "NetworkPolicy").flatMap((policy) => [
    ...(policy.spec.ingress ?? []).flatMap((rule: any) => portComplaints(policy, rule, held(docs, policy))),
    ...(policy.spec.egress ?? []).flatMap((rule: any) =>
      // Where a rule leads out of dist, whether somebody listens there can't be known.
      (rule.to ?? []).flatMap((peer: any) => portComplaints(policy, rule, inDist(docs, policy, peer))),
    ),
  ]);

function portComplaints(policy: Manifest, { ports = [] }: any, pods: readonly PodTemplate[]): string[] {
  if (pods.length === 0) return [];
  return ports
    .filter(({ port }: any) => port !== undefined && !pods.some((pod) => listensOn(pod, port)))
    .map(({ port }: any) => `${nameOf(policy)}: opens port ${port}, on which no pod listens there`);
}

function holdsSomebody(docs: readonly Manifest[], given: Given, policy: Manifest): boolean {
  const { metadata, spec } = policy;
  const runtime = given.peers.some(
    (pod) => pod.namespace === metadata.namespace && selects(spec.podSelector, pod.labels),
  );
  return runtime || isEmpty(spec.podSelector) || held(docs, policy).length > 0;
}

function held(docs: readonly Manifest[], { metadata, spec }: Manifest): PodTemplate[] {
  return podTemplatesOf(docs).filter(
    (pod) => pod.namespace === metadata.namespace && selects(spec.podSelector, pod.metadata.labels),
  );
}

function peersOf({ spec }: Manifest): any[] {
  return [
    ...(spec.ingress ?? []).flatMap((rule: any) => rule.from ?? []),
    ...(spec.egress ?? []).flatMap((rule: any) => rule.to ?? []),
  ];
}

function isEmpty(selector: any): boolean {
  return Object.keys(selector ?? {}).length === 0;
}

function isSomebody(docs: readonly Manifest[], given: Given, policy: Manifest, peer: any): boolean {
  if (peer.ipBlock !== undefined || inDist(docs, policy, peer).length > 0) return true;
  // A peer without a namespace lives in the policy's own.
  const lives = (namespace: string) =>
    peer.namespaceSelector === undefined
      ? namespace === policy.metadata.namespace
      : selects(peer.namespaceSelector, { [NAMESPACE_NAME]: namespace });
  return given.peers.some(({ namespace, labels }) => lives(namespace) && selects(peer.podSelector, labels));
}

function inDist(docs: readonly Manifest[], policy: Manifest, peer: any): PodTemplate[] {
  const { namespaceSelector, podSelector, ipBlock } = peer;
  if (ipBlock !== undefined) return [];
  const labelsOf = (name: string) => ({
    [NAMESPACE_NAME]: name,
    ...ofKind(docs, "Namespace").find(({ metadata }) => metadata.name === name)?.metadata.labels,
  });
  return podTemplatesOf(docs).filter(
    ({ namespace, metadata }) =>
      (namespaceSelector === undefined
        ? namespace === policy.metadata.namespace
        : selects(namespaceSelector, labelsOf(namespace))) && selects(podSelector, metadata.labels),
  );
}
