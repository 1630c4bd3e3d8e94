import { STACKS } from "../../constructs/settings";
import { PlanMonitor } from "../../infra/plan/monitor";
import { planStack } from "../../infra/plan/plan";
import { REPOSITORY } from "../support/pulumi-project";

describe("Components", () => {
  it.each(STACKS)("of %s are of this program's own types, finished, and hold something", async (stack) => {
    const finished: string[] = [];
    const spy = jest.spyOn(PlanMonitor.prototype, "registerResourceOutputs");
    spy.mockImplementation((request, answer) => {
      finished.push(request.getUrn());
      answer(null, {});
    });
    const { resources } = await planStack(stack, REPOSITORY, "local");
    spy.mockRestore();

    const components = resources.filter(({ custom, parent }) => !custom && parent !== undefined);
    expect(components.length).toBeGreaterThan(5);
    for (const { urn, type } of components) {
      expect(type).toMatch(/^loomworks:[a-z]+:[A-Z][A-Za-z]+$/);
      expect(finished).toContain(urn);
      expect(resources.filter(({ parent }) => parent === urn)).not.toEqual([]);
    }
  });

  it.each(STACKS)("of %s give each of their children a name that no other resource of its type has", async (stack) => {
    const { resources } = await planStack(stack, REPOSITORY, "local");
    const names = resources.map(({ type, name }) => `${type} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
