import type { RealNode } from "./real-node";
import { runTool } from "./tool";

/** The host's name among the node's network namespaces, and that of the node's end of the cable to it. */
const NAME = "outside";

/** Ends of that cable: of a range that is for tests of networks, and nobody's (RFC 2544). */
const [NODE_END, HOST_END] = ["198.18.0.1", "198.18.0.2"];

/**
 * Joins a host to the real node that is no part of the cluster, at addresses which lead nowhere else from there. It ends with the
 * node, and this machine sees nothing of it.
 *
 * @returns how a command is run on it
 */
export function joinHost(
  node: RealNode,
  addresses: readonly string[],
): (file: string, args: readonly string[]) => { file: string; args: readonly string[] } {
  const onNode = (...args: string[]) => {
    const command = node.inside("ip", args);
    runTool(command.file, command.args);
  };
  const onHost = (...args: string[]) => onNode("-netns", NAME, ...args);
  onNode("netns", "add", NAME);
  onNode("link", "add", NAME, "type", "veth", "peer", "name", "eth0", "netns", NAME);
  onNode("address", "add", `${NODE_END}/30`, "dev", NAME);
  onNode("link", "set", NAME, "up");
  onHost("address", "add", `${HOST_END}/30`, "dev", "eth0");
  for (const device of ["lo", "eth0"]) onHost("link", "set", device, "up");
  onHost("route", "add", "default", "via", NODE_END);
  for (const address of addresses) {
    onHost("address", "add", `${address}/32`, "dev", "lo");
    onNode("route", "add", `${address}/32`, "via", HOST_END);
  }
  return (file, args) => node.inside("ip", ["netns", "exec", NAME, file, ...args]);
}
