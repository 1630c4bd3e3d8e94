import { Testing } from "cdk8s";
import { RestoredCopy } from "../../../constructs/loomworks/restore";
import { footprint, HELPERS, peakConnections } from "../../../constructs/settings/footprint";
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

/** Copies of databases at once, whose pods KRO makes: one at work, and one that waits for it. */
const COPIES = 2;

describe("[LOOM-16] the footprint of an installation", () => {
  const settings = loomworksSettings({ odoo: { maxReplicas: 7 } });
  const restored = { name: "postgres-restore-x", namespace: "loomworks", settings, options: ["--latest"] };
  const manifests = new Manifests([
    ...synthesizeLoomworks({ odoo: { maxReplicas: 7 } }).objects,
    ...Testing.synth(new RestoredCopy(Testing.app(), "restored", restored)),
  ]);
  const computed = footprint(settings);

  it.each([
    ["cpuRequests", "requests", "cpu"],
    ["cpuLimits", "limits", "cpu"],
    ["memoryRequests", "requests", "memory"],
    ["memoryLimits", "limits", "memory"],
  ] as const)("is what its manifests ask for at their largest: %s", (key, kind, resource) => {
    const field = `${resource}${kind === "requests" ? "Request" : "Limit"}` as const;
    const expected = counted(manifests, kind, resource) + COPIES * parseQuantity(HELPERS.copy[field]);
    expect(computed[key]).toBeCloseTo(expected, 3);
  });

  it("counts each claim, that of a restored copy too, and the drill's throw-away volume", () => {
    const claims = manifests.all("PersistentVolumeClaim").map(({ spec }) => spec.resources.requests.storage);
    const scratch = manifests.podTemplates()["postgres-drill"].spec.volumes.find((volume: any) => volume.ephemeral);
    const sizes = [...claims, scratch.ephemeral.volumeClaimTemplate.spec.resources.requests.storage];
    expect(computed.storage).toBe(sizes.map(parseQuantity).reduce((total, size) => total + size, 0));
  });

  it("counts a pod for each workload, and one more for each rollout", () => {
    const single = Object.keys(manifests.podTemplates()).filter((name) => name !== "odoo" && name !== "odoo-cron");
    expect(computed.pods).toBe(single.length + (7 + 1) + (1 + 1) + COPIES);
  });
});

describe("[LOOM-03] the peak of connections", () => {
  it("is what Odoo's processes may open at once, by the limits in odoo.conf, and a session of each exporter", () => {
    const { data } = synthesizeLoomworks().find("ConfigMap", "odoo-config");
    const web =
      11 *
      (Number(data.ODOO_CONF_WORKERS) * Number(data.ODOO_CONF_DB_MAXCONN) +
        Number(data.ODOO_CONF_DB_MAXCONN_GEVENT) +
        1);
    const cron = 2 * 2 * Number(data.ODOO_CONF_DB_MAXCONN);
    expect(peakConnections(loomworksSettings())).toBe(web + cron + 20);
  });
});
