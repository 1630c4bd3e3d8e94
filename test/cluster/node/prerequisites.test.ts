import { whyNoNode, whyNoPolicyEngine, whyNoRealNode } from "./prerequisites";

describe("a machine that can be no node", () => {
  it.each([
    ["is no Linux", "darwin", 0],
    ["doesn't make us root", "linux", 1000],
    ["has no users", "win32", undefined],
  ] as const)("says so where it %s, which nobody could install", (_, platform, user) => {
    expect(whyNoRealNode(platform, user)).toMatchObject({ code: "CLUSTER_NODE_ROOT", installable: false });
  });

  it("names the packages that it lacks, which CI could have installed", () => {
    const before = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      const why = whyNoRealNode("linux", 0);
      expect(why).toMatchObject({ code: "CLUSTER_NODE_TOOLS", installable: true });
      expect(why?.message).toMatch(
        /"unshare","nsenter","ip","iptables","conntrack".*util-linux, iproute2, iptables, conntrack/,
      );
    } finally {
      process.env.PATH = before;
    }
  });

  it("names the engine that would enforce policies, which CI can't have, and asks no fake node for it", () => {
    const before = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      expect(whyNoPolicyEngine()).toMatchObject({ code: "CLUSTER_NODE_POLICIES", installable: false });
      expect(whyNoNode({ nodes: 3, enforcePolicies: true })).toBeUndefined();
    } finally {
      process.env.PATH = before;
    }
  });
});
