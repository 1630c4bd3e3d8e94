import { whyNoRealNode } from "./prerequisites";

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
});
