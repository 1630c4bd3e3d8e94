import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustFail, whyNotOn, whyUnavailable } from "./describe";
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

  it("says that no cluster runs on Windows, which even CI forgives", () => {
    expect(whyNotOn("win32")).toMatchObject({ code: "CLUSTER_PLATFORM", installable: false });
    expect([whyNotOn("linux"), whyNotOn("darwin")]).toEqual([undefined, undefined]);
  });

  it("says code and remedy", () => {
    expect(new ClusterUnavailableError(problem, true)).toMatchObject({
      code: "CLUSTER_GO_MISSING",
      remedy: "Install it",
      message: 'CLUSTER_GO_MISSING go: got "none"; a reason. Install it.',
    });
  });
});

describe("a machine without Go and without anything built", () => {
  const before = { ...process.env };
  let empty: string;

  beforeAll(() => {
    empty = mkdtempSync(join(tmpdir(), "loomworks-empty-"));
    process.env.XDG_CACHE_HOME = empty;
    delete process.env.KUBEBUILDER_ASSETS;
  });
  afterAll(() => {
    process.env = before;
    rmSync(empty, { recursive: true });
  });

  it("can't have a cluster, and is told what it lacks", () => {
    // A folder with openssl and nothing else: the certificates are not what fails.
    symlinkSync(openssl(before.PATH ?? ""), join(empty, "openssl"));
    process.env.PATH = empty;
    const reason = whyUnavailable({ controllers: ["kro"] });
    expect(reason).toMatchObject({ code: "CLUSTER_GO_MISSING", installable: true });
    expect(reason?.message).toMatch(/etcd 3\.6\.5, .*kro 0\.9\.4 must be built, which needs Go 1\.26/);
  });

  it("is told first of openssl when that is missing too", () => {
    process.env.PATH = join(empty, "nothing");
    expect(whyUnavailable({})).toMatchObject({ code: "CLUSTER_OPENSSL_MISSING", remedy: "Install OpenSSL's command" });
  });
});

function openssl(path: string): string {
  const found = path
    .split(":")
    .map((folder) => join(folder, "openssl"))
    .find((file) => existsSync(file));
  return found ?? "openssl";
}
