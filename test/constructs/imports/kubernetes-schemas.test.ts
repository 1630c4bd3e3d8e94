import { kubernetesEnumsOf } from "../../../constructs/imports/generator/kubernetes-enums";
import { kubernetesSchemasOf, renderSchemas } from "../../../constructs/imports/generator/kubernetes-schemas";
import { complaintsOf, folderOf } from "./support";

const LOOM = { group: "weaving.example.org", version: "v1", kind: "Loom" };
const OPENAPI = {
  paths: {
    "/apis/weaving.example.org/v1/namespaces/{namespace}/looms": { post: { "x-kubernetes-group-version-kind": LOOM } },
  },
  components: {
    schemas: {
      "io.k8s.api.weaving.v1.Loom": {
        description: "A loom.",
        properties: {
          // A property of that name is not a description.
          description: { type: "string" },
          spec: { $ref: "#/components/schemas/io.k8s.api.weaving.v1.LoomSpec" },
          status: { $ref: "#/components/schemas/io.k8s.api.weaving.v1.LoomStatus" },
        },
        "x-kubernetes-group-version-kind": [LOOM],
      },
      "io.k8s.api.weaving.v1.LoomSpec": {
        properties: { weave: { type: "string" }, colours: { type: "array", items: { type: "string" } } },
      },
      "io.k8s.api.weaving.v1.LoomStatus": { type: "object" },
    },
  },
};
const tabs = (count: number) => "\t".repeat(count);
const CODE = [
  "func schema_k8sio_api_weaving_v1_LoomSpec(ref common.ReferenceCallback) common.OpenAPIDefinition {",
  `${tabs(5)}"weave": {`,
  `${tabs(7)}Enum:        []interface{}{"plain", "twill"},`,
  `${tabs(5)}"colours": {`,
  `${tabs(7)}Items: &spec.SchemaOrArray{`,
  `${tabs(10)}Enum:   []interface{}{"red"},`,
  "func schema_kubelet_config_v1_Other(ref common.ReferenceCallback) common.OpenAPIDefinition {",
  `${tabs(5)}"weave": {`,
  `${tabs(7)}Enum:        []interface{}{"satin"},`,
].join("\n");

const release = () =>
  folderOf({
    "api/openapi-spec/v3/apis__weaving.example.org__v1_openapi.json": JSON.stringify(OPENAPI),
    "pkg/generated/openapi/zz_generated.openapi.go": CODE,
  });

describe("the schemas of a Kubernetes release", () => {
  const schemas = () => kubernetesSchemasOf(release(), "v1.0.0", ["weaving.example.org/v1/Loom"]);

  it("are the kinds in use and what they refer to, without descriptions and status", () => {
    const { kinds, definitions } = schemas();
    expect(kinds).toEqual({
      "weaving.example.org/v1/Loom": { definition: "io.k8s.api.weaving.v1.Loom", namespaced: true },
    });
    expect(Object.keys(definitions)).toEqual(["io.k8s.api.weaving.v1.Loom", "io.k8s.api.weaving.v1.LoomSpec"]);
    expect(Object.keys(definitions["io.k8s.api.weaving.v1.Loom"]?.properties as object)).toEqual([
      "description",
      "spec",
    ]);
  });

  it("have the enumerations that a server publishes, those of a list at its items", () => {
    expect(schemas().definitions["io.k8s.api.weaving.v1.LoomSpec"]?.properties).toEqual({
      weave: { type: "string", enum: ["plain", "twill"] },
      colours: { type: "array", items: { type: "string", enum: ["red"] } },
    });
  });

  it("leave out enumerations of what is no API of Kubernetes", () => {
    expect(kubernetesEnumsOf(CODE).map(({ values }) => values[0])).toEqual(["plain", "red"]);
  });

  it("are rendered as one document with a line a definition", () => {
    const text = renderSchemas(schemas());
    expect(JSON.parse(text)).toMatchObject(schemas());
    expect(text.match(/^"io\.k8s\.api/gm)).toHaveLength(2);
  });

  it("are refused for a kind that the release hasn't, group or kind", () => {
    const kinds = ["weaving.example.org/v1/Spool", "weaving.example.org/v1beta1/Loom"];
    expect(complaintsOf(() => kubernetesSchemasOf(release(), "v1.0.0", kinds))).toEqual(
      kinds.map((kind) => ["IMPORTS_NO_KIND", kind]),
    );
  });
});
