import { parse } from "yaml";
import { crdFilesOf } from "../../../constructs/imports/generator/crd-files";
import { complaintsOf, folderOf } from "./support";

const crd = (name: string, more = "") => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${name}, creationTimestamp: null }
spec: { group: example.org, conversion: { strategy: "on" } }
status: { conditions: [] }
${more}`;

const SOURCE = {
  module: "example.org/operator",
  version: "v1.2.3",
  files: ["config/crd/*.yaml"],
  crds: ["looms.example.org"],
};

describe("the CRDs of a project", () => {
  it("are the ones in use, whichever of its files and documents they stand in", () => {
    const folder = folderOf({
      "config/crd/all.yaml": `${crd("spools.example.org")}---\nkind: ConfigMap\n---${crd("looms.example.org")}`,
      "config/crd/kustomization.yml": "not a CRD, and not of that ending",
    });
    expect([...crdFilesOf(SOURCE, folder).keys()]).toEqual(["looms.example.org"]);
  });

  it("name their release, and hold what their author wrote, less what the cluster writes", () => {
    const folder = folderOf({ "config/crd/looms.yaml": crd("looms.example.org") });
    const text = crdFilesOf(SOURCE, folder).get("looms.example.org") ?? "";
    expect(text).toMatch(/^# looms\.example\.org of example\.org\/operator v1\.2\.3\. /);
    expect(parse(text)).toEqual({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "looms.example.org" },
      spec: { group: "example.org", conversion: { strategy: "on" } },
    });
    // Kubernetes reads YAML 1.1, where `on` without quotes is a boolean.
    expect(text).toContain('strategy: "on"');
  });

  it("are refused when a file is not there, and one is defined never or twice", () => {
    const folder = folderOf({
      "config/crd/a.yaml": crd("looms.example.org"),
      "config/crd/b.yaml": crd("looms.example.org"),
    });
    expect(
      complaintsOf(() => crdFilesOf({ ...SOURCE, files: ["deploy/*.yaml", "config/crd/c*.yaml"] }, folder)),
    ).toEqual([
      ["IMPORTS_NO_FILE", "deploy/*.yaml"],
      ["IMPORTS_NO_FILE", "config/crd/c*.yaml"],
    ]);
    expect(
      complaintsOf(() => crdFilesOf({ ...SOURCE, crds: ["looms.example.org", "warps.example.org"] }, folder)),
    ).toEqual([
      ["IMPORTS_CRD_COUNT", "looms.example.org"],
      ["IMPORTS_CRD_COUNT", "warps.example.org"],
    ]);
  });
});
