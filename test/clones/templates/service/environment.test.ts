import { synthesizeClones } from "../../../support/clone-charts";

describe("what the service's processes are told", () => {
  it.each([
    ["clone-worker", "false"],
    ["clone-worker", "true"],
    ["clone-warm-pool", "false"],
    ["clone-warm-pool", "true"],
  ])("[WARM-05] has %s give warm pods back where they are used again: %s", (name, value) => {
    const { spec } = synthesizeClones({ service: { warmPool: { reuse: value === "true" } } }).find("Deployment", name);
    expect(spec.template.spec.containers[0].env).toContainEqual({ name: "WARM_POOL_REUSE", value });
  });

  it("[KRO-10] has workers route clones as the stack says", () => {
    const settings = { routing: "path", albGroups: 3, clonesPerAlbGroup: 60 } as const;
    const { spec } = synthesizeClones(settings).find("Deployment", "clone-worker");
    expect(spec.template.spec.containers[0].env).toEqual(
      expect.arrayContaining([
        { name: "CLONE_ROUTING", value: "path" },
        { name: "CLONE_ALB_GROUPS", value: "3" },
        { name: "CLONES_PER_ALB_GROUP", value: "60" },
      ]),
    );
  });
});
