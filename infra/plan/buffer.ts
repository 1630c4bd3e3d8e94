/** How many clones fit into the warm nodes, in a sentence that shows the sum. */
import type { BufferCapacity } from "../karpenter/buffer-capacity";
import type { Plan } from "./model";

/** One paragraph, or none where a plan has no warm nodes. */
export function bufferSentences({ outputs }: Plan): string[] {
  const buffer = outputs.buffer as BufferCapacity | undefined;
  if (buffer === undefined) return [];
  const { nodes, instanceType, allocatable, daemonSets, clone, clonesPerNode, clones } = buffer;
  return [
    `Warm nodes: ${nodes} × ${instanceType}. Of each, pods can have ${allocatable.cpu}m CPU and ${allocatable.memory}Mi; DaemonSets take ` +
      `${daemonSets.cpu}m and ${daemonSets.memory}Mi, and a clone asks for ${clone.cpu}m and ${clone.memory}Mi. ` +
      `So ${clonesPerNode} fit on each, and ${clones} clones start without waiting for a node.`,
  ];
}
