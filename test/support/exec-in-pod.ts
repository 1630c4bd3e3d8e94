import type { KubeConfig } from "@kubernetes/client-node";
import { PodCommand, podExec } from "../../clones/warm-pool/exec";

/** Runs a command in a pod to its end, which its own seconds bound alone. @returns what it wrote @throws {Error} if it failed */
export async function execInPod(
  config: KubeConfig,
  namespace: string,
  pod: string,
  command: PodCommand,
): Promise<string> {
  return await podExec(config)(namespace, pod, command, new AbortController().signal);
}
