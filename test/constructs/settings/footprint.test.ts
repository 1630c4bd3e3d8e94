import { footprint, peakConnections } from "../../../constructs/settings/footprint";
import { parseQuantity } from "../../../constructs/shared/quantity";
import { loomworksSettings, Manifests, synthesizeLoomworks } from "../../support/loomworks";

/** What the API server's quota would count, read from the manifests: the larger of containers and init containers. */
function counted(manifests: Manifests, kind: "requests" | "limits", resource: "cpu" | "memory"): number {
  const replicas: Record<string, number> = {
    odoo: Number(manifests.find("HorizontalPodAutoscaler", "odoo").spec.maxReplicas) + 1,
    "odoo-cron": 2,
  };
  const of = (containers: any[] = []) =>
    containers.map((container) => parseQuantity(String(container.resources[kind][resource])));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return sum(
    Object.entries(manifests.podTemplates()).map(([name, { spec }]) => {
      return (replicas[name] ?? 1) * Math.max(sum(of(spec.containers)), ...of(spec.initContainers));
    }),
  );
}

describe("[LOOM-16] the footprint of an installation", () => {
  const manifests = synthesizeLoomworks({ odoo: { maxReplicas: 7 } });
  const computed = footprint(loomworksSettings({ odoo: { maxReplicas: 7 } }));

  it.each([
    ["cpuRequests", "requests", "cpu"],
    ["cpuLimits", "limits", "cpu"],
    ["memoryRequests", "requests", "memory"],
    ["memoryLimits", "limits", "memory"],
  ] as const)("is what its manifests ask for at their largest: %s", (key, kind, resource) => {
    expect(computed[key]).toBeCloseTo(counted(manifests, kind, resource), 3);
  });

  it("counts each claim, and the drill's throw-away volume", () => {
    const claims = manifests.all("PersistentVolumeClaim").map(({ spec }) => spec.resources.requests.storage);
    const scratch = manifests.podTemplates()["postgres-drill"].spec.volumes.find((volume: any) => volume.ephemeral);
    const sizes = [...claims, scratch.ephemeral.volumeClaimTemplate.spec.resources.requests.storage];
    expect(computed.storage).toBe(sizes.map(parseQuantity).reduce((total, size) => total + size, 0));
  });

  it("counts a pod for each workload, and one more for each rollout", () => {
    expect(computed.pods).toBe(1 + (7 + 1) + (1 + 1) + 1 + 1 + 1 + 1);
  });
});

describe("[LOOM-03] the peak of connections", () => {
  it("is what Odoo's processes may open at once, by the limits in odoo.conf", () => {
    const { data } = synthesizeLoomworks().find("ConfigMap", "odoo-config");
    const web =
      11 *
      (Number(data.ODOO_CONF_WORKERS) * Number(data.ODOO_CONF_DB_MAXCONN) + Number(data.ODOO_CONF_DB_MAXCONN_GEVENT));
    const cron = 2 * 2 * Number(data.ODOO_CONF_DB_MAXCONN);
    expect(peakConnections(loomworksSettings())).toBe(web + cron + 20);
  });
});
