import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { outputOf } from "../command";
import { ClusterUnavailableError } from "../errors";
import { policyEngine } from "../programs/policy-engine";
import { CNI_PLUGINS, PAUSE_PROGRAM } from "./configuration";

/** What makes a node of this machine, by the Debian package that has it. */
const TOOLS = {
  unshare: "util-linux",
  nsenter: "util-linux",
  ip: "iproute2",
  iptables: "iptables",
  conntrack: "conntrack",
} as const;

const FILES = {
  [`${CNI_PLUGINS}/bridge`]: "containernetworking-plugins",
  [PAUSE_PROGRAM]: "busybox-static",
} as const;

/** Why the nodes that are asked for can't be had here, if so. */
export function whyNoNode(options: {
  readonly nodes?: number | "real";
  readonly enforcePolicies?: boolean;
}): ClusterUnavailableError | undefined {
  if (options.nodes !== "real") return undefined;
  return whyNoRealNode() ?? (options.enforcePolicies === true ? whyNoPolicyEngine() : undefined);
}

/** Why no NetworkPolicy can be enforced here, if so. */
export function whyNoPolicyEngine(): ClusterUnavailableError | undefined {
  const { name } = policyEngine;
  if (isOnPath(name)) return undefined;
  const problem = {
    code: "CLUSTER_NODE_POLICIES",
    path: "enforcePolicies",
    value: "not on PATH",
    reason: `${name} enforces NetworkPolicies on a real node, and no module registry has it`,
    remedy:
      "Build it from its repository (docs/test-cluster.md), or name a cluster that enforces them by KUBECONFIG_UNDER_TEST",
  };
  return new ClusterUnavailableError(problem, false);
}

/** Why no real node can be had here, if so: nothing is started to find out. */
export function whyNoRealNode(
  platform: NodeJS.Platform = process.platform,
  user: number | undefined = process.getuid?.(),
): ClusterUnavailableError | undefined {
  const path = 'nodes: "real"';
  if (platform !== "linux" || user !== 0) {
    const problem = {
      code: "CLUSTER_NODE_ROOT",
      path,
      value: `user ${user ?? "unknown"} on ${platform}`,
      reason: "a kubelet needs root on Linux",
      remedy: "Run it as root on Linux, or name a cluster by KUBECONFIG_UNDER_TEST",
    };
    return new ClusterUnavailableError(problem, false);
  }
  const missing = [
    ...Object.entries(TOOLS).filter(([tool]) => outputOf(tool, ["--version"]) === undefined),
    ...Object.entries(FILES).filter(([file]) => !existsSync(file)),
  ];
  if (missing.length === 0) return undefined;
  const problem = {
    code: "CLUSTER_NODE_TOOLS",
    path,
    value: missing.map(([name]) => name),
    reason: "a real node is made with them",
    remedy: `Install Debian's ${[...new Set(missing.map(([, debian]) => debian))].join(", ")}`,
  };
  return new ClusterUnavailableError(problem, true);
}

function isOnPath(name: string): boolean {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.some((folder) => existsSync(join(folder, name)));
}
