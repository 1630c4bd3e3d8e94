/** The real program's plan with one thing changed: what a rule has to see. */
import type { Plan, PlannedResource } from "../../../infra/plan/model";

/** What tests may change of a resource. */
export type Spoil = (resource: { inputs: any; protect: boolean; secretPaths: string[] }) => void;

/**
 * @param name of the one resource to change
 * @param type last part of its type, where several share the name
 */
export function spoilt(plan: Plan, name: string, type: string | undefined, spoil: Spoil): Plan {
  const isMeant = (one: PlannedResource) => one.name === name && (type === undefined || one.type.endsWith(`:${type}`));
  const meant = plan.resources.filter(isMeant);
  if (meant.length !== 1) throw new Error(`${meant.length} resources ${name} ${type ?? ""}`);
  const resources = plan.resources.map((resource) => {
    if (!isMeant(resource)) return resource;
    const copy = structuredClone(resource) as unknown as Parameters<Spoil>[0];
    spoil(copy);
    return copy as unknown as PlannedResource;
  });
  return { ...plan, resources };
}

/** The plan without one resource. */
export function without(plan: Plan, name: string): Plan {
  const resources = plan.resources.filter((one) => one.name !== name);
  if (resources.length !== plan.resources.length - 1) throw new Error(`Not one resource ${name}`);
  return { ...plan, resources };
}

/** Changes a policy document among the inputs. */
export function inDocument(field: string, change: (statements: any[]) => void): Spoil {
  return ({ inputs }) => {
    const document = JSON.parse(String(inputs[field]));
    change(document.Statement);
    inputs[field] = JSON.stringify(document);
  };
}

/** Sets one input, by its path without lists: `spec.version`. */
export function setting(path: string, value: unknown): Spoil {
  return ({ inputs }) => {
    const steps = path.split(".");
    const last = steps.pop()!;
    const holder = steps.reduce((at, step) => at[step], inputs);
    holder[last] = value;
  };
}
