import { randomInt } from "node:crypto";
import { networkInterfaces } from "node:os";

/** How the real node and this machine reach each other. */
export interface NodeNetwork {
  /** This machine's end of the cable, where the control plane listens. */
  readonly host: string;
  /** The node's end. */
  readonly node: string;
  /** Range of the pods' addresses. */
  readonly pods: string;
  /** Range of the Services' addresses. */
  readonly services: string;
  /** That of the cluster's DNS among them. */
  readonly dns: string;
  /** Name of this machine's end; the kernel takes fifteen characters. */
  readonly cable: string;
}

/** Where no network of this machine is: several nodes may run side by side. */
export function freeNetwork(): NodeNetwork {
  const taken = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );
  for (;;) {
    const number = randomInt(256);
    const network = {
      host: `10.213.${number}.1`,
      node: `10.213.${number}.2`,
      pods: `10.214.${number}.0/24`,
      services: `10.215.${number}.0/24`,
      dns: `10.215.${number}.10`,
    };
    if (!taken.includes(network.host)) return { ...network, cable: `loomworks${number}` };
  }
}
