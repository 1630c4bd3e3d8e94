import { overcommit } from "./overcommit";

describe("The cap on CPU requests", () => {
  const [policy, binding] = overcommit(["clones", "loomworks"]);

  it("is for new pods of the named namespaces alone", () => {
    const { resourceRules, namespaceSelector } = policy!.spec.matchConstraints;
    expect(resourceRules).toEqual([
      { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
    ]);
    expect(namespaceSelector.matchExpressions[0].values).toEqual(["clones", "loomworks"]);
    expect(binding!.spec.policyName).toBe(policy!.metadata.name);
  });

  it("changes requests, and no limit", () => {
    const { expression } = policy!.spec.mutations[0].jsonPatch;
    expect(expression).toContain('"/spec/containers/" + string(index) + "/resources/requests/cpu"');
    expect(expression).toContain('"/spec/initContainers/" + string(index) + "/resources/requests/cpu"');
    expect(expression).not.toContain("limits");
  });
});
