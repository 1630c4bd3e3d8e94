/** Doors that a controller makes from objects: load balancers that are in no plan of AWS. */
import type { PlannedResource } from "../../model";
import { CostContext, lineOf } from "../context";
import { groupBy } from "../../group-by";
import type { CostLine } from "../model";
import { systemOf } from "../systems";

const GROUP = "alb.ingress.kubernetes.io/group.name";

interface Door {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly type?: string; readonly ingressClassName?: string };
}

/** A load balancer for each group of Ingresses of class `alb`; what another class serves goes through the front door. */
export function doorLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const doors = resources.map((resource) => ({ resource, ...(resource.inputs as unknown as Door) }));
  const services = doors.filter(({ spec }) => spec.type === "LoadBalancer");
  for (const { resource } of services)
    context.unpriced(resource, "a Service of type LoadBalancer makes a load balancer by itself");
  const balanced = doors.filter(({ spec }) => spec.ingressClassName === "alb");
  const groups = groupBy(balanced, ({ metadata }) => metadata.annotations?.[GROUP] ?? metadata.name);
  return [...groups].map(([group, members]) => {
    const own = members.map(({ resource }) => resource);
    const [system = "platform"] = own.map(systemOf);
    const price = context.price("alb.balancer");
    return lineOf({
      id: `alb.${group}`,
      name: `Load balancer of ${group}`,
      system,
      quantity: 1,
      price,
      resources: own,
    });
  });
}
