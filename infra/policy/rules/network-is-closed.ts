import { Finding, ResourceRule, Subject } from "../rule";
import { Fields, fieldsOf, Found, isUnknown, listOf, valuesAt } from "../values";

/** Shorter prefixes are no office's: as settings have it for the API server (SETTING_ADDRESSES). */
const SHORTEST_PREFIX = 8;

/** What every browser asks for, and the one part of the program that it may ask. */
const FRONT_DOOR = { component: "loomworks:network:FrontDoor$", ports: [80, 443] } as const;

/** By type: where it has rules, and the fields of a rule that name networks. */
const RULES: Readonly<Record<string, { readonly at: string; readonly networks: readonly string[] }>> = {
  "aws:ec2/securityGroup:SecurityGroup": { at: "ingress[]", networks: ["cidrBlocks", "ipv6CidrBlocks"] },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": { at: "ingress[]", networks: ["cidrBlocks", "ipv6CidrBlocks"] },
  "aws:ec2/securityGroupRule:SecurityGroupRule": { at: "", networks: ["cidrBlocks", "ipv6CidrBlocks"] },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": { at: "", networks: ["cidrIpv4", "cidrIpv6"] },
};

export const networkIsClosed: ResourceRule = {
  name: "network-is-closed",
  description:
    "No security group lets the world in, but for the load balancer's at 80 and 443: whatever else listens is found by scanners within minutes.",
  check: (subject) => {
    const form = RULES[subject.type];
    if (form === undefined || subject.props.type === "egress") return [];
    const rules: Found[] = form.at === "" ? [{ path: "", value: subject.props }] : valuesAt(subject.props, form.at);
    return rules.flatMap(({ path, value }) => openings(subject, path, fieldsOf(value), form.networks));
  },
};

function openings(subject: Subject, path: string, rule: Fields, fields: readonly string[]): Finding[] {
  if (isFrontDoor(subject, rule)) return [];
  const open = fields.flatMap((field) =>
    listOf(rule[field])
      .filter(isWorld)
      .map((value) => ({ field, value })),
  );
  return open.map(({ field, value }) => ({
    path: path === "" ? field : `${path}.${field}`,
    value,
    reason: `anybody may try ${portsOf(rule)}`,
    remedy: "Name a security group, or networks of /8 or narrower; the load balancer is the one way in",
  }));
}

/** Whether a network has addresses of everybody: `0.0.0.0/0`, `::/0`, or one of the halves. */
export function isWorld(network: unknown): boolean {
  if (isUnknown(network) || typeof network !== "string") return false;
  const [, prefix] = network.split("/");
  return prefix !== undefined && Number(prefix) < SHORTEST_PREFIX;
}

function isFrontDoor({ urn }: Subject, { fromPort, toPort, ipProtocol, protocol }: Fields): boolean {
  const isMeant = FRONT_DOOR.ports.some((port) => port === fromPort && port === toPort);
  return urn.includes(FRONT_DOOR.component) && isMeant && (ipProtocol ?? protocol) === "tcp";
}

function portsOf({ fromPort, toPort, ipProtocol, protocol }: Fields): string {
  const [from, to] = [Number(fromPort), Number(toPort)];
  if ((ipProtocol ?? protocol) === "-1" || Number.isNaN(from)) return "every port";
  return from === to ? `port ${from}` : `ports ${from} to ${to}`;
}
