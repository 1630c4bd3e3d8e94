import { Problem } from "../../../../constructs/shared/problems";
import { KubernetesObject, namespaceOf } from "../kubernetes";
import { isCidr, isStrictlyWithin } from "./addresses";
import type { PolicyPeer, PolicyPort, PolicyRule, PolicySpec } from "./policies";
import { PROTOCOLS } from "./ports";

/** What the API server would refuse in a NetworkPolicy: its meaning could only be guessed. */
export function problemsOfPolicy(object: KubernetesObject): Problem[] {
  const spec = (object.spec ?? {}) as PolicySpec;
  const path = `NetworkPolicy ${namespaceOf(object)}/${object.metadata.name}`;
  return [
    ...(spec.ingress ?? []).flatMap((rule, at) =>
      problemsOfRule(rule, rule.from, `${path}.spec.ingress[${at}]`, "from"),
    ),
    ...(spec.egress ?? []).flatMap((rule, at) => problemsOfRule(rule, rule.to, `${path}.spec.egress[${at}]`, "to")),
  ];
}

function problemsOfRule(rule: PolicyRule, peers: readonly PolicyPeer[] = [], path: string, side: string): Problem[] {
  return [
    ...peers.flatMap((peer, at) => problemsOfPeer(peer, `${path}.${side}[${at}]`)),
    ...(rule.ports ?? []).flatMap((entry, at) => problemsOfPort(entry, `${path}.ports[${at}]`)),
  ];
}

function problemsOfPeer(peer: PolicyPeer, path: string): Problem[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const selectors = [podSelector, namespaceSelector].filter((selector) => selector !== undefined);
  if (selectors.length > 0 === (ipBlock !== undefined)) {
    return [
      {
        code: "REPORT_POLICY_PEER",
        path,
        value: peer,
        reason: "a peer is either pods (podSelector, namespaceSelector) or addresses (ipBlock)",
        remedy: "Give one of them; for everyone, leave the whole list out",
      },
    ];
  }
  return ipBlock === undefined ? [] : problemsOfBlock(ipBlock, `${path}.ipBlock`);
}

function problemsOfBlock({ cidr, except = [] }: NonNullable<PolicyPeer["ipBlock"]>, path: string): Problem[] {
  if (!isCidr(cidr)) return [notCidr(cidr, `${path}.cidr`)];
  return except.flatMap((block, at) => {
    if (!isCidr(block)) return [notCidr(block, `${path}.except[${at}]`)];
    if (isStrictlyWithin(block, cidr)) return [];
    return [
      {
        code: "REPORT_POLICY_CIDR",
        path: `${path}.except[${at}]`,
        value: block,
        reason: `it is no part of ${cidr}`,
        remedy: "Except only what the block holds",
      },
    ];
  });
}

function notCidr(value: string, path: string): Problem {
  const remedy = "Write address and length, as in 10.0.0.0/8";
  return { code: "REPORT_POLICY_CIDR", path, value, reason: "it is no block of addresses", remedy };
}

function problemsOfPort(entry: PolicyPort, path: string): Problem[] {
  const wrong = (reason: string, remedy: string): Problem[] => [
    { code: "REPORT_POLICY_PORT", path, value: entry, reason, remedy },
  ];
  const { protocol = "TCP", port, endPort } = entry;
  if (!PROTOCOLS.some((known) => known === protocol)) {
    return wrong("the protocol is unknown", `Use one of ${PROTOCOLS.join(", ")}`);
  }
  if (typeof port === "number" && !isPortNumber(port))
    return wrong("a port is a whole number from 1 to 65535", "Give one");
  if (endPort === undefined) return [];
  if (typeof port !== "number") return wrong("endPort needs a port number to count from", "Give port as a number");
  if (!isPortNumber(endPort) || endPort < port) return wrong("endPort is below port, or no port", "Give the last port");
  return [];
}

function isPortNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65535;
}
