import * as pulumi from "@pulumi/pulumi";

/** By which a bill is split, and found what nobody's state has any more; on whatever AWS makes for a stack, nodes and their disks too. */
export function stackTags() {
  return { Project: pulumi.getProject(), Stack: pulumi.getStack(), ManagedBy: "pulumi" };
}
