/** Which addresses of a VPC go to what: worked out once, as no subnet can be moved later. */

/** Subnets of one kind, one for each zone, in CIDR notation. */
export interface Addresses {
  /** Nodes and pods: a quarter of the VPC each. With whole prefixes for its pods, a node takes sixteen addresses at a time. */
  readonly private: readonly string[];
  /** Load balancers and NAT gateways: a 64th of the VPC each. */
  readonly public: readonly string[];
  /** Without any way out: databases, file systems and the cluster's own interfaces. A 64th of the VPC each. */
  readonly intra: readonly string[];
}

const ZONES = [0, 1, 2] as const;

/** The quarter that no zone's nodes take; in 64ths, its beginning, and that of the intra subnets within it. */
const REST = 48;
const INTRA = REST + 4;

/** @param cidr of the VPC: /20 or wider, as the settings make sure */
export function carve(cidr: string): Addresses {
  return {
    private: ZONES.map((zone) => part(cidr, 2, zone)),
    public: ZONES.map((zone) => part(cidr, 6, REST + zone)),
    intra: ZONES.map((zone) => part(cidr, 6, INTRA + zone)),
  };
}

/** The part number `index` of `cidr`, where `more` bits tell the parts apart. */
function part(cidr: string, more: number, index: number): string {
  const [address = "", bits = ""] = cidr.split("/");
  const fixed = Number(bits) + more;
  const base = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const first = base + index * 2 ** (32 - fixed);
  const bytes = [3, 2, 1, 0].map((place) => Math.floor(first / 256 ** place) % 256);
  return `${bytes.join(".")}/${fixed}`;
}
