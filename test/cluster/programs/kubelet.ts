import { mkdirSync, writeFileSync } from "node:fs";
import { kubeletConfiguration, NODE_NAME } from "../node/configuration";
import { kubernetesProgram } from "./kubernetes";

/** The real node's agent. */
export const kubelet = kubernetesProgram("kubelet", 2, {
  run: {
    onNode: true,
    groups: ["system:masters"],
    prepare: (site) => {
      mkdirSync(site.path("node/kubelet"), { recursive: true });
      writeFileSync(site.path("node/kubelet.json"), kubeletConfiguration(site));
    },
    args: (site) => [
      `--config=${site.path("node/kubelet.json")}`,
      `--kubeconfig=${site.kubeconfig("kubelet")}`,
      `--root-dir=${site.path("node/kubelet")}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${site.network.node}`,
      "--node-labels=topology.kubernetes.io/region=test-1,topology.kubernetes.io/zone=test-1a",
    ],
  },
});
