/** Everything the report says about one stack's manifests. */
import { ClaimSpec, KubernetesObject, namespaceOf } from "../kubernetes";
import { AlertFacts, alertsOf, RouteFacts, routesOf } from "./edges";
import { autoscalersOf, budgetsOf, schedulesOf, Statement } from "./guards";
import { claimsOf, QuotaFacts, quotasOf } from "./quotas";
import { sizeOf, WorkloadFacts, workloadsOf } from "./workloads";

export interface ClaimFacts {
  readonly namespace: string;
  readonly name: string;
  readonly size: string;
  readonly access: string;
  readonly storageClass: string;
}

export interface StackFacts {
  readonly workloads: readonly WorkloadFacts[];
  readonly claims: readonly ClaimFacts[];
  readonly schedules: ReturnType<typeof schedulesOf>;
  readonly budgets: readonly Statement[];
  readonly autoscalers: readonly Statement[];
  readonly quotas: readonly QuotaFacts[];
  readonly routes: readonly RouteFacts[];
  readonly alerts: readonly AlertFacts[];
}

export function factsOf(objects: readonly KubernetesObject[]): StackFacts {
  const workloads = workloadsOf(objects);
  return {
    workloads,
    claims: claimFacts(objects, workloads),
    schedules: schedulesOf(objects),
    budgets: budgetsOf(objects),
    autoscalers: autoscalersOf(objects),
    quotas: quotasOf(objects, workloads),
    routes: routesOf(objects),
    alerts: alertsOf(objects),
  };
}

function claimFacts(objects: readonly KubernetesObject[], workloads: readonly WorkloadFacts[]): ClaimFacts[] {
  const single = claimsOf(objects).map((object) =>
    claimFact(namespaceOf(object), object.metadata.name, object.spec as ClaimSpec),
  );
  const perPod = workloads.flatMap(({ namespace, name, claimTemplates }) =>
    claimTemplates.map((template) => claimFact(namespace, `${template.name} of each ${name} pod`, template.spec)),
  );
  return [...single, ...perPod];
}

function claimFact(namespace: string, name: string, spec: ClaimSpec): ClaimFacts {
  const access = (spec.accessModes ?? []).join(", ");
  return {
    namespace,
    name,
    size: sizeOf(spec),
    access,
    storageClass: spec.storageClassName ?? "the cluster's default",
  };
}
