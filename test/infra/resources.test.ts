import { STACKS } from "../../constructs/settings";
import { planStack } from "../../infra/plan/plan";
import { expectedFacts, factsOf, PlanFacts } from "../support/plan-facts";

describe.each(STACKS)("The whole program of %s in AWS", (stack) => {
  let facts: PlanFacts;
  const expected = expectedFacts(stack);
  beforeAll(async () => void (facts = factsOf(await planStack(stack))));

  it("[PLAT-10] makes what test/infra/resources.yaml lists, each below its component, and nothing else", () => {
    expect(facts.children).toEqual(expected.children);
  });

  it("[PLAT-10] waits for what is listed, beside what inputs come from", () => {
    expect(facts.after).toEqual(expected.after);
  });

  it("[PLAT-07] gives each role the listed statements and policies of AWS, and no other", () => {
    expect(facts.rights).toEqual(expected.rights);
  });

  it("[PLAT-07] guards buckets, keys, queues and file systems by the listed statements", () => {
    expect(facts.guards).toEqual(expected.guards);
  });

  it("[PLAT-01] has the listed subnets, and lets through what is listed alone", () => {
    expect(facts.subnets).toEqual(expected.subnets);
    expect(facts.rules).toEqual(expected.rules);
  });

  it("[PLAT-10] gives what is listed more tags than those of project and stack", () => {
    expect(facts.tags).toEqual(expected.tags);
  });
});
