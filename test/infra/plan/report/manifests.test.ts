import { readManifests } from "../../../../infra/plan/report/manifests";
import { filesFrom } from "./fixtures/input";

describe("dist, read back", () => {
  it("is one file a chart, in the order of their names, with every document but empty ones", () => {
    const object = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;
    const files = filesFrom({
      "b.k8s.yaml": object("b"),
      "a.k8s.yaml": `${object("a")}---\n---\n${object("c")}`,
      "x.yaml": "",
    });
    expect(files.map(({ name, objects }) => [name, objects.map(({ metadata }) => metadata.name)])).toEqual([
      ["a.k8s.yaml", ["a", "c"]],
      ["b.k8s.yaml", ["b"]],
    ]);
  });

  it("never shows what a Secret holds, should one be there", () => {
    const secret =
      "apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { a: aHVudGVyMg== }\nstringData: { b: hunter2 }\n";
    const [object] = filesFrom({ "a.k8s.yaml": secret })[0]!.objects;
    expect(object).toMatchObject({ data: { a: "[secret]" }, stringData: { b: "[secret]" } });
  });

  it("names every file that can't be shown, without its content", () => {
    const bad = { "a.k8s.yaml": "a: [", "b.k8s.yaml": "apiVersion: v1\nkind: Secrte\ndata: { a: hunter2 }\n" };
    expect(() => filesFrom(bad)).toThrow(
      /REPORT_MANIFEST_YAML .*a\.k8s\.yaml: .*\nREPORT_MANIFEST_OBJECT .*b\.k8s\.yaml: /,
    );
    expect(() => filesFrom(bad)).not.toThrow(/hunter2/);
  });

  it("asks for synth where there is nothing", () => {
    expect(() => readManifests("no/such/folder")).toThrow(/REPORT_NO_MANIFESTS no\/such\/folder: .*npm run synth/);
  });
});
