/**
 * Who reaches whom in a whole stack, connection by connection: what the NetworkPolicies of dist mean, against the table that follows
 * from the requirements. Whatever the table doesn't name is refused.
 */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { STACKS } from "../../constructs/settings";
import { policySetOf } from "../../infra/plan/report/network/network";
import { portText } from "../../infra/plan/report/network/ports";
import { Party, PolicySet, verdict } from "../../infra/plan/report/network/rules";
import { readManifestsBelow } from "./documents";
import { ADDRESSES, admitted, IMPOSTORS, ourPods, PEER_PODS } from "./reachability";

const DIST = join(__dirname, "..", "..", "dist");

describe.each(STACKS)("[LOOM-12] who reaches whom in dist/%s", (stack) => {
  const objects = readManifestsBelow(join(DIST, stack));
  const policies = policySetOf(objects);
  const ours = ourPods(objects);
  const everybody: Record<string, Party> = { ...ours, ...PEER_PODS, ...IMPOSTORS, ...ADDRESSES };
  const expected = admitted(ours);

  const pairs = Object.entries(everybody).flatMap(([from, source]) =>
    Object.entries(everybody)
      // Between two ends outside of our namespaces, their policies have nothing to say.
      .filter(([end]) => from !== end && (from in ours || end in ours))
      .map(([end, target]) => ({ name: `${from} → ${end}`, source, target })),
  );
  const openBy = (set: PolicySet) => {
    const open = pairs.map(({ name, source, target }) => [name, portText(verdict(set, source, target).ports)] as const);
    return Object.fromEntries(open.filter(([, ports]) => ports !== ""));
  };

  it("is what the table says, and nothing else", () => {
    expect(openBy(policies)).toEqual(expected);
    expect(pairs.length).toBeGreaterThan(1000);
  });

  it("is held by a policy for both directions, whoever the pod is", () => {
    const free = Object.entries(ours).filter(([, one]) => {
      const { egress } = verdict(policies, one, { address: "203.0.113.7" });
      const { ingress } = verdict(policies, { address: "203.0.113.7" }, one);
      return !egress.isolated || !ingress.isolated;
    });
    expect(free.map(([name]) => name)).toEqual([]);
  });

  it("needs every policy: without any one of them a connection opens or closes", () => {
    const idle = policies.policies.filter((policy) => {
      const others = policies.policies.filter((other) => other !== policy);
      return isDeepStrictEqual(openBy({ ...policies, policies: others }), expected);
    });
    expect(idle.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([]);
  });
});
