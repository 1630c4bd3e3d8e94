import { VERSIONS } from "../versions";
import type { Program } from "./program";

/** Plays the kubelet of nodes that don't exist: see stages.ts for what its pods do. */
export const kwok: Program = {
  name: "kwok",
  version: VERSIONS.kwok,
  minutes: 3,
  source: {
    module: "sigs.k8s.io/kwok",
    version: `v${VERSIONS.kwok}`,
    package: "sigs.k8s.io/kwok/cmd/kwok",
  },
  run: {
    groups: ["system:masters"],
    args: (site) => [
      `--kubeconfig=${site.kubeconfig("kwok")}`,
      `--config=${site.path("stages.yaml")}`,
      "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
      // Leases are a node's sign of life: without them the node controller evicts its pods after a minute.
      "--node-lease-duration-seconds=40",
      "--node-ip=127.0.0.1",
      "--cidr=10.128.0.0/12",
      "--server-address=",
    ],
  },
};
