import { Check, containersOf, Manifest, nameOf, ofKind, podTemplatesOf, selects } from "./manifest";

/** Each autoscaler scales a workload that there is, alone, and by what its containers ask for. */
export const checkAutoscalers: Check = (docs) =>
  ofKind(docs, "HorizontalPodAutoscaler").flatMap((autoscaler) => {
    const { kind, name } = autoscaler.spec.scaleTargetRef;
    const target = podTemplatesOf(docs).find(
      ({ owner, namespace }) =>
        owner.kind === kind && owner.metadata.name === name && namespace === autoscaler.metadata.namespace,
    );
    if (target === undefined) return [`${nameOf(autoscaler)}: there is no ${kind} ${name}`];
    const resources: string[] = (autoscaler.spec.metrics ?? []).flatMap(({ resource }: any) =>
      resource ? [resource.name] : [],
    );
    return [
      ...(target.owner.spec.replicas === undefined
        ? []
        : [`${nameOf(autoscaler)}: each apply of ${nameOf(target.owner)} sets its replicas back`]),
      // Without a request there is nothing that the use could be a percentage of: the autoscaler stands still.
      ...resources.flatMap((resource) =>
        target.spec.containers
          .filter((container: any) => container.resources?.requests?.[resource] === undefined)
          .map(
            (container: any) =>
              `${nameOf(autoscaler)}: container ${container.name} of ${nameOf(target.owner)} requests no ${resource}`,
          ),
      ),
    ];
  });

/** Each of KEDA's scales a Deployment that there is, which says nothing of its replicas, by keys of an authentication that there is. */
export const checkScaledObjects: Check = (docs) =>
  ofKind(docs, "ScaledObject").flatMap((scaled) => {
    const { namespace } = scaled.metadata;
    const { name } = scaled.spec.scaleTargetRef;
    const target = ofKind(docs, "Deployment", namespace).find(({ metadata }) => metadata.name === name);
    const known = ofKind(docs, "TriggerAuthentication", namespace).map(({ metadata }) => metadata.name);
    const asked: string[] = scaled.spec.triggers.flatMap(({ authenticationRef }: any) => authenticationRef?.name ?? []);
    return [
      ...(target === undefined ? [`${nameOf(scaled)}: there is no Deployment ${name}`] : []),
      ...(target?.spec.replicas === undefined
        ? []
        : [`${nameOf(scaled)}: each apply of ${nameOf(target)} sets its replicas back`]),
      ...[...new Set(asked)]
        .filter((one) => !known.includes(one))
        .map((one) => `${nameOf(scaled)}: there is no TriggerAuthentication ${one}`),
    ];
  });

/** Each disruption budget protects pods that there are, and lets at least one of them go. */
export const checkDisruptionBudgets: Check = (docs) =>
  ofKind(docs, "PodDisruptionBudget").flatMap((budget) => {
    const { namespace } = budget.metadata;
    const pods = podTemplatesOf(docs).filter(
      (pod) => pod.namespace === namespace && selects(budget.spec.selector, pod.metadata.labels),
    );
    if (pods.length === 0) return [`${nameOf(budget)}: selects no pod`];
    const fewest = pods.reduce((sum, { owner }) => sum + fewestReplicas(docs, owner), 0);
    const { minAvailable, maxUnavailable } = budget.spec;
    const blocked =
      maxUnavailable === 0 || minAvailable === "100%" || (typeof minAvailable === "number" && minAvailable >= fewest);
    return blocked ? [`${nameOf(budget)}: lets none of its ${fewest} pods go, so that no node can be drained`] : [];
  });

/** Each container says what it needs and what it may take: one that doesn't is refused by the quota or starves others. */
export const checkResources: Check = (docs) =>
  podTemplatesOf(docs).flatMap((template) =>
    containersOf(template).flatMap(({ name, resources }) =>
      ["requests.cpu", "requests.memory", "limits.memory"]
        .filter((path) => path.split(".").reduce((node, key) => node?.[key], resources) === undefined)
        .map((path) => `${nameOf(template.owner)}: container ${name} has no ${path}`),
    ),
  );

function fewestReplicas(docs: readonly Manifest[], owner: Manifest): number {
  const autoscaler = ofKind(docs, "HorizontalPodAutoscaler", owner.metadata.namespace).find(
    ({ spec }) => spec.scaleTargetRef.kind === owner.kind && spec.scaleTargetRef.name === owner.metadata.name,
  );
  const scaled = ofKind(docs, "ScaledObject", owner.metadata.namespace).find(
    ({ spec }) => owner.kind === "Deployment" && spec.scaleTargetRef.name === owner.metadata.name,
  );
  return autoscaler?.spec.minReplicas ?? scaled?.spec.minReplicaCount ?? owner.spec.replicas ?? 1;
}
