/** Everything that makes pods: how many, how large, with which volumes. */
import {
  ClaimSpec,
  isWorkload,
  KubernetesObject,
  lastingContainers,
  namespaceOf,
  PodSpec,
  podTemplateOf,
  WorkloadSpec,
} from "../kubernetes";
import { containerDefaults, podResources, Resources } from "./resources";

/** How many pods there are: with the least load, with the most, and when every Deployment is rolled out at the most. */
export interface PodCounts {
  readonly fewest: number;
  readonly most: number;
  readonly rollout: number;
}

export interface ContainerFacts {
  readonly name: string;
  readonly image: string;
  readonly resources: Resources;
}

export interface VolumeFacts {
  readonly name: string;
  readonly source: string;
  readonly mountPaths: readonly string[];
}

export interface WorkloadFacts {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly pods: PodCounts;
  /** Of one pod, with what the LimitRange fills in. */
  readonly resources: Resources;
  /** Those that run as long as the pod does, sidecars first. */
  readonly containers: readonly ContainerFacts[];
  readonly volumes: readonly VolumeFacts[];
  /** Claims that come and go with each pod, or stay for it. */
  readonly claimTemplates: readonly { readonly name: string; readonly spec: ClaimSpec }[];
}

interface Bounds {
  readonly minReplicas?: number;
  readonly maxReplicas: number;
}

interface ScalerSpec extends Bounds {
  readonly scaleTargetRef: { readonly kind?: string; readonly name: string };
}

/** KEDA's, which makes an autoscaler that is in no manifest. */
interface ScaledSpec {
  readonly scaleTargetRef: { readonly kind?: string; readonly name: string };
  readonly minReplicaCount: number;
  readonly maxReplicaCount: number;
}

const SCALERS: readonly string[] = ["HorizontalPodAutoscaler", "ScaledObject"];

/** Of a Deployment that says nothing. */
const DEFAULT_MAX_SURGE = "25%";

export function workloadsOf(objects: readonly KubernetesObject[]): WorkloadFacts[] {
  return objects.filter(isWorkload).map((object) => {
    const pod = podTemplateOf(object).spec;
    const namespace = namespaceOf(object);
    const defaults = containerDefaults(objects, namespace);
    return {
      kind: object.kind,
      namespace,
      name: object.metadata.name,
      pods: podCounts(object, scalerOf(object, objects)),
      resources: podResources(pod, defaults),
      containers: lastingContainers(pod).map((container) => ({
        name: container.name,
        image: container.image ?? "",
        resources: podResources({ containers: [container] }, defaults),
      })),
      volumes: volumesOf(object, pod),
      claimTemplates: claimTemplatesOf(object, pod),
    };
  });
}

function unique(value: string, at: number, all: readonly string[]): boolean {
  return all.indexOf(value) === at;
}

function scalerOf(object: KubernetesObject, objects: readonly KubernetesObject[]): Bounds | undefined {
  const scaler = objects.find(({ kind, metadata, spec }) => {
    if (!SCALERS.includes(kind) || metadata.namespace !== object.metadata.namespace) return false;
    const { kind: target = "Deployment", name } = (spec as ScalerSpec | ScaledSpec).scaleTargetRef;
    return target === object.kind && name === object.metadata.name;
  });
  return scaler?.kind === "ScaledObject"
    ? boundsOf(scaler.spec as ScaledSpec)
    : (scaler?.spec as ScalerSpec | undefined);
}

function boundsOf({ minReplicaCount, maxReplicaCount }: ScaledSpec): Bounds {
  return { minReplicas: minReplicaCount, maxReplicas: maxReplicaCount };
}

function podCounts({ kind, spec }: KubernetesObject, scaler?: Bounds): PodCounts {
  const { replicas = 1, parallelism = 1, jobTemplate, strategy, suspend } = spec as WorkloadSpec;
  if (kind === "Job") return { fewest: 0, most: parallelism, rollout: parallelism };
  if (kind === "CronJob") {
    const running = suspend === true ? 0 : (jobTemplate?.spec.parallelism ?? 1);
    return { fewest: 0, most: running, rollout: running };
  }
  const fewest = scaler === undefined ? replicas : (scaler.minReplicas ?? 1);
  const most = scaler?.maxReplicas ?? replicas;
  const surges = kind === "Deployment" && strategy?.type !== "Recreate";
  return { fewest, most, rollout: most + (surges ? surgeOf(strategy?.rollingUpdate?.maxSurge, most) : 0) };
}

function surgeOf(maxSurge: number | string = DEFAULT_MAX_SURGE, replicas: number): number {
  return typeof maxSurge === "number" ? maxSurge : Math.ceil((Number.parseInt(maxSurge, 10) / 100) * replicas);
}

function claimTemplatesOf({ spec }: KubernetesObject, { volumes = [] }: PodSpec): WorkloadFacts["claimTemplates"] {
  const lasting = (spec as WorkloadSpec).volumeClaimTemplates ?? [];
  return [
    ...lasting.map((template) => ({ name: template.metadata.name, spec: template.spec })),
    ...volumes.flatMap(({ name, ephemeral }) => {
      const template = (ephemeral as { volumeClaimTemplate?: { spec: ClaimSpec } } | undefined)?.volumeClaimTemplate;
      return template === undefined ? [] : [{ name, spec: template.spec }];
    }),
  ];
}

function volumesOf(object: KubernetesObject, pod: PodSpec): VolumeFacts[] {
  const own = (object.spec as WorkloadSpec).volumeClaimTemplates ?? [];
  const volumes = [
    ...own.map(({ metadata, spec }) => ({ name: metadata.name, source: `claim of each pod, ${sizeOf(spec)}` })),
    ...(pod.volumes ?? []).map((volume) => ({ name: volume.name, source: sourceText(volume) })),
  ];
  const mounts = [...pod.containers, ...(pod.initContainers ?? [])].flatMap(({ volumeMounts = [] }) => volumeMounts);
  return volumes.map((volume) => ({
    ...volume,
    mountPaths: mounts
      .filter(({ name }) => name === volume.name)
      .map(({ mountPath }) => mountPath)
      .filter(unique),
  }));
}

interface VolumeSource {
  readonly claimName?: string;
  readonly secretName?: string;
  readonly name?: string;
  readonly sizeLimit?: string;
  readonly medium?: string;
  readonly volumeClaimTemplate?: { readonly spec: ClaimSpec };
  readonly sources?: readonly { readonly secret?: VolumeSource; readonly configMap?: VolumeSource }[];
}

function sourceText(volume: NonNullable<PodSpec["volumes"]>[number]): string {
  const [kind = "", source] = Object.entries(volume).find(([field]) => field !== "name") ?? [];
  const given = Object(source) as VolumeSource;
  switch (kind) {
    case "persistentVolumeClaim":
      return `claim ${given.claimName}`;
    case "ephemeral":
      return `scratch volume, ${sizeOf(given.volumeClaimTemplate?.spec ?? {})}`;
    case "emptyDir":
      return ["emptyDir", given.medium, given.sizeLimit && `up to ${given.sizeLimit}`].filter(Boolean).join(", ");
    case "configMap":
      return `ConfigMap ${given.name}`;
    case "secret":
      return `Secret ${given.secretName}`;
    case "projected":
      return (given.sources ?? []).map(projectedText).join(", ");
    default:
      return kind;
  }
}

function projectedText({ secret, configMap, ...others }: NonNullable<VolumeSource["sources"]>[number]): string {
  if (secret !== undefined) return `Secret ${secret.name}`;
  return configMap === undefined ? Object.keys(others).join(", ") : `ConfigMap ${configMap.name}`;
}

export function sizeOf({ resources }: ClaimSpec): string {
  return String(resources?.requests?.storage ?? "no size");
}
