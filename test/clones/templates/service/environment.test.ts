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
});
