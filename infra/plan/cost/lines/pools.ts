/** What Karpenter's nodes cost: the warm ones always, those of the general pool by what their pods ask for. */
import { BUFFER_INSTANCES, BufferInstance } from "../../../../constructs/settings";
import { BufferCapacity, roomOf } from "../../../karpenter/buffer-capacity";
import { POOLS } from "../../../karpenter/karpenter";
import type { PlannedResource } from "../../model";
import { CAPACITY_TYPE, isNodePool, poolName, requirementOf } from "../../node-pools";
import { CostContext, lineOf, Purchase } from "../context";
import { Demand, demandsOf } from "../demand";
import { CostLine, System, SYSTEMS } from "../model";
import { diskOf } from "./cluster";

/** Setting that names the general pool's types. */
const GENERAL = "aws.karpenter.general.instanceTypes";

export function nodePoolLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { buffer } = context;
  return resources.flatMap((resource) => {
    const name = poolName(resource);
    if (name === POOLS.general) return generalLines(resource, context);
    // A fixed number of warm nodes has a pool of its own, named after the other.
    if (name.endsWith(POOLS.buffer) && buffer !== undefined) return bufferLines(resource, buffer, context);
    return context.unpriced(resource, "a pool that nobody said the nodes of");
  });
}

function bufferLines(
  resource: PlannedResource,
  { nodes, instanceType, clones }: BufferCapacity,
  context: CostContext,
): CostLine[] {
  const purchase = purchaseOf(resource);
  const price = context.instance(instanceType, purchase, "aws.karpenter.buffer.instanceType");
  const name = `Warm nodes for ${clones} clones: ${instanceType}, ${purchase}`;
  const disk = diskLine("buffer", "clones", nodes, resource, context);
  return [lineOf({ id: "nodes.buffer", name, system: "clones", quantity: nodes, price, resources: [resource] }), disk];
}

function generalLines(resource: PlannedResource, context: CostContext): CostLine[] {
  const purchase = purchaseOf(resource);
  const { type, nodes, shares, demands } = generalNodes(resource, context);
  const price = context.instance(type, purchase, GENERAL);
  return SYSTEMS.flatMap((system) => {
    const quantity = nodes * shares[system];
    if (quantity === 0) return [];
    const { cpu, memory } = totalOf(demands.filter((demand) => demand.system === system));
    const asked = `its pods ask for ${rounded(cpu)} cores and ${rounded(memory)} GiB at all times`;
    const clones =
      system === "clones" ? `, with ${context.assumptions.clonesBeyondBuffer} clones beyond the warm nodes` : "";
    return [
      lineOf({
        id: `nodes.general.${system}`,
        name: `General pool, share of ${system}: ${type}, ${purchase}`,
        system,
        quantity,
        price,
        assumption: `${nodes} nodes of ${type}; ${asked}${clones}`,
        resources: [resource],
      }),
      diskLine("general", system, quantity, resource, context),
    ];
  });
}

/** The pool whose nodes come and go with the pods. */
export function generalPoolOf({ plan }: CostContext): PlannedResource | undefined {
  return plan.resources.find((resource) => isNodePool(resource) && poolName(resource) === POOLS.general);
}

/** How many nodes hold all pods that are always there, and what share of them each system asks for. */
export function generalNodes(resource: PlannedResource, context: CostContext) {
  const type = generalType(resource, context);
  const { allocatable, daemonSets } = roomOf(type);
  const cpu = (allocatable.cpu - daemonSets.cpu) / 1000;
  const memory = (allocatable.memory - daemonSets.memory) / 1024;
  const demands = demandsOf(context);
  const all = totalOf(demands);
  const binding = all.cpu / cpu >= all.memory / memory ? "cpu" : "memory";
  const nodes = Math.ceil(Math.max(all.cpu / cpu, all.memory / memory));
  const shareOf = (system: System) =>
    all[binding] === 0 ? 0 : totalOf(demands.filter((demand) => demand.system === system))[binding] / all[binding];
  const shares = { platform: shareOf("platform"), clones: shareOf("clones"), loomworks: shareOf("loomworks") };
  return { type, nodes, shares, demands, vcpus: BUFFER_INSTANCES[type].cpus };
}

/** The first type of the settings that has a price and a known size; that of the assumptions where they name none. */
function generalType(resource: PlannedResource, context: CostContext): BufferInstance {
  const named = requirementOf(resource, "node.kubernetes.io/instance-type");
  const known = named.find((type): type is BufferInstance => type in BUFFER_INSTANCES);
  if (known === undefined && named.length > 0)
    context.missing(`EC2 ${named.join(", ")}`, GENERAL, Object.keys(BUFFER_INSTANCES));
  return known ?? context.assumptions.generalInstance;
}

function diskLine(
  pool: string,
  system: System,
  nodes: number,
  resource: PlannedResource,
  context: CostContext,
): CostLine {
  const ofPool = ({ type, parent }: PlannedResource) => type.endsWith(":EC2NodeClass") && parent === resource.parent;
  const classes = context.plan.resources.filter(ofPool);
  const disk =
    classes.flatMap(({ inputs }) =>
      diskOf((inputs.spec as { blockDeviceMappings?: unknown }).blockDeviceMappings),
    )[0] ?? 0;
  return lineOf({
    id: pool === "buffer" ? "disks.buffer" : `disks.general.${system}`,
    name: pool === "buffer" ? "Warm nodes' disks" : `General pool's disks, share of ${system}`,
    system,
    quantity: nodes * disk,
    price: context.price("ebs.gp3"),
    resources: classes,
  });
}

/** Karpenter takes spot where it may and there is any. */
export function purchaseOf(resource: PlannedResource): Purchase {
  return requirementOf(resource, CAPACITY_TYPE).includes("spot") ? "spot" : "on-demand";
}

function totalOf(demands: readonly Pick<Demand, "cpu" | "memory">[]): { cpu: number; memory: number } {
  return demands.reduce((sum, { cpu, memory }) => ({ cpu: sum.cpu + cpu, memory: sum.memory + memory }), {
    cpu: 0,
    memory: 0,
  });
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
