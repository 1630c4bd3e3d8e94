import { mustFail } from "./describe";
import { ClusterUnavailableError } from "./errors";

const problem = { code: "CLUSTER_GO_MISSING", path: "go", value: "none", reason: "a reason", remedy: "Install it" };

describe("a suite whose cluster can't be had", () => {
  it("fails in CI if what's missing could have been installed", () => {
    expect(mustFail(new ClusterUnavailableError(problem, true), { CI: "true" })).toBe(true);
  });

  it("is skipped by a developer's machine, and in CI if nobody could install it", () => {
    expect(mustFail(new ClusterUnavailableError(problem, true), {})).toBe(false);
    expect(mustFail(new ClusterUnavailableError(problem, false), { CI: "true" })).toBe(false);
  });

  it("says code and remedy", () => {
    expect(new ClusterUnavailableError(problem, true)).toMatchObject({
      code: "CLUSTER_GO_MISSING",
      remedy: "Install it",
      message: 'CLUSTER_GO_MISSING go: got "none"; a reason. Install it.',
    });
  });
});
