/** What Kubernetes is given, by whomever: the program itself, or Argo CD from dist. */
import type { Plan, PlannedResource } from "../model";
import { KubernetesObject, namespaceOf } from "../report/kubernetes";

/** As if the program had registered them, in the wave of their kind or none. */
export function withManifests(plan: Plan, manifests: readonly KubernetesObject[]): Plan {
  const known = new Set(
    plan.resources
      .map(({ inputs }) => inputs)
      .filter(isObject)
      .map(identityOf),
  );
  const missing = manifests.filter((object) => !known.has(identityOf(object)));
  return { ...plan, resources: [...plan.resources, ...missing.map(plannedAs)] };
}

function plannedAs(object: KubernetesObject): PlannedResource {
  const { apiVersion, kind, metadata } = object;
  const name = `${namespaceOf(object)}/${metadata.name}`;
  return {
    urn: `dist:${kind}:${name}`,
    type: `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`,
    name,
    path: `data > ${name}`,
    dependsOn: [],
    custom: true,
    protect: false,
    inputs: object,
    secretPaths: [],
  };
}

function identityOf(object: KubernetesObject): string {
  return `${object.kind} ${namespaceOf(object)}/${object.metadata.name}`;
}

export function isObject(inputs: unknown): inputs is KubernetesObject {
  const { apiVersion, kind, metadata } = Object(inputs) as Partial<KubernetesObject>;
  return apiVersion !== undefined && kind !== undefined && typeof metadata?.name === "string";
}
