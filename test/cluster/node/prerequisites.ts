import { existsSync } from "node:fs";
import { outputOf } from "../command";
import { ClusterUnavailableError } from "../errors";
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

/** Why no real node can be had here, if so: nothing is started to find out. */
export function whyNoRealNode(
  platform: NodeJS.Platform = process.platform,
  user: number | undefined = process.getuid?.(),
): ClusterUnavailableError | undefined {
  if (platform !== "linux" || user !== 0) {
    return unavailable(
      "CLUSTER_NODE_ROOT",
      `user ${user ?? "unknown"} on ${platform}`,
      "a kubelet needs root on Linux",
      "Run it as root on Linux, or name a cluster by KUBECONFIG_UNDER_TEST",
      false,
    );
  }
  const missing = [
    ...Object.entries(TOOLS).filter(([tool]) => outputOf(tool, ["--version"]) === undefined),
    ...Object.entries(FILES).filter(([file]) => !existsSync(file)),
  ];
  if (missing.length > 0) {
    return unavailable(
      "CLUSTER_NODE_TOOLS",
      missing.map(([name]) => name),
      "a real node is made with them",
      `Install Debian's ${[...new Set(missing.map(([, debian]) => debian))].join(", ")}`,
      true,
    );
  }
  return undefined;
}

function unavailable(code: string, value: unknown, reason: string, remedy: string, installable: boolean) {
  return new ClusterUnavailableError({ code, path: 'nodes: "real"', value, reason, remedy }, installable);
}
