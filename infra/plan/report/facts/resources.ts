/** What a pod asks of the scheduler, and of the quota: the way Kubernetes counts it. */
import { Container, KubernetesObject, namespaceOf, PodSpec, Quantities } from "../kubernetes";
import { numberOf, quantityText } from "./quantities";

export type Amounts = Readonly<Record<string, number>>;

export interface Resources {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** What a LimitRange fills in for containers that say nothing. */
export interface ContainerDefaults {
  readonly request: Quantities;
  readonly limit: Quantities;
}

interface LimitRangeItem {
  readonly type: string;
  readonly default?: Quantities;
  readonly defaultRequest?: Quantities;
  readonly min?: Quantities;
  readonly max?: Quantities;
}

export function containerDefaults(objects: readonly KubernetesObject[], namespace: string): ContainerDefaults {
  const items = objects
    .filter((object) => object.kind === "LimitRange" && namespaceOf(object) === namespace)
    .flatMap(({ spec }) => (spec as { limits?: readonly LimitRangeItem[] }).limits ?? [])
    .filter(({ type }) => type === "Container");
  const limit = Object.assign({}, ...items.map((item) => ({ ...item.max, ...item.default }))) as Quantities;
  const request = Object.assign({}, ...items.map((item) => ({ ...item.min, ...item.defaultRequest }))) as Quantities;
  return { limit, request: { ...limit, ...request } };
}

/** Sidecars count with the containers; an init container counts alone, because it runs before them. */
export function podResources(spec: PodSpec, defaults: ContainerDefaults): Resources {
  return {
    requests: podAmounts(spec, ({ resources = {} }) => ({
      ...defaults.request,
      // A limit without a request is the request too.
      ...resources.limits,
      ...resources.requests,
    })),
    limits: podAmounts(spec, ({ resources = {} }) => ({ ...defaults.limit, ...resources.limits })),
  };
}

function podAmounts(spec: PodSpec, of: (container: Container) => Quantities): Amounts {
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(of(container));
    starting = highest(starting, sum(sidecars, own));
    if (container.restartPolicy === "Always") sidecars = sum(sidecars, own);
  }
  const running = sum(sidecars, ...spec.containers.map((container) => amountsOf(of(container))));
  return sum(highest(starting, running), amountsOf(spec.overhead ?? {}));
}

export function sum(...all: readonly Amounts[]): Amounts {
  return combined(all, (a, b) => a + b);
}

export function times(amounts: Amounts, factor: number): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([resource, value]) => [resource, value * factor]));
}

function highest(...all: readonly Amounts[]): Amounts {
  return combined(all, Math.max);
}

function combined(all: readonly Amounts[], combine: (a: number, b: number) => number): Amounts {
  const result: Record<string, number> = {};
  for (const [resource, value] of all.flatMap((amounts) => Object.entries(amounts))) {
    result[resource] = combine(result[resource] ?? 0, value);
  }
  return result;
}

function amountsOf(quantities: Quantities): Amounts {
  return Object.fromEntries(Object.entries(quantities).map(([resource, value]) => [resource, numberOf(value)]));
}

/** `500m CPU, 1Gi memory`, or a dash. */
export function amountsText(amounts: Amounts): string {
  const known = Object.entries(amounts).map(
    ([resource, value]) => `${quantityText(resource, value)} ${resource === "cpu" ? "CPU" : resource}`,
  );
  return known.length === 0 ? "–" : known.join(", ");
}
