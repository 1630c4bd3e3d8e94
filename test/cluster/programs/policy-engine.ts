import { NODE_NAME } from "../node/configuration";
import { httpAnswers } from "../probe";
import type { Startable } from "./program";

/** Its usual one: the node's ports are its own. */
const METRICS_PORT = 9080;

/**
 * Enforces NetworkPolicies on the real node, as in kind: it takes the first packet of each connection out of the kernel's queue.
 * No module registry has it: it is taken from PATH, whatever its version.
 */
export const policyEngine: Startable = {
  name: "kube-network-policies",
  run: {
    onNode: true,
    groups: ["system:masters"],
    args: (site) => [
      `--kubeconfig=${site.kubeconfig(policyEngine.name)}`,
      `--hostname-override=${NODE_NAME}`,
      `--metrics-bind-address=:${METRICS_PORT}`,
      // Where it can't answer, a connection is refused: a test of what is admitted is no test otherwise.
      "--fail-open=false",
      // It would know a pod's address a moment earlier, by a socket that this containerd hasn't.
      "--disable-nri",
    ],
    ready: (site) => httpAnswers(`http://${site.network.node}:${METRICS_PORT}/metrics`),
  },
};
