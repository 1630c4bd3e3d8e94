import { CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import type { Plan } from "../../../infra/plan/model";
import { planStack } from "../../../infra/plan/plan";

let plan: Plan;
beforeAll(async () => {
  plan = await planStack("staging");
});

const find = (type: string, name: string) =>
  plan.resources.find((one) => one.type.endsWith(`:${type}`) && one.name === name)!;

describe("Add-ons with rights in the clones' namespaces", () => {
  it.each([
    ["[PLAT-04] KEDA", "keda-release", CLONE_SERVICE_NAMESPACE],
    ["[KRO-07] ACK", "ack-rds-release", CLONE_NAMESPACES.production],
  ])(
    "%s: its chart puts a role into the namespace that it watches, which is there before",
    (_title, name, namespace) => {
      const { inputs, dependsOn } = find("Release", name);
      expect((inputs.values as any).watchNamespace).toBe(namespace);
      expect(dependsOn).toContain(find("Namespace", namespace).urn);
    },
  );

  it.each([
    ["ResourceGraphDefinition", "wordpress-clone", "ack-rds-release"],
    ["ScaledObject", "clones/clone-worker", "keda-release"],
  ])("come before a %s, which needs their kinds", (type, name, release) => {
    const byUrn = new Map(plan.resources.map((one) => [one.urn, one]));
    const before = new Set<string>();
    const visit = (urn: string) => {
      if (before.has(urn)) return;
      before.add(urn);
      byUrn.get(urn)?.dependsOn.forEach(visit);
    };
    find(type, name).dependsOn.forEach(visit);
    expect(before).toContain(find("Release", release).urn);
  });
});
