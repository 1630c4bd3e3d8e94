import { NODE_NAME } from "../node/configuration";
import { httpAnswers } from "../probe";
import { kubernetesProgram } from "./kubernetes";

/** Its usual one: the node's ports are its own. */
const HEALTH_PORT = 10256;

/** Leads the addresses of Services to pods, on the real node. */
export const kubeProxy = kubernetesProgram("kube-proxy", 1, {
  run: {
    onNode: true,
    groups: ["system:masters"],
    args: (site) => [
      `--kubeconfig=${site.kubeconfig("kube-proxy")}`,
      `--hostname-override=${NODE_NAME}`,
      "--proxy-mode=iptables",
      `--cluster-cidr=${site.network.pods}`,
      // The machine's own limits stay as they are.
      "--conntrack-max-per-core=0",
      "--conntrack-tcp-timeout-established=0",
      "--conntrack-tcp-timeout-close-wait=0",
      `--healthz-bind-address=${site.network.node}:${HEALTH_PORT}`,
    ],
    ready: (site) => httpAnswers(`http://${site.network.node}:${HEALTH_PORT}/healthz`),
  },
});
