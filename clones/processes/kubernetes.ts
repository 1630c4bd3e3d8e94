/** Clones in the cluster that this process runs in, or that KUBECONFIG names. */
import { KubeConfig } from "@kubernetes/client-node";
import { KubernetesBackend } from "../backend/kubernetes-backend";
import type { ServiceConfig } from "../config";
import { KubernetesCopies } from "../copies/kubernetes-copies";
import { systemClock } from "../provisioner/clock";
import { Kube } from "../provisioner/kube";
import { CloneProvisioner } from "../provisioner/provisioner";
import { tracedKubeConfig } from "../telemetry/kube";
import { podExec } from "../warm-pool/exec";
import { WarmPodPool } from "../warm-pool/pool";
import { ExecPodReset, PodAdoption } from "../warm-pool/reset";

/** As a pod finds it, or a person's shell. */
export function kubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

export interface KubernetesParts {
  readonly backend: KubernetesBackend;
  readonly warmPods: WarmPodPool;
  readonly provisioner: CloneProvisioner;
  /** Where the installation has none, it is not there. */
  readonly copies?: KubernetesCopies;
}

/** @param adoption how a warm pod gets its clone's administrator; @default by a command in it */
export function kubernetesParts(service: ServiceConfig, untraced: KubeConfig, adoption?: PodAdoption): KubernetesParts {
  const config = tracedKubeConfig(untraced);
  const kube = new Kube(config);
  const namespace = service.CLONE_NAMESPACE;
  const provisioner = new CloneProvisioner(kube, {
    namespace,
    database: service.CLONE_DATABASE,
    routing: service.CLONE_ROUTING,
    albGroups: { count: service.CLONE_ALB_GROUPS, limit: service.CLONES_PER_ALB_GROUP },
  });
  const warmPods = new WarmPodPool(kube, { namespace, reuse: service.WARM_POOL_REUSE });
  const warm = {
    pool: warmPods,
    adoption: adoption ?? new ExecPodReset(kube, podExec(untraced), { namespace, clock: systemClock }),
  };
  const { COPIES_NAMESPACE: installation, COPIES_PER_TENANT: perTenant } = service;
  const copies = installation && new KubernetesCopies(kube, { namespace: installation, perTenant });
  const backend = new KubernetesBackend(kube, provisioner, { namespace, warm });
  return { backend, warmPods, provisioner, ...(copies && { copies }) };
}
