/** How many clones fit into the warm nodes, in a sentence that shows the sum. */
import type { BufferCapacity } from "../karpenter/buffer-capacity";
import type { Plan } from "./model";

/** As the program worked it out; nothing where a plan has no nodes of its own. */
export function bufferOf({ outputs }: Plan): BufferCapacity | undefined {
  return outputs.buffer as BufferCapacity | undefined;
}

/** One paragraph, or none where a plan has no warm nodes. */
export function bufferSentences(plan: Plan): string[] {
  const buffer = bufferOf(plan);
  if (buffer === undefined) return [];
  const { nodes, instanceType, allocatable, daemonSets, clone, clonesPerNode, clones } = buffer;
  return [
    `Warm nodes: ${nodes} × ${instanceType}. Of each, pods can have ${allocatable.cpu}m CPU and ${allocatable.memory}Mi; DaemonSets take ` +
      `${daemonSets.cpu}m and ${daemonSets.memory}Mi, and a clone asks for ${clone.cpu}m and ${clone.memory}Mi. ` +
      `So ${clonesPerNode} fit on each, and ${clones} clones start without waiting for a node.`,
  ];
}
