import { CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { describeWithCluster, eventually, KubeObject } from "../../cluster";
import { synthesizeClones } from "../../support/clone-charts";

const NAMESPACES = [...Object.values(CLONE_NAMESPACES), CLONE_SERVICE_NAMESPACE];
const KINDS = ["Namespace", "ResourceQuota", "LimitRange"];

function pod(namespace: string, name: string, requests?: object, spec: object = {}): KubeObject {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "main",
          image: "example/pod:1",
          securityContext,
          resources: requests && { requests, limits: requests },
        },
      ],
      ...spec,
    },
  };
}

describeWithCluster("[PLAT-09] A namespace of clones", { nodes: 0 }, (cluster) => {
  const client = () => cluster().client;
  const quotaOf = (namespace: string) =>
    client().get({ apiVersion: "v1", kind: "ResourceQuota", metadata: { namespace, name: "namespace-quota" } });

  beforeAll(async () => {
    await cluster().apply(synthesizeClones().objects.filter(({ kind }) => KINDS.includes(kind)));
    for (const namespace of NAMESPACES) {
      const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name: "default" } };
      await eventually(async () => (await quotaOf(namespace)).status?.used, { what: `quota of ${namespace}` });
      await eventually(() => client().find(account), { what: `account of ${namespace}` });
    }
  });

  describe.each(NAMESPACES)("%s", (namespace) => {
    it("has the documents' quota: 100 CPU, 200Gi, 150 pods", async () => {
      expect((await quotaOf(namespace)).spec.hard).toMatchObject({
        "requests.cpu": "100",
        "requests.memory": "200Gi",
        pods: "150",
      });
    });

    it("refuses the pod that would pass 100 CPU, and the one that would pass 200Gi", async () => {
      await client().create(pod(namespace, "large", { cpu: "99", memory: "199Gi" }));
      await expect(client().create(pod(namespace, "cpu", { cpu: "1100m", memory: "1Mi" }))).rejects.toThrow(
        /exceeded quota: namespace-quota, requested: requests\.cpu=1100m, used: requests\.cpu=99, limited: requests\.cpu=100/,
      );
      await expect(client().create(pod(namespace, "memory", { cpu: "1m", memory: "2Gi" }))).rejects.toThrow(
        /exceeded quota: namespace-quota, requested: requests\.memory=2Gi, used: requests\.memory=199Gi/,
      );
      await client().create(pod(namespace, "fits", { cpu: "1", memory: "1Gi" }));
      for (const name of ["large", "fits"]) await client().delete(pod(namespace, name));
      await eventually(async () => (await quotaOf(namespace)).status.used.pods === "0", { what: "an empty namespace" });
    });

    it("refuses pods that aren't restricted, and Services that go around the Ingress", async () => {
      await expect(
        client().create(pod(namespace, "host", { cpu: "1m", memory: "1Mi" }, { hostNetwork: true })),
      ).rejects.toThrow(/violates PodSecurity "restricted:latest".*hostNetwork/s);
      for (const type of ["LoadBalancer", "NodePort"]) {
        const service = { apiVersion: "v1", kind: "Service", metadata: { namespace, name: "around" } };
        await expect(client().create({ ...service, spec: { type, ports: [{ port: 80 }] } })).rejects.toThrow(
          /exceeded quota/,
        );
      }
    });

    it("gives a container that asks for nothing a modest share", async () => {
      const { spec } = await client().create(pod(namespace, "modest"));
      expect(spec.containers[0].resources).toEqual({
        requests: { cpu: "50m", memory: "64Mi" },
        limits: { cpu: "500m", memory: "512Mi" },
      });
      await client().delete(pod(namespace, "modest"));
    });
  });

  it("refuses the 151st pod", async () => {
    const namespace = CLONE_NAMESPACES.staging;
    await eventually(async () => (await quotaOf(namespace)).status.used.pods === "0", { what: "an empty namespace" });
    const names = Array.from({ length: 150 }, (_, index) => `pod-${index}`);
    for (const name of names) await client().create(pod(namespace, name, { cpu: "10m", memory: "16Mi" }));
    await expect(client().create(pod(namespace, "one-more", { cpu: "10m", memory: "16Mi" }))).rejects.toThrow(
      /exceeded quota: namespace-quota, requested: pods=1, used: pods=150, limited: pods=150/,
    );
  });

  it.each(Object.values(CLONE_NAMESPACES))("lets no volume claim outlive a clone in %s", async (namespace) => {
    const claim: KubeObject = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { namespace, name: "claim" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    await expect(client().create(claim)).rejects.toThrow(/exceeded quota.*persistentvolumeclaims=0/);
  });
});
