/** Groups of pods that policies and Services can't tell apart: one a workload. */
import { isWorkload, KubernetesObject, Labels, lastingContainers, namespaceOf, podTemplateOf } from "../kubernetes";
import type { Protocol } from "./ports";
import { ContainerPort, Pod } from "./rules";
import { selects } from "./selectors";

export interface Group extends Pod {
  /** `Kind namespace/name`, unique among all ends of connections. */
  readonly id: string;
  readonly kind: string;
  readonly name: string;
}

/** A port of a Service, and the port of the pods behind it. */
export interface ServicePort {
  readonly service: string;
  readonly port: number;
  readonly target: number;
  readonly protocol: Protocol;
}

interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Labels;
  readonly ports?: readonly {
    readonly port: number;
    readonly targetPort?: number | string;
    readonly protocol?: string;
  }[];
}

export function groupsOf(objects: readonly KubernetesObject[]): Group[] {
  return objects.filter(isWorkload).map((object) => {
    const { metadata, spec } = podTemplateOf(object);
    const namespace = namespaceOf(object);
    return {
      id: `${object.kind} ${namespace}/${object.metadata.name}`,
      kind: object.kind,
      name: object.metadata.name,
      namespace,
      labels: metadata?.labels ?? {},
      ports: lastingContainers(spec).flatMap(({ ports = [] }) => ports.map(readPort)),
      hostNetwork: spec.hostNetwork ?? false,
    };
  });
}

function readPort({
  containerPort,
  protocol = "TCP",
  name,
}: {
  containerPort: number;
  protocol?: string;
  name?: string;
}) {
  const port: ContainerPort = { protocol: protocol as Protocol, number: containerPort };
  return name === undefined ? port : { ...port, name };
}

/** The Services' ports that lead to `group`. */
export function servicePortsTo(group: Group, objects: readonly KubernetesObject[]): ServicePort[] {
  return objects
    .filter(({ apiVersion, kind }) => kind === "Service" && apiVersion === "v1")
    .filter((service) => fronts(service, group))
    .flatMap(({ metadata, spec }) =>
      ((spec as ServiceSpec).ports ?? []).flatMap(({ port, targetPort = port, protocol = "TCP" }) =>
        targetsIn(group, targetPort, protocol).map((target) => ({
          service: metadata.name,
          port,
          target,
          protocol: protocol as Protocol,
        })),
      ),
    );
}

function fronts(service: KubernetesObject, group: Group): boolean {
  const { type, selector = {} } = (service.spec ?? {}) as ServiceSpec;
  // Without a selector, somebody else says where a Service leads.
  const leads = type !== "ExternalName" && Object.keys(selector).length > 0;
  return leads && namespaceOf(service) === group.namespace && selects({ matchLabels: selector }, group.labels);
}

function targetsIn({ ports }: Group, target: number | string, protocol: string): number[] {
  if (typeof target === "number") return [target];
  return ports.filter((port) => port.name === target && port.protocol === protocol).map(({ number }) => number);
}

/** Labels of the namespaces that are among `objects`. */
export function namespaceLabelsOf(objects: readonly KubernetesObject[]): Record<string, Labels> {
  const namespaces = objects.filter(({ apiVersion, kind }) => kind === "Namespace" && apiVersion === "v1");
  return Object.fromEntries(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
}

/** Names of the namespaces whose pods are known: those that hold a workload. */
export function knownNamespaces(groups: readonly Group[]): Set<string> {
  return new Set(groups.map(({ namespace }) => namespace));
}
