/** Kubernetes objects among a program's resources, and the pods that they make. */
import type { Finding, Subject } from "./rule";
import { Demand, Fields, fieldsOf, Found, listOf, unmet, valueAt, valuesAt } from "./values";

/** An object, and where it stands in the inputs: at their root, but for what a graph of KRO's makes. */
export interface FoundObject extends Found {
  readonly value: Fields;
}

export function objectsOf({ type, props }: Subject): FoundObject[] {
  if (!type.startsWith("kubernetes:")) return [];
  const own = { path: "", value: props };
  if (props.kind !== "ResourceGraphDefinition") return [own];
  return [own, ...valuesAt(props, "spec.resources[].template").map((at) => ({ ...at, value: fieldsOf(at.value) }))];
}

/** Demands that an object doesn't meet, by their path in the resource's inputs. */
export function unmetIn({ path, value }: FoundObject, demands: readonly Demand[]): Finding[] {
  return unmet(value, demands).map((finding) => ({ ...finding, path: below(path, finding.path) }));
}

function below(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}

/** Where the kinds that make pods have what those are made of. */
const POD_SPECS = ["spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec"];

/** Specs of the pods that a resource makes, but for charts' own. */
export function podsOf(subject: Subject): (FoundObject & { readonly namespace: unknown })[] {
  return objectsOf(subject).flatMap(({ path, value }) =>
    POD_SPECS.map((place) => ({ place, spec: fieldsOf(valueAt(value, place)) }))
      .filter(({ spec }) => Array.isArray(spec.containers))
      .map(({ place, spec }) => ({
        path: below(path, place),
        value: spec,
        namespace: valueAt(value, "metadata.namespace"),
      })),
  );
}

const CONTAINERS = ["initContainers", "containers", "ephemeralContainers"];

/** Containers of a pod, each with its path. */
export function containersOf({ path, value }: FoundObject): FoundObject[] {
  return CONTAINERS.flatMap((list) =>
    listOf(value[list]).map((item, index) => ({ path: `${path}.${list}[${index}]`, value: fieldsOf(item) })),
  );
}
