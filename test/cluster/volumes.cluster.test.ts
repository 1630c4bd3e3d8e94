import type { KubeObject } from "./client";
import { describeWithCluster, eventually, readyPods } from "./index";

function storageClass(name: string, provisioner: string, volumeBindingMode: string): KubeObject {
  return { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name }, provisioner, volumeBindingMode };
}

function claim(name: string, storageClassName: string, accessMode: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace: "default", name },
    spec: { storageClassName, accessModes: [accessMode], resources: { requests: { storage: "5Gi" } } },
  };
}

describeWithCluster("volumes of a test cluster", { own: true, nodes: 3 }, (cluster) => {
  beforeAll(async () => {
    await cluster().apply([
      storageClass("gp3", "ebs.csi.aws.com", "WaitForFirstConsumer"),
      storageClass("efs", "efs.csi.aws.com", "Immediate"),
      storageClass("by-hand", "kubernetes.io/no-provisioner", "Immediate"),
    ]);
  });

  const phaseOf = async (one: KubeObject) => (await cluster().client.get(one)).status.phase;

  it("bind at once to a claim of a class that binds at once", async () => {
    const shared = claim("shared", "efs", "ReadWriteMany");
    await cluster().apply([shared]);
    await eventually(async () => (await phaseOf(shared)) === "Bound", { what: "a bound claim" });
    const { spec } = await cluster().client.get(shared);
    const volume = { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: spec.volumeName } };
    expect((await cluster().client.get(volume)).spec).toMatchObject({
      capacity: { storage: "5Gi" },
      persistentVolumeReclaimPolicy: "Retain",
    });
  });

  it("of a StatefulSet wait for its pods, and live in their zones", async () => {
    await cluster().apply([statefulSet("db", 3)]);
    const pods = await eventually(
      async () => {
        const found = await readyPods(cluster().client, "default", "app=db");
        return found.length === 3 && found;
      },
      { what: "3 ready pods with volumes" },
    );
    const volumes = await cluster().client.list("v1", "PersistentVolume");
    for (const pod of pods) {
      const node = { apiVersion: "v1", kind: "Node", metadata: { name: pod.spec.nodeName } };
      const zone = (await cluster().client.get(node)).metadata.labels?.["topology.kubernetes.io/zone"];
      const volume = volumes.find(({ spec }) => spec.claimRef.name === `data-${pod.metadata.name}`);
      const [term] = volume?.spec.nodeAffinity.required.nodeSelectorTerms ?? [];
      expect(term.matchExpressions[0].values).toEqual([zone]);
    }
  });

  it("stay away from claims that nobody uses yet, and from classes that a person serves", async () => {
    const unused = claim("unused", "gp3", "ReadWriteOnce");
    const byHand = claim("by-hand", "by-hand", "ReadWriteOnce");
    const later = claim("later", "efs", "ReadWriteMany");
    await cluster().apply([unused, byHand, later]);
    await eventually(async () => (await phaseOf(later)) === "Bound", { what: "a claim made after them, bound" });
    expect([await phaseOf(unused), await phaseOf(byHand)]).toEqual(["Pending", "Pending"]);
  });
});

function statefulSet(name: string, replicas: number): KubeObject {
  const { spec } = claim("data", "gp3", "ReadWriteOnce");
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { namespace: "default", name },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: "main", image: "example/db:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec }],
    },
  };
}
