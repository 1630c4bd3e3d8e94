import { BlockList, isIP } from "node:net";

/** Addresses of an `ipBlock`: those of `cidr` that no block of `except` holds. */
export interface AddressBlock {
  readonly cidr: string;
  readonly except: readonly string[];
}

export function holdsAddress({ cidr, except }: AddressBlock, address: string): boolean {
  return isWithin(address, cidr) && !except.some((block) => isWithin(address, block));
}

export function isCidr(text: string): boolean {
  const [address = "", prefix = "", ...more] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

/** Whether `inner` is a part of `outer`, and not all of it, as Kubernetes asks of `except`. */
export function isStrictlyWithin(inner: string, outer: string): boolean {
  const [address = "", prefix] = inner.split("/");
  return isWithin(address, outer) && Number(prefix) > Number(outer.split("/")[1]);
}

function isWithin(address: string, cidr: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  const family = isIP(address);
  if (family === 0 || family !== isIP(network)) return false;
  const name = family === 6 ? "ipv6" : "ipv4";
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), name);
  return block.check(address, name);
}
