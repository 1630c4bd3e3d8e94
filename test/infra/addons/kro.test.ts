import * as k8s from "@pulumi/kubernetes";
import { CHARTS, CRDS } from "../../../constructs/versions";
import { createKro } from "../../../infra/clones";
import { clonesSettings } from "../../support/clone-charts";
import { register, Registration } from "../../support/pulumi-mocks";

async function installed(kro: object): Promise<Registration[]> {
  return await register(() => {
    const providers = { kubernetes: new k8s.Provider("cluster", {}) };
    createKro(clonesSettings({ kro }), { providers });
  });
}

describe("[KRO-14] KRO", () => {
  let registered: Registration[];
  const only = (type: string) => registered.filter((resource) => resource.type === type).map(({ inputs }) => inputs);
  const values = () => only("kubernetes:helm.sh/v3:Release")[0]?.values;

  beforeAll(async () => {
    registered = await installed({
      install: true,
      concurrentReconciles: 33,
      requeueIntervalSeconds: 21,
      memoryLimit: "3Gi",
    });
  });

  it("is one release, of the pinned version, that undoes itself when it fails", () => {
    expect(only("kubernetes:helm.sh/v3:Release")).toEqual([
      expect.objectContaining({
        name: "kro",
        chart: "oci://registry.k8s.io/kro/charts/kro",
        version: CHARTS.kro.version,
        namespace: "kro-system",
        atomic: true,
      }),
    ]);
  });

  it("is of the version whose kinds dist is held against", () => {
    expect(`v${CHARTS.kro.version}`).toBe(CRDS.kro.version);
  });

  it("lives in a namespace that refuses privileged pods", () => {
    const [namespace] = only("kubernetes:core/v1:Namespace");
    expect(namespace?.metadata).toMatchObject({
      name: "kro-system",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
  });

  it("has no rights but its own and those that are granted to it by label", () => {
    expect(values().rbac).toEqual({ mode: "aggregation" });
  });

  it("works as the stack says, on many clones at once", () => {
    expect(values().config).toMatchObject({
      dynamicControllerConcurrentReconciles: 33,
      instance: { requeueInterval: "21s" },
      allowCRDDeletion: false,
    });
    expect(values().deployment.resources.limits.memory).toBe("3Gi");
  });

  it("[KRO-13] tells what happens to clones by events", () => {
    expect(values().config.featureGates).toEqual({ InstanceConditionEvents: true });
  });

  it("isn't installed where the stack doesn't ask for it", async () => {
    expect((await installed({})).map(({ type }) => type)).toEqual(["pulumi:providers:kubernetes"]);
  });
});
