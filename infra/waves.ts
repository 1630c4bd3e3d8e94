/** In which order the manifests are applied: by what an object is, never by the file that it stands in. */
import { assertNoProblems, Problem } from "../constructs/shared/problems";
import { Manifest, pathOf } from "./dist";

/**
 * One wave after the other; a wave begins when the one before it is ready. Kinds are written `group/Kind`, those of the
 * core group alone. A Service stands in no wave of its own: it comes with the pods that it leads to.
 */
export const WAVES = {
  namespaces: [
    "Namespace",
    "apiextensions.k8s.io/CustomResourceDefinition",
    "scheduling.k8s.io/PriorityClass",
    "storage.k8s.io/StorageClass",
  ],
  // Before any pod, so that none ever runs unbounded or reachable.
  rules: [
    "ResourceQuota",
    "LimitRange",
    "ConfigMap",
    "ServiceAccount",
    "rbac.authorization.k8s.io/ClusterRole",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
    "rbac.authorization.k8s.io/Role",
    "rbac.authorization.k8s.io/RoleBinding",
    "networking.k8s.io/NetworkPolicy",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
    // cert-manager makes Secrets of them, without which PostgreSQL and its clients don't start.
    "cert-manager.io/Certificate",
    "cert-manager.io/ClusterIssuer",
    "cert-manager.io/Issuer",
  ],
  // Kinds that KRO makes stand before the apps that ask for objects of them; so do schemas, which Jobs make.
  data: ["PersistentVolumeClaim", "apps/StatefulSet", "batch/Job", "kro.run/ResourceGraphDefinition"],
  apps: [
    "apps/Deployment",
    "apps/DaemonSet",
    "batch/CronJob",
    "autoscaling/HorizontalPodAutoscaler",
    "policy/PodDisruptionBudget",
    "keda.sh/ScaledObject",
    "keda.sh/TriggerAuthentication",
  ],
  // Last, so that nobody is led to, or alarmed about, what is still starting.
  access: [
    "networking.k8s.io/Ingress",
    "traefik.io/IngressRoute",
    "traefik.io/Middleware",
    "traefik.io/ServersTransport",
    "traefik.io/TLSOption",
    "monitoring.coreos.com/PodMonitor",
    "monitoring.coreos.com/PrometheusRule",
    "monitoring.coreos.com/ServiceMonitor",
  ],
} as const satisfies Record<string, readonly string[]>;

export type WaveName = keyof typeof WAVES;

/**
 * The manifests of each wave, in the order of the waves.
 *
 * @throws {InvalidInputError} naming every object of a kind that no wave knows
 */
export function inWaves(manifests: readonly Manifest[]): Record<WaveName, Manifest[]> {
  const waves: Record<WaveName, Manifest[]> = { namespaces: [], rules: [], data: [], apps: [], access: [] };
  const problems: Problem[] = [];
  for (const manifest of manifests) {
    const wave = isService(manifest) ? waveOfService(manifest, manifests) : waveOf(manifest);
    if (wave === undefined) problems.push(unknownKind(manifest));
    else waves[wave].push(manifest);
  }
  assertNoProblems(problems);
  return waves;
}

function waveOf({ apiVersion, kind }: Manifest): WaveName | undefined {
  const written = apiVersion.includes("/") ? `${apiVersion.split("/")[0] ?? ""}/${kind}` : kind;
  const [found] = Object.entries(WAVES).find(([, kinds]) => (kinds as readonly string[]).includes(written)) ?? [];
  return found as WaveName | undefined;
}

function isService({ apiVersion, kind }: Manifest): boolean {
  return apiVersion === "v1" && kind === "Service";
}

/** Pulumi takes a Service for ready when it has pods behind it: in an earlier wave than they, it would never be. */
function waveOfService(service: Manifest, manifests: readonly Manifest[]): WaveName {
  const selector = Object.entries((service.spec as { selector?: Labels } | undefined)?.selector ?? {});
  const selected = manifests.find((candidate) => {
    const labels = podLabels(candidate);
    const near = candidate.metadata.namespace === service.metadata.namespace;
    return near && selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
  });
  return (selected && waveOf(selected)) ?? "apps";
}

type Labels = Record<string, string>;

function podLabels(manifest: Manifest): Labels {
  const spec = manifest.spec as { template?: { metadata?: { labels?: Labels } } } | undefined;
  return spec?.template?.metadata?.labels ?? {};
}

function unknownKind(manifest: Manifest): Problem {
  return {
    code: "DIST_KIND",
    path: `${manifest.kind} ${pathOf(manifest)}`,
    value: `${manifest.apiVersion} ${manifest.kind}`,
    reason: "no wave knows this kind",
    remedy: "Add it to WAVES in infra/waves.ts, after what it needs and before what needs it",
  };
}
