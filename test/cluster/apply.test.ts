import { inOrder, nameOf, objectsOf } from "./apply";
import type { KubeObject } from "./client";

const object = (kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

describe("manifests", () => {
  it("are the documents of a YAML text, without empty ones, and the items of lists", () => {
    const text = `---\nkind: A\n---\n# nothing\n---\nkind: List\nitems: [{ kind: B }, { kind: C }]\n`;
    expect(objectsOf(text).map(({ kind }) => kind)).toEqual(["A", "B", "C"]);
  });

  it("are refused when a key is given twice", () => {
    expect(() => objectsOf("kind: A\nkind: B\n")).toThrow(/unique/);
  });

  it("are applied with namespaces and CRDs first, and otherwise in the order given", () => {
    const given = [object("Service", "s"), object("CustomResourceDefinition", "c"), object("Deployment", "d")];
    const kinds = inOrder([...given, object("Namespace", "n")]).map(({ kind }) => kind);
    expect(kinds).toEqual(["Namespace", "CustomResourceDefinition", "Service", "Deployment"]);
  });

  it("are called by version, kind, namespace and name", () => {
    expect(nameOf(object("Service", "web", "shop"))).toBe("v1 Service shop/web");
    expect(nameOf(object("Node", "node-0"))).toBe("v1 Node node-0");
  });
});
