import { spawnSync } from "node:child_process";
import { ClusterError } from "../errors";

/** Runs one of the machine's tools to its end. @throws {ClusterError} with what it said, if it failed */
export function runTool(tool: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: "utf8" });
  if (status === 0) return stdout;
  throw new ClusterError({
    code: "CLUSTER_NODE_TOOL",
    path: [tool, ...args].join(" "),
    value: status,
    reason: error?.message ?? stderr.trim(),
    remedy: "Read what it said; after a crash, npm run cluster -- stop clears the way",
  });
}
