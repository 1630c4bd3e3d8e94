/** What Karpenter's nodes cost: the warm ones always, those of the general pool by what their pods ask for. */
import { BUFFER_INSTANCES, InstanceType } from "../../../../constructs/settings";
import { allocatableOf, BufferCapacity, DAEMON_SETS, NODE_MAX_PODS } from "../../../karpenter/buffer-capacity";
import { POOLS } from "../../../karpenter/karpenter";
import type { PlannedResource } from "../../model";
import { CostContext, lineOf, Purchase } from "../context";
import { Demand, demandsOf } from "../demand";
import { CostLine, System, SYSTEMS } from "../model";
import { diskOf } from "./cluster";

/** Setting that names the general pool's types. */
const GENERAL = "aws.karpenter.general.instanceTypes";

export function nodePoolLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const buffer = context.plan.outputs.buffer as BufferCapacity | undefined;
  return resources.flatMap((resource) => {
    const name = nameOf(resource);
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
  const { type, nodes, shares } = generalNodes(resource, context);
  const price = context.instance(type, purchase, GENERAL);
  const pods = demandsOf(context);
  return SYSTEMS.flatMap((system) => {
    const quantity = nodes * shares[system];
    if (quantity === 0) return [];
    const { cpu, memory } = totalOf(pods.filter((demand) => demand.system === system));
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

/** How many nodes hold all pods that are always there, and what share of them each system asks for. */
export function generalNodes(resource: PlannedResource, context: CostContext) {
  const type = generalType(resource, context);
  const size: InstanceType = BUFFER_INSTANCES[type as keyof typeof BUFFER_INSTANCES];
  const room = allocatableOf(size, Math.min(size.mostPods ?? NODE_MAX_PODS, NODE_MAX_PODS));
  const own = Object.values(DAEMON_SETS);
  const cpu = (room.cpu - own.reduce((sum, each) => sum + each.cpu, 0)) / 1000;
  const memory = (room.memory - own.reduce((sum, each) => sum + each.memory, 0)) / 1024;
  const demands = demandsOf(context);
  const all = totalOf(demands);
  const binding = all.cpu / cpu >= all.memory / memory ? "cpu" : "memory";
  const nodes = Math.ceil(Math.max(all.cpu / cpu, all.memory / memory));
  const shareOf = (system: System) =>
    all[binding] === 0 ? 0 : totalOf(demands.filter((demand) => demand.system === system))[binding] / all[binding];
  const shares = { platform: shareOf("platform"), clones: shareOf("clones"), loomworks: shareOf("loomworks") };
  return { type, nodes, binding, shares, demands, vcpus: size.cpus, memoryGib: size.memoryMiB / 1024 } as const;
}

/** The first type of the settings that has a price and a known size; that of the assumptions where they name none. */
function generalType(resource: PlannedResource, context: CostContext): string {
  const named = requirement(resource, "node.kubernetes.io/instance-type");
  const known = named.find((type) => type in BUFFER_INSTANCES);
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
  const ofPool = ({ type, path }: PlannedResource) =>
    type.endsWith(":EC2NodeClass") && path.startsWith(parentOf(resource));
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

function parentOf({ path }: PlannedResource): string {
  return path.split(" > ").slice(0, -1).join(" > ");
}

function nameOf({ inputs }: PlannedResource): string {
  return (inputs.metadata as { name: string }).name;
}

/** Karpenter takes spot where it may and there is any. */
export function purchaseOf(resource: PlannedResource): Purchase {
  return requirement(resource, "karpenter.sh/capacity-type").includes("spot") ? "spot" : "on-demand";
}

function requirement({ inputs }: PlannedResource, key: string): readonly string[] {
  const { template } = inputs.spec as {
    template: { spec: { requirements: readonly { key: string; values?: readonly string[] }[] } };
  };
  return template.spec.requirements.find((each) => each.key === key)?.values ?? [];
}

export function totalOf(demands: readonly Pick<Demand, "cpu" | "memory">[]): { cpu: number; memory: number } {
  return demands.reduce((sum, { cpu, memory }) => ({ cpu: sum.cpu + cpu, memory: sum.memory + memory }), {
    cpu: 0,
    memory: 0,
  });
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
