import { kubernetesProgram } from "./kubernetes";

/** The controllers of Kubernetes' own kinds, each with its own service account, as in production. */
export const kubeControllerManager = kubernetesProgram("kube-controller-manager", 3, {
  versionArgs: ["--version"],
  run: {
    groups: ["system:masters"],
    args: (site) => [
      `--kubeconfig=${site.kubeconfig("kube-controller-manager")}`,
      "--leader-elect=false",
      // No port of its own: nobody asks it, and one less can be taken.
      "--secure-port=0",
      "--use-service-account-credentials",
      `--service-account-private-key-file=${site.path("pki/service-account.key")}`,
      `--root-ca-file=${site.path("pki/ca.crt")}`,
      `--horizontal-pod-autoscaler-sync-period=${site.settings.autoscalerSyncSeconds}s`,
      "--kube-api-qps=300",
      "--kube-api-burst=600",
    ],
  },
});
