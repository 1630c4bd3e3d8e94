/** The parts of Kubernetes' objects that the report reads; every other field stays as it was written. */

export type Labels = Readonly<Record<string, string>>;

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
  };
  readonly spec?: unknown;
  readonly [field: string]: unknown;
}

export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export type Quantities = Readonly<Record<string, string | number>>;

export interface Container {
  readonly name: string;
  readonly image?: string;
  /** `Always` makes an init container a sidecar, which runs as long as the pod does. */
  readonly restartPolicy?: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly resources?: { readonly requests?: Quantities; readonly limits?: Quantities };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly hostNetwork?: boolean;
  readonly overhead?: Quantities;
  readonly volumes?: readonly { readonly name: string; readonly [source: string]: unknown }[];
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels };
  readonly spec: PodSpec;
}

export interface ClaimSpec {
  readonly accessModes?: readonly string[];
  readonly storageClassName?: string;
  readonly resources?: { readonly requests?: Quantities };
}

/** Fields of every kind that makes pods, together: each kind has some of them. */
export interface WorkloadSpec {
  readonly replicas?: number;
  readonly parallelism?: number;
  readonly template?: PodTemplate;
  readonly jobTemplate?: { readonly spec: { readonly parallelism?: number; readonly template: PodTemplate } };
  readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: number | string } };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string }; readonly spec: ClaimSpec }[];
  readonly schedule?: string;
  readonly timeZone?: string;
  readonly concurrencyPolicy?: string;
  readonly suspend?: boolean;
}

const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"]);

export function isWorkload({ kind }: KubernetesObject): boolean {
  return WORKLOADS.has(kind);
}

/** Namespace of an object that names none. */
export const DEFAULT_NAMESPACE = "default";

export function namespaceOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ?? DEFAULT_NAMESPACE;
}

/** The pods that a workload makes: a CronJob's stand one level deeper, and a Pod is its own. */
export function podTemplateOf(object: KubernetesObject): PodTemplate {
  const spec = object.spec as WorkloadSpec & PodSpec;
  if (object.kind === "Pod") return { metadata: object.metadata, spec };
  const template = object.kind === "CronJob" ? spec.jobTemplate?.spec.template : spec.template;
  return template ?? { spec: { containers: [] } };
}

/** Containers that run as long as the pod does: its own, and the sidecars among its init containers. */
export function lastingContainers({ containers, initContainers = [] }: PodSpec): Container[] {
  return [...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always"), ...containers];
}
