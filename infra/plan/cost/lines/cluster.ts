/** What the cluster costs: its control plane, and the few nodes that aren't Karpenter's. */
import type { PlannedResource } from "../../model";
import { GIB, numberOf } from "../../report/facts/quantities";
import { CostContext, lineOf, Purchase } from "../context";
import type { CostLine } from "../model";

export function controlPlaneLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const base = { system: "platform", quantity: resources.length, resources } as const;
  const extended = resources.filter(({ inputs }) => supportOf(inputs) === "EXTENDED");
  const line = lineOf({ ...base, id: "eks.cluster", name: "EKS control plane", price: context.price("eks.cluster") });
  if (extended.length === 0) return [line];
  const price = context.price("eks.extended");
  const assumption = "Kubernetes' version is out of standard support";
  return [line, lineOf({ ...base, id: "eks.extended", name: "Extended support", price, assumption })];
}

function supportOf(inputs: PlannedResource["inputs"]): unknown {
  return (inputs.upgradePolicy as { supportType?: string } | undefined)?.supportType ?? "EXTENDED";
}

/** What the nodes of a group are, how they are bought, and how many there are. */
export function nodesOf({ inputs }: PlannedResource): { type: string; purchase: Purchase; count: number } {
  const { instanceTypes, capacityType, scalingConfig } = inputs as {
    instanceTypes: readonly string[];
    capacityType: string;
    scalingConfig: { desiredSize: number };
  };
  const [type = ""] = instanceTypes;
  return { type, purchase: capacityType === "SPOT" ? "spot" : "on-demand", count: scalingConfig.desiredSize };
}

export function nodeGroupLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  return resources.flatMap((resource) => {
    const { type, purchase, count: quantity } = nodesOf(resource);
    const name = `System nodes: ${type}, ${purchase}`;
    const price = context.instance(type, purchase, "aws.cluster.systemNodes.instanceType");
    const template = context.plan.resources.filter(
      ({ type: kind }) => kind === "aws:ec2/launchTemplate:LaunchTemplate",
    );
    const disk = template.flatMap(({ inputs }) => diskOf(inputs.blockDeviceMappings))[0] ?? 0;
    const base = { system: "platform" } as const;
    return [
      lineOf({ ...base, id: "nodes.system", name, quantity, price, resources: [resource] }),
      lineOf({
        ...base,
        id: "disks.system",
        name: "System nodes' disks",
        quantity: quantity * disk,
        price: context.price("ebs.gp3"),
        resources: [...template, resource],
      }),
    ];
  });
}

/** GiB of each device, as templates of EC2 and classes of Karpenter write them. */
export function diskOf(mappings: unknown): number[] {
  const devices = (mappings ?? []) as readonly { ebs: { volumeSize: number | string } }[];
  return devices.map(({ ebs: { volumeSize } }) =>
    typeof volumeSize === "number" ? volumeSize : numberOf(volumeSize) / GIB,
  );
}
