import { startCluster } from "./index";
import { describeWithCluster } from "./describe";
import type { KubeObject } from "./client";

const configMap = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "default", name },
  data: { a: "1" },
});
const NAMESPACE: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "visitor" } };

describeWithCluster("a cluster named by KUBECONFIG_UNDER_TEST", { own: true, nodes: 0 }, (host) => {
  afterEach(() => {
    delete process.env.KUBECONFIG_UNDER_TEST;
  });

  it("is used as it is, and gets back what it had", async () => {
    await host().apply([configMap("old")]);
    process.env.KUBECONFIG_UNDER_TEST = host().kubeconfig;

    const visitor = await startCluster({ nodes: 5 });
    expect(visitor).toMatchObject({ external: true, kubeconfig: host().kubeconfig });
    const applied = await visitor.apply([configMap("old"), configMap("new"), NAMESPACE]);
    expect(applied.map(({ outcome }) => outcome)).toEqual(["created", "unchanged", "created"]);
    await visitor.client.create(configMap("created"));
    await visitor.stop();

    const { client } = host();
    expect(await client.list("v1", "Node")).toEqual([]);
    expect(await client.find(configMap("old"))).toBeDefined();
    for (const gone of [configMap("new"), configMap("created"), NAMESPACE]) {
      expect(await client.find(gone)).toBeUndefined();
    }
  });

  it("is told by its path when it can't be read", async () => {
    process.env.KUBECONFIG_UNDER_TEST = "/nowhere/kubeconfig";
    await expect(startCluster()).rejects.toThrow(/KUBECONFIG_UNDER_TEST: got "\/nowhere\/kubeconfig"/);
  });
});
