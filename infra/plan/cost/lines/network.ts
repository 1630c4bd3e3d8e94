/** What the network costs: ways out, private endpoints, the load balancer, names. */
import type { PlannedResource } from "../../model";
import type { KubernetesObject } from "../../report/kubernetes";
import { CostContext, lineOf } from "../context";
import type { CostLine } from "../model";
import { systemOf } from "../systems";

export function natLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { natGb } = context.assumptions;
  const base = { system: "platform", resources } as const;
  return [
    lineOf({
      ...base,
      id: "nat.gateway",
      name: "NAT gateways",
      quantity: resources.length,
      price: context.price("nat.gateway"),
    }),
    lineOf({
      ...base,
      id: "nat.data",
      name: "Data through NAT gateways",
      quantity: natGb,
      price: context.price("nat.data"),
      assumption: `${natGb} GB a month`,
    }),
  ];
}

export function addressLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const price = context.price("address.public");
  const name = "Public IPv4 addresses of NAT gateways";
  return [lineOf({ id: "address.nat", name, system: "platform", quantity: resources.length, price, resources })];
}

/** An endpoint is billed in each zone; that of S3, a gateway, is free. */
export function endpointLines(all: readonly PlannedResource[], context: CostContext): CostLine[] {
  const resources = all.filter(({ inputs }) => inputs.vpcEndpointType !== "Gateway");
  if (resources.length === 0) return [];
  const { endpointGb } = context.assumptions;
  const base = { system: "platform", resources } as const;
  const price = context.price("endpoint.interface");
  return [
    lineOf({
      ...base,
      id: "endpoint.interface",
      name: "Interface endpoints, by zone",
      quantity: zonesOf(resources),
      price,
    }),
    lineOf({
      ...base,
      id: "endpoint.data",
      name: "Data through interface endpoints",
      quantity: resources.length * endpointGb,
      price: context.price("endpoint.data"),
      assumption: `${endpointGb} GB a month through each`,
    }),
  ];
}

function zonesOf(resources: readonly PlannedResource[], field = "subnetIds"): number {
  return resources.reduce((sum, { inputs }) => sum + ((inputs[field] as unknown[] | undefined)?.length ?? 1), 0);
}

/** With an address in each of its zones. */
export function balancerLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { balancerCapacity } = context.assumptions;
  const base = { system: "platform", resources } as const;
  return [
    lineOf({
      ...base,
      id: "alb.balancer",
      name: "Load balancers",
      quantity: resources.length,
      price: context.price("alb.balancer"),
    }),
    lineOf({
      ...base,
      id: "alb.capacity",
      name: "Load balancers' capacity",
      quantity: resources.length * balancerCapacity,
      price: context.price("alb.capacity"),
      assumption: `${balancerCapacity} capacity unit on average`,
    }),
    lineOf({
      ...base,
      id: "address.balancer",
      name: "Public IPv4 addresses of load balancers",
      quantity: zonesOf(resources, "subnets"),
      price: context.price("address.public"),
    }),
  ];
}

/** A zone is for the system whose Ingress has a host in it. */
export function zoneLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const price = context.price("dns.zone");
  return resources.map((resource) => {
    const domain = String(resource.inputs.name);
    const ingress = context.plan.resources.find(({ inputs }) => hostsOf(inputs).some((host) => isWithin(host, domain)));
    const system = ingress === undefined ? "platform" : systemOf(ingress);
    const id = `dns.zone.${domain}`;
    return lineOf({ id, name: `DNS zone ${domain}`, system, quantity: 1, price, resources: [resource] });
  });
}

function hostsOf(object: PlannedResource["inputs"]): string[] {
  if (object.kind !== "Ingress") return [];
  const { rules = [] } = (object as unknown as KubernetesObject).spec as { rules?: readonly { host?: string }[] };
  return rules.flatMap(({ host }) => host ?? []);
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** What leaves zones and AWS belongs to no resource: to the VPC, at most. */
export function transferLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { internetGb, zonesGb } = context.assumptions;
  const base = { system: "platform", resources } as const;
  return [
    lineOf({
      ...base,
      id: "transfer.internet",
      name: "Data to the internet",
      quantity: internetGb,
      price: context.price("transfer.internet"),
      assumption: `${internetGb} GB a month; the first 100 GB of an account, which are free, count too`,
    }),
    lineOf({
      ...base,
      id: "transfer.zones",
      name: "Data from zone to zone",
      quantity: 2 * zonesGb,
      price: context.price("transfer.zones"),
      assumption: `${zonesGb} GB a month, billed on both sides`,
    }),
  ];
}
