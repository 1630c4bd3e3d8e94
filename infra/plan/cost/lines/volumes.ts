/** What volumes of single pods cost: EBS bills their size, whatever is on them. */
import type { PlannedResource } from "../../model";
import { GIB, numberOf } from "../../report/facts/quantities";
import type { ClaimSpec, WorkloadSpec } from "../../report/kubernetes";
import { CostContext, lineOf } from "../context";
import type { CostLine } from "../model";
import { systemOf } from "../systems";

/** A claim of dist, but for shared ones. */
export function claimLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const own = resources.filter(({ inputs }) => !isShared(inputs.spec as ClaimSpec));
  return own.map((resource) => volumeLine(resource, resource.name, gibOf(resource.inputs.spec as ClaimSpec), context));
}

/** Claims that a StatefulSet makes for each of its pods. */
export function claimTemplateLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  return resources.flatMap((resource) => {
    const { replicas = 1, volumeClaimTemplates = [] } = resource.inputs.spec as WorkloadSpec;
    const own = volumeClaimTemplates.filter(({ spec }) => !isShared(spec));
    return own.map(({ metadata, spec }) =>
      volumeLine(resource, `${resource.name} ${metadata.name}`, replicas * gibOf(spec), context),
    );
  });
}

/** Volumes in the values of a chart: `persistence.size`, or a claim's template with the replicas beside it. */
export function releaseVolumeLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  return resources.flatMap((resource) =>
    volumesIn(Object(resource.inputs.values) as Values).map(({ part, gib }) => {
      const { name: release = resource.name } = resource.inputs as { name?: string };
      const name = [release, ...part].join(" ");
      return volumeLine(resource, name, gib, context);
    }),
  );
}

interface Volume {
  readonly part: readonly string[];
  readonly gib: number;
}

type Values = Readonly<Record<string, unknown>>;

function volumesIn(level: Values, part: readonly string[] = [], count = 1): Volume[] {
  const { replicas = count } = level as { replicas?: number };
  return Object.entries(level).flatMap(([key, value]): Volume[] => {
    if (typeof value !== "object" || value === null) return [];
    const { enabled, size, spec } = value as { enabled?: boolean; size?: string; spec?: ClaimSpec };
    if (key === "persistence")
      return enabled === true && size !== undefined ? [{ part, gib: replicas * (numberOf(size) / GIB) }] : [];
    if (key === "volumeClaimTemplate" && spec !== undefined) return [{ part, gib: replicas * gibOf(spec) }];
    return volumesIn(value as Values, /Spec$|^storage$/.test(key) ? part : [...part, key], replicas);
  });
}

function volumeLine(resource: PlannedResource, name: string, gib: number, context: CostContext): CostLine {
  const id = `ebs.${name.replaceAll(/[ /]/g, ".")}`;
  const price = context.price("ebs.gp3");
  return lineOf({
    id,
    name: `Volume of ${name}`,
    system: systemOf(resource),
    quantity: gib,
    price,
    resources: [resource],
  });
}

/** Whether several pods mount it: it lies on EFS then, which is billed as a whole. */
export function isShared({ accessModes = [] }: ClaimSpec): boolean {
  return accessModes.includes("ReadWriteMany");
}

export function gibOf({ resources }: ClaimSpec): number {
  return numberOf(resources?.requests?.storage ?? 0) / GIB;
}
