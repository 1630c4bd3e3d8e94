import { join } from "node:path";
import { BUFFER_INSTANCES, InstanceType, readSettings, STACKS } from "../../../constructs/settings";
import { readDist } from "../../../infra/dist";
import { allocatableOf, bufferCapacity, cloneSize } from "../../../infra/karpenter/buffer-capacity";

const ROOT = join(__dirname, "../../..");

describe("[PLAT-03] How many clones fit into the buffer", () => {
  // Karpenter's reference of instance types (v1.14, website/content/en/v1.14/reference/instance-types.md): pods, cpu, memory.
  it.each<[keyof typeof BUFFER_INSTANCES, number, number, number]>([
    ["t2.small", 11, 940, 1418],
    ["t3.medium", 17, 1930, 3246],
    ["t3.large", 35, 1930, 6837],
    ["t3.xlarge", 58, 3920, 14_162],
    ["t3.2xlarge", 58, 7910, 29_317],
    ["t3a.xlarge", 58, 3920, 14_162],
    ["t3a.2xlarge", 58, 7910, 29_317],
    ["m7i-flex.large", 29, 1930, 6903],
    ["m7i-flex.xlarge", 58, 3920, 14_162],
    ["m7i-flex.2xlarge", 58, 7910, 29_317],
    ["c7i-flex.xlarge", 58, 3920, 6584],
    ["c7i-flex.2xlarge", 58, 7910, 14_162],
  ])("begins with what pods can have of %s, as Karpenter's reference has it", (name, pods, cpu, memory) => {
    const type: InstanceType = BUFFER_INSTANCES[name];
    expect(allocatableOf(type, pods)).toEqual({ cpu, memory });
    if (type.mostPods !== undefined) expect(type.mostPods).toBe(pods);
  });

  const clone = { cpu: 500, memory: 512 };

  it.each<[keyof typeof BUFFER_INSTANCES, number, number]>([
    ["t2.small", 2, 2],
    ["t3.medium", 2, 6],
    ["t3.xlarge", 3, 21],
    ["t3.2xlarge", 2, 30],
  ])("%s, %d of them: %d", (instanceType, nodes, clones) => {
    expect(bufferCapacity({ instanceType, nodes, clone }).clones).toBe(clones);
  });

  it("is bounded by whatever runs out first: CPU, memory, or pods", () => {
    const fit = (size: { cpu: number; memory: number }) =>
      bufferCapacity({ instanceType: "t3.xlarge", nodes: 1, clone: size }).clonesPerNode;
    expect(fit({ cpu: 3620, memory: 1 })).toBe(1);
    expect(fit({ cpu: 3621, memory: 1 })).toBe(0);
    expect(fit({ cpu: 1, memory: 6877 })).toBe(2);
    expect(fit({ cpu: 1, memory: 1 })).toBe(58 - 7);
  });

  it.each(STACKS)("takes the size of a clone from what %s applies", (stack) => {
    const manifests = readDist(stack, readSettings(stack, ROOT), ROOT);
    expect(cloneSize(manifests, "shared")).toEqual({ cpu: 500, memory: 512 });
    expect(cloneSize(manifests, "sidecar")).toEqual({ cpu: 750, memory: 1024 });
    expect(cloneSize([], "shared")).toBeUndefined();
  });

  it("is at least the documents' twenty in production", () => {
    const { nodes, instanceType } = readSettings("production", ROOT).aws.karpenter.buffer;
    expect(bufferCapacity({ nodes, instanceType, clone }).clones).toBeGreaterThanOrEqual(20);
  });
});
