import { kubeApiserver } from "../programs/kube-apiserver";
import { kwok } from "../programs/kwok";
import { goBuildArgs, goModText, isGoRecentEnough } from "./go-module";

describe("a build's go.mod", () => {
  it("requires one module, and replaces none unless it must", () => {
    expect(goModText(kwok.source)).toBe("module loomworks.test/build\ngo 1.26.0\nrequire sigs.k8s.io/kwok v0.8.0\n");
  });

  it("replaces each of Kubernetes' staging modules by its publication of the same patch", () => {
    const lines = goModText(kubeApiserver.source).split("\n");
    expect(lines).toContain("require k8s.io/kubernetes v1.36.3");
    expect(lines).toContain("replace k8s.io/client-go => k8s.io/client-go v0.36.3");
    expect(lines.filter((line) => line.startsWith("replace "))).toHaveLength(31);
  });

  it("takes a copy of the module where files had to be added to it", () => {
    const lines = goModText(kwok.source, true).split("\n");
    expect(lines).toContain("replace sigs.k8s.io/kwok => ./completed");
  });

  it("has the linker tell Kubernetes its version", () => {
    const args = goBuildArgs(kubeApiserver.source, "out");
    expect(args.join(" ")).toContain("-X k8s.io/component-base/version.gitVersion=v1.36.3");
    expect(args.slice(-3)).toEqual(["-o", "out", "k8s.io/kubernetes/cmd/kube-apiserver"]);
  });
});

describe("a Go that is recent enough", () => {
  it.each(["go version go1.26.0 linux/amd64", "go version go1.26.8 darwin/arm64", "go version go1.27 linux/amd64"])(
    "is %s",
    (printed) => expect(isGoRecentEnough(printed)).toBe(true),
  );

  it.each(["go version go1.25.9 linux/amd64", "go version go1.9 linux/amd64", "no go on PATH", ""])(
    "is not %j",
    (printed) => expect(isGoRecentEnough(printed)).toBe(false),
  );
});
