/** Which addresses others may make the service talk to. */
import ipaddr from "ipaddr.js";

/** IANA's special-purpose registries, as ipaddr.js names them, that a local stack may let in. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set([
  "private",
  "loopback",
  "uniqueLocal",
  "carrierGradeNat",
  // Benchmarks and documentation: what sandboxes number their networks with.
  "reserved",
  "benchmarking",
]);

/** All that is routed in IPv6's internet (RFC 4291); outside of it lie ::/96, 64:ff9b:1::/48 and other wrappings of IPv4. */
const GLOBAL_IPV6 = ipaddr.parseCIDR("2000::/3") as [ipaddr.IPv6, number];

/** NAT64's own prefix (RFC 6052): the last 32 bits are where the packet goes. */
const NAT64 = ipaddr.parseCIDR("64:ff9b::/96") as [ipaddr.IPv6, number];

/** Where clouds tell their machines secrets; some stand among public or private addresses. Never let in. */
const METADATA = [
  "169.254.0.0/16", // AWS, GCP, Azure, ECS, EKS Pod Identity, and all link-local
  "100.100.100.200/32", // Alibaba
  "168.63.129.16/32", // Azure's host
  "192.0.0.192/32", // Oracle
  "fd00:ec2::/32", // AWS over IPv6: metadata, DNS, time, Pod Identity
  "fd20:ce::254/128", // GCP over IPv6
].map((range) => ipaddr.parseCIDR(range));

/** What an address is to whoever may not be trusted. */
export type Reach = "public" | "private" | "never";

/**
 * `private` is what only a local stack lets in; `never` is let in by nobody: metadata, link-local, multicast,
 * unspecified, and what can't be read as an address.
 */
export function reachOf(text: string): Reach {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return "never";
  const address = unwrapped(ipaddr.parse(text));
  // A zone names an interface of this machine.
  if (address === undefined || (address instanceof ipaddr.IPv6 && address.zoneId !== undefined)) return "never";
  if (METADATA.some((range) => address.kind() === range[0].kind() && address.match(range))) return "never";
  const range: string = address.range();
  if (range === "unicast") return isRouted(address) ? "public" : "never";
  return PRIVATE_RANGES.has(range) ? "private" : "never";
}

/** IPv4 inside of IPv6 is judged by where it leads; 6to4 and Teredo lead through strangers, and stay what they are. */
function unwrapped(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (address instanceof ipaddr.IPv4) return address;
  if (address.zoneId !== undefined) return undefined;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(-4)) : address;
}

function isRouted(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_IPV6);
}
