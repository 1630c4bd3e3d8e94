/** What would make a stack cheaper or dearer, by how much: worked out from the same prices. */
import { CostContext, hoursOf, Purchase } from "./context";
import { nodesOf } from "./lines/cluster";
import { generalNodes, generalPoolOf, purchaseOf } from "./lines/pools";
import { cents, CostLine, dollars, HOURS_A_MONTH, sumOf } from "./model";

type Lever = (lines: readonly CostLine[], context: CostContext) => string | undefined;

export function leversOf(lines: readonly CostLine[], context: CostContext): string[] {
  return LEVERS.flatMap((lever) => lever(lines, context) ?? []);
}

const LEVERS: readonly Lever[] = [
  nat,
  endpoints,
  standby,
  buffer,
  systemNodes,
  generalPool,
  ceiling,
  sharedFiles,
  support,
];

function nat(lines: readonly CostLine[]): string | undefined {
  const gateways = find(lines, "nat.gateway");
  const addresses = find(lines, "address.nat");
  if (gateways === undefined || gateways.quantity === 0) return undefined;
  const one = cents((gateways.usd + (addresses?.usd ?? 0)) / gateways.quantity);
  return gateways.quantity === 1
    ? `A NAT gateway in each of three zones (aws.network.nat: zonal) would add ${monthly(2 * one)}, and outlive a zone's end.`
    : `One NAT gateway (aws.network.nat: single) instead of ${gateways.quantity} would save ${monthly((gateways.quantity - 1) * one)}; with its zone, all would lose their way out.`;
}

/** What passes the endpoints would pass NAT gateways. */
function endpoints(lines: readonly CostLine[], context: CostContext): string | undefined {
  const data = find(lines, "endpoint.data");
  if (data === undefined) return undefined;
  const saved =
    sumOf(lines.filter(({ id }) => id.startsWith("endpoint."))) - data.quantity * context.price("nat.data").usd;
  return `Without interface endpoints (aws.network.interfaceEndpoints: false) it would be ${monthly(saved)} less, their traffic through NAT counted; nodes and roles would then depend on NAT.`;
}

function standby(lines: readonly CostLine[]): string | undefined {
  const database = find(lines, "rds.instance");
  if (database === undefined) return undefined;
  const own = database.usd + (find(lines, "rds.storage")?.usd ?? 0);
  return database.quantity === 2
    ? `Without a standby of the shared MySQL (aws.data.databaseMultiAz: false) it would be ${monthly(own / 2)} less; a zone's end would then stop clones until it is restored.`
    : `A standby of the shared MySQL (aws.data.databaseMultiAz: true) would add ${monthly(own)}.`;
}

function buffer(lines: readonly CostLine[], context: CostContext): string | undefined {
  const nodes = find(lines, "nodes.buffer");
  const capacity = context.buffer;
  const pool = context.plan.resources.find((resource) => nodes?.resources.includes(resource.urn));
  if (nodes === undefined || pool === undefined || capacity === undefined || capacity.nodes === 0) return undefined;
  const one = sumOf([nodes, ...lines.filter(({ id }) => id === "disks.buffer")]) / capacity.nodes;
  const sentence = `Each warm node costs ${monthly(one)} and holds ${capacity.clonesPerNode} clones (aws.karpenter.buffer.nodes).`;
  return `${sentence} ${purchased(nodes, { type: capacity.instanceType, purchase: purchaseOf(pool) }, "aws.karpenter.buffer.capacity", context)}`;
}

function systemNodes(lines: readonly CostLine[], context: CostContext): string | undefined {
  const nodes = find(lines, "nodes.system");
  const group = context.plan.resources.find((resource) => nodes?.resources.includes(resource.urn));
  if (nodes === undefined || group === undefined) return undefined;
  return purchased(nodes, nodesOf(group), "aws.cluster.systemNodes.capacity", context);
}

/** The same nodes bought the other way. */
function purchased(
  line: CostLine,
  { type, purchase }: { type: string; purchase: Purchase },
  setting: string,
  context: CostContext,
): string {
  const other: Purchase = purchase === "spot" ? "on-demand" : "spot";
  const usd = line.quantity * context.instance(type, other, setting).usd * HOURS_A_MONTH;
  const what = `${line.quantity} × ${type} ${other === "spot" ? "by spot" : "on demand"} (${setting}: ${other})`;
  return usd < line.usd
    ? `${what} would save ${monthly(line.usd - usd)}, and may end at any time.`
    : `${what} would add ${monthly(usd - line.usd)}.`;
}

function generalPool(lines: readonly CostLine[], context: CostContext): string | undefined {
  const own = lines.filter(({ id }) => id.startsWith("nodes.general."));
  const pool = generalPoolOf(context);
  if (pool === undefined || own.length === 0 || purchaseOf(pool) === "on-demand") return undefined;
  const { type, nodes } = generalNodes(pool, context);
  const usd = nodes * context.instance(type, "on-demand", "aws.karpenter.general").usd * HOURS_A_MONTH;
  return `If there is no spot to be had, the general pool's ${nodes} nodes cost ${monthly(usd - sumOf(own))} more.`;
}

/** As many nodes as the pool's limits let Karpenter make. */
function ceiling(_: readonly CostLine[], context: CostContext): string | undefined {
  const pool = generalPoolOf(context);
  if (pool === undefined) return undefined;
  const { limits } = pool.inputs.spec as { limits: { cpu: string; memory: string } };
  const { type, vcpus } = generalNodes(pool, context);
  const most = Math.floor(Number(limits.cpu) / vcpus);
  const cost = (purchase: Purchase) =>
    most * context.instance(type, purchase, "aws.karpenter.general").usd * HOURS_A_MONTH;
  return `At its limit of ${limits.cpu} CPUs the general pool would be ${most} × ${type}: ${monthly(cost("spot"))} by spot, ${monthly(cost("on-demand"))} on demand, were it so all month.`;
}

function sharedFiles(lines: readonly CostLine[], context: CostContext): string | undefined {
  const files = find(lines, "efs.storage");
  if (files === undefined) return undefined;
  const per = 100 * context.price("efs.standard").usd;
  const block = 100 * context.price("ebs.gp3").usd;
  return `Each 100 GB written to shared files costs ${monthly(per)} (the same on a gp3 disk, ${monthly(block)} for its whole size): backups kept for fewer days (loomworks.backup.keepDays) are what it hangs on.`;
}

function support(lines: readonly CostLine[], context: CostContext): string | undefined {
  if (find(lines, "eks.cluster") === undefined || find(lines, "eks.extended") !== undefined) return undefined;
  const price = context.price("eks.extended");
  return `Extended support of an old Kubernetes would add ${monthly(price.usd * hoursOf(price.unit))}; the cluster refuses it, so AWS upgrades a version that is out of standard support.`;
}

function find(lines: readonly CostLine[], id: string): CostLine | undefined {
  return lines.find((line) => line.id === id);
}

function monthly(usd: number): string {
  return `${dollars(cents(usd))} a month`;
}
