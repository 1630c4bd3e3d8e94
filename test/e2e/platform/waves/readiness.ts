/** When Pulumi would take an object for ready: the kinds that it waits for, and what it looks at. */
import type { ClusterClient, KubeObject } from "../../../cluster";

/** Ready, not yet for a reason, or never. */
export type Readiness = { readonly is: "ready" } | { readonly is: "waiting" | "failed"; readonly because: string };

const READY: Readiness = { is: "ready" };

/** What is written here is not waited for, whatever its kind. */
const SKIP = "pulumi.com/skipAwait";

type Judge = (live: KubeObject, client: Pick<ClusterClient, "get" | "list">) => Readiness | Promise<Readiness>;

const JUDGES: Readonly<Record<string, Judge>> = {
  "apps/v1 Deployment": (live) => {
    const { replicas = 1 } = live.spec;
    const { updatedReplicas = 0, availableReplicas = 0, replicas: all = 0 } = live.status ?? {};
    if (!isObserved(live)) return waiting("its controller has not seen it");
    if (condition(live, "Progressing")?.reason === "ProgressDeadlineExceeded") return failed("it makes no progress");
    if (updatedReplicas >= replicas && availableReplicas >= replicas && all === updatedReplicas) return READY;
    return waiting(`${updatedReplicas} of ${replicas} pods are new, ${availableReplicas} available, ${all} there`);
  },
  "apps/v1 StatefulSet": (live) => {
    const { replicas = 1 } = live.spec;
    const { readyReplicas = 0, currentRevision, updateRevision } = live.status ?? {};
    if (!isObserved(live)) return waiting("its controller has not seen it");
    if (readyReplicas >= replicas && currentRevision === updateRevision) return READY;
    return waiting(`${readyReplicas} of ${replicas} pods are ready`);
  },
  "apps/v1 DaemonSet": (live) => {
    const { desiredNumberScheduled = 0, numberAvailable = 0, updatedNumberScheduled = 0 } = live.status ?? {};
    if (!isObserved(live)) return waiting("its controller has not seen it");
    if (Math.min(numberAvailable, updatedNumberScheduled) >= desiredNumberScheduled) return READY;
    return waiting(`${numberAvailable} of ${desiredNumberScheduled} pods are available`);
  },
  "batch/v1 Job": (live) => {
    if (condition(live, "Complete")?.status === "True") return READY;
    const failure = condition(live, "Failed");
    if (failure?.status === "True") return failed(`it gave up: ${failure.reason}, ${failure.message}`);
    return waiting(`${live.status?.active ?? 0} of its pods are at work, ${live.status?.failed ?? 0} failed`);
  },
  "v1 PersistentVolumeClaim": async (live, client) => {
    if (live.status?.phase === "Bound") return READY;
    const name = live.spec.storageClassName as string | undefined;
    const classes = await client.list("storage.k8s.io/v1", "StorageClass");
    const storageClass = classes.find(({ metadata }) => metadata.name === name);
    if (storageClass?.volumeBindingMode === "WaitForFirstConsumer") return READY;
    return waiting(`it is ${live.status?.phase ?? "new"}, by the class ${name ?? "of the cluster"}`);
  },
  "v1 Service": async (live, client) => {
    const { type, selector = {} } = live.spec;
    if (type === "ExternalName" || Object.keys(selector).length === 0) return READY;
    const label = `kubernetes.io/service-name=${live.metadata.name}`;
    const slices = await client.list("discovery.k8s.io/v1", "EndpointSlice", live.metadata.namespace, label);
    const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
    if (endpoints.some(({ conditions }) => conditions?.ready !== false)) return READY;
    return waiting("no ready pod is behind it");
  },
  "apiextensions.k8s.io/v1 CustomResourceDefinition": (live) =>
    condition(live, "Established")?.status === "True" ? READY : waiting("it is not served"),
};

/** Whether an object that was applied is ready, as the server knows it now; a kind that nobody waits for is. */
export async function readinessOf(live: KubeObject, client: Pick<ClusterClient, "get" | "list">): Promise<Readiness> {
  if (live.metadata.annotations?.[SKIP] === "true") return READY;
  return (await JUDGES[`${live.apiVersion} ${live.kind}`]?.(live, client)) ?? READY;
}

/** Whether {@link readinessOf} ever says anything but ready of it. */
export function isAwaited({ apiVersion, kind, metadata }: KubeObject): boolean {
  return `${apiVersion} ${kind}` in JUDGES && metadata.annotations?.[SKIP] !== "true";
}

function waiting(because: string): Readiness {
  return { is: "waiting", because };
}

function failed(because: string): Readiness {
  return { is: "failed", because };
}

/** What a controller says of an object is true of what it last saw. */
function isObserved({ metadata, status }: KubeObject): boolean {
  return (status?.observedGeneration ?? 0) >= metadata.generation;
}

function condition({ status }: KubeObject, type: string): any {
  return status?.conditions?.find((one: any) => one.type === type);
}
