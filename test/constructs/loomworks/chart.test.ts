import { App, Testing } from "cdk8s";
import { LoomworksChart } from "../../../constructs/loomworks/chart";
import { renderCharts } from "../../../constructs/synth/render";
import { loomworksSettings, synthesizeLoomworks } from "../../support/loomworks";

const manifests = synthesizeLoomworks();

describe("[LOOM-16] the namespace", () => {
  it("refuses pods below the Pod Security level restricted", () => {
    expect(manifests.find("Namespace", "loomworks").metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
    });
  });

  it("bounds CPU, memory, storage and pods as a whole", () => {
    const { hard } = synthesizeLoomworks({
      quota: {
        cpuRequests: "100",
        cpuLimits: "200",
        memoryRequests: "200Gi",
        memoryLimits: "400Gi",
        storage: "5Ti",
        pods: 150,
      },
    }).find("ResourceQuota", "namespace-quota").spec;
    expect(hard).toEqual({
      "requests.cpu": "100",
      "limits.cpu": "200",
      "requests.memory": "200Gi",
      "limits.memory": "400Gi",
      "requests.storage": "5Ti",
      persistentvolumeclaims: "10",
      pods: "150",
    });
  });

  it("gives a container that asks for nothing a modest share", () => {
    expect(manifests.find("LimitRange", "container-defaults").spec.limits).toEqual([
      { type: "Container", defaultRequest: { cpu: "50m", memory: "64Mi" }, default: { cpu: "500m", memory: "512Mi" } },
    ]);
  });
});

describe("every pod", () => {
  it.each(Object.entries(manifests.podTemplates()))(
    "of %s runs as nobody in particular, and can write to its volumes alone",
    (_, { spec }) => {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      expect(spec.automountServiceAccountToken).toBe(false);
      for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(Object.keys(container.resources)).toEqual(["limits", "requests"]);
      }
    },
  );

  it("is rolled when a file that it reads changes, and not when another one does", () => {
    const other = synthesizeLoomworks({ postgres: { archiveTimeoutSeconds: 61 } });
    const hash = (from: typeof manifests, name: string) =>
      from.podTemplates()[name].metadata.annotations["loomworks.app/config-hash"];
    expect(hash(other, "postgres")).not.toBe(hash(manifests, "postgres"));
    expect(hash(other, "odoo")).toBe(hash(manifests, "odoo"));
    expect(hash(other, "postgres-backup")).toBe(hash(manifests, "postgres-backup"));
  });
});

describe("a second installation", () => {
  const app = Testing.app();
  new LoomworksChart(app, "loomworks", loomworksSettings());
  new LoomworksChart(app, "acme", {
    ...loomworksSettings({ odoo: { maxReplicas: 4 } }),
    namespace: "acme",
    domain: "erp.acme.example",
  });

  it("is one more chart, in its own namespace, files, sizes and domain", () => {
    const files = renderCharts(app);
    const acme = Object.entries(files).filter(([name]) => name.startsWith("acme."));
    expect(acme.map(([name]) => name.replace("acme.", "loomworks."))).toEqual(
      Object.keys(files).filter((name) => name.startsWith("loomworks.")),
    );
    for (const [, content] of acme) expect(content).not.toContain("namespace: loomworks\n");
    expect(files["acme.odoo.k8s.yaml"]).toContain("maxReplicas: 4");
    expect(files["acme.routing.k8s.yaml"]).toContain("*.erp.acme.example");
    expect(files["acme.routing.k8s.yaml"]).toContain("acme-odoo-body-limit@kubernetescrd");
  });
});

it("renders the same bytes twice", () => {
  const render = () => {
    const app = new App();
    new LoomworksChart(app, "loomworks", loomworksSettings());
    return renderCharts(app);
  };
  expect(render()).toEqual(render());
});
