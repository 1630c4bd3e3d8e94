/** What keeps a stack available and on time, in sentences: schedules, disruption budgets, autoscalers. */
import { isWorkload, KubernetesObject, LabelSelector, namespaceOf, podTemplateOf, WorkloadSpec } from "../kubernetes";
import { selects, selectorText } from "../network/selectors";
import { scheduleText } from "./schedule";

/** One object, and what it does. */
export interface Statement {
  readonly namespace: string;
  readonly name: string;
  readonly text: string;
  /** Where it isn't the one that the list is named after. */
  readonly kind?: string;
}

interface ScheduledFacts extends Statement {
  readonly line: string;
  readonly concurrency: string;
}

interface BudgetSpec {
  readonly minAvailable?: number | string;
  readonly maxUnavailable?: number | string;
  readonly selector?: LabelSelector;
}

interface AutoscalerSpec {
  readonly scaleTargetRef: { readonly kind: string; readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas: number;
  readonly metrics?: readonly { readonly type: string; readonly resource?: MetricResource }[];
  readonly behavior?: { readonly scaleDown?: { readonly stabilizationWindowSeconds?: number } };
}

interface MetricResource {
  readonly name: string;
  readonly target: { readonly averageUtilization?: number; readonly averageValue?: string };
}

const CONCURRENCY: Readonly<Record<string, string>> = {
  Allow: "runs may overlap",
  Forbid: "never two at once",
  Replace: "a new run ends the one before",
};

export function schedulesOf(objects: readonly KubernetesObject[]): ScheduledFacts[] {
  return ofKind(objects, "CronJob").map((object) => {
    const { schedule = "", timeZone, concurrencyPolicy = "Allow", suspend } = object.spec as WorkloadSpec;
    const text = `${suspend === true ? "suspended; else " : ""}${scheduleText(schedule, timeZone)}`;
    return { ...named(object), text, line: schedule, concurrency: CONCURRENCY[concurrencyPolicy] ?? concurrencyPolicy };
  });
}

export function budgetsOf(objects: readonly KubernetesObject[]): Statement[] {
  return ofKind(objects, "PodDisruptionBudget").map((object) => {
    const { minAvailable, maxUnavailable = 1, selector = {} } = object.spec as BudgetSpec;
    const pods = podsOf(selector, namespaceOf(object), objects);
    const rule =
      minAvailable === undefined
        ? `at most ${maxUnavailable} of ${pods} is away`
        : `at least ${minAvailable} of ${pods} stays up`;
    return { ...named(object), text: `${rule} during drains and upgrades` };
  });
}

/** Workloads are easier to know than the labels of their pods. */
function podsOf(selector: LabelSelector, namespace: string, objects: readonly KubernetesObject[]): string {
  const meant = objects.filter(
    (object) =>
      isWorkload(object) &&
      namespaceOf(object) === namespace &&
      selects(selector, podTemplateOf(object).metadata?.labels ?? {}),
  );
  if (meant.length === 0) return `pods with ${selectorText(selector)}, of which there are none`;
  return `the pods of ${meant.map(({ metadata }) => metadata.name).join(", ")}`;
}

/** KEDA's too: its triggers are what it scales by. */
export function autoscalersOf(objects: readonly KubernetesObject[]): Statement[] {
  return [...horizontal(objects), ...byTriggers(objects)];
}

interface ScaledSpec {
  readonly scaleTargetRef: { readonly kind?: string; readonly name: string };
  readonly minReplicaCount: number;
  readonly maxReplicaCount: number;
  readonly triggers: readonly { readonly type: string; readonly name?: string }[];
}

function byTriggers(objects: readonly KubernetesObject[]): Statement[] {
  return ofKind(objects, "ScaledObject").map((object) => {
    const { scaleTargetRef, minReplicaCount, maxReplicaCount, triggers } = object.spec as ScaledSpec;
    const { kind = "Deployment", name } = scaleTargetRef;
    const by = triggers.map((trigger) => `${trigger.name ?? "a trigger"} of ${trigger.type}`);
    return {
      ...named(object),
      kind: "ScaledObject",
      text: `${kind} ${name}: ${minReplicaCount} to ${maxReplicaCount} pods, by KEDA: ${by.join(", ")}`,
    };
  });
}

function horizontal(objects: readonly KubernetesObject[]): Statement[] {
  return ofKind(objects, "HorizontalPodAutoscaler").map((object) => {
    const { scaleTargetRef, minReplicas = 1, maxReplicas, metrics = [], behavior } = object.spec as AutoscalerSpec;
    const targets = metrics.map(({ type, resource }) => (resource === undefined ? type : targetText(resource)));
    const quiet = behavior?.scaleDown?.stabilizationWindowSeconds;
    const down = quiet === undefined ? "" : `; shrinks after ${quiet / 60} quiet minutes`;
    const text = `${scaleTargetRef.kind} ${scaleTargetRef.name}: ${minReplicas} to ${maxReplicas} pods, at ${targets.join(" or ")}${down}`;
    return { ...named(object), text };
  });
}

function targetText({ name, target }: MetricResource): string {
  const resource = name === "cpu" ? "CPU" : name;
  const { averageUtilization, averageValue = "" } = target;
  return averageUtilization === undefined ? `${averageValue} ${resource}` : `${averageUtilization}\u00a0% ${resource}`;
}

export function ofKind(objects: readonly KubernetesObject[], kind: string): KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}

function named(object: KubernetesObject): { namespace: string; name: string } {
  return { namespace: namespaceOf(object), name: object.metadata.name };
}
