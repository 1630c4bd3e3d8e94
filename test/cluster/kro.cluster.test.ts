import { describeWithCluster, eventually } from "./index";
import type { KubeObject } from "./client";

const GRAPH: KubeObject = {
  apiVersion: "kro.run/v1alpha1",
  kind: "ResourceGraphDefinition",
  metadata: { name: "greeting" },
  spec: {
    schema: { apiVersion: "v1alpha1", kind: "Greeting", spec: { text: "string" } },
    resources: [
      {
        id: "greeting",
        template: {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "${schema.metadata.name}" },
          data: { text: "${schema.spec.text}" },
        },
      },
    ],
  },
};
const instance = (text: string): KubeObject => ({
  apiVersion: "kro.run/v1alpha1",
  kind: "Greeting",
  metadata: { namespace: "default", name: "hello" },
  spec: { text },
});

describeWithCluster("a cluster with KRO", { own: true, nodes: 0, controllers: ["kro"] }, (cluster) => {
  it("makes an API of a graph and reconciles its instances", async () => {
    const made = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name: "hello" } };
    const text = async () => (await cluster().client.find(made))?.data.text;
    const isActive = async () => (await cluster().client.get(GRAPH)).status?.state === "Active";

    await cluster().apply([GRAPH]);
    await eventually(isActive, { what: "an active graph" });
    await cluster().apply([instance("good day")]);
    await eventually(async () => (await text()) === "good day", { what: "the ConfigMap of the instance" });

    await cluster().client.delete(made);
    await eventually(async () => (await text()) === "good day", { what: "the ConfigMap again, after its deletion" });
  });
});
