import { kubernetesProgram } from "./kubernetes";

/** Gives pods their nodes, by requests, zones, taints and volumes: nothing of that is faked. */
export const kubeScheduler = kubernetesProgram("kube-scheduler", 1, {
  versionArgs: ["--version"],
  run: {
    groups: ["system:masters"],
    args: (site) => [
      `--kubeconfig=${site.kubeconfig("kube-scheduler")}`,
      "--leader-elect=false",
      "--secure-port=0",
      "--kube-api-qps=300",
      "--kube-api-burst=600",
    ],
  },
});
