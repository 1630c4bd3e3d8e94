import { PEERS } from "../../../constructs/contract";
import { policySetOf } from "../../../infra/plan/report/network/network";
import { portText } from "../../../infra/plan/report/network/ports";
import { Party, Pod, verdict } from "../../../infra/plan/report/network/rules";
import { synthesizeLoomworks } from "../../support/loomworks";

const manifests = synthesizeLoomworks();
const policies = policySetOf(manifests.objects);

/** The workloads as they are deployed, and everybody else who might knock. */
const pods: Record<string, Pod> = {
  ...Object.fromEntries(
    Object.values(manifests.podTemplates()).map(({ metadata, spec }) => [
      // A Job's own name ends with a hash.
      metadata.labels["app.kubernetes.io/name"],
      {
        namespace: "loomworks",
        labels: metadata.labels,
        ports: spec.containers.flatMap(({ ports = [] }: any) => ports),
      },
    ]),
  ),
  stranger: { namespace: "loomworks", labels: { "app.kubernetes.io/part-of": "loomworks" }, ports: [] },
  "odoo elsewhere": { namespace: "other", labels: { ...manifests.podTemplates().odoo.metadata.labels }, ports: [] },
  "traefik elsewhere": { namespace: "other", labels: PEERS.ingress.labels, ports: [] },
  traefik: { ...PEERS.ingress, ports: [] },
  prometheus: { ...PEERS.prometheus, ports: [] },
  dns: { ...PEERS.dns, ports: [] },
};

/** Addresses outside of the cluster, and inside of the network that it lives in. */
const addresses: Record<string, Party> = {
  internet: { address: "203.0.113.7" },
  "another machine of the VPC": { address: "10.1.2.3" },
  "pod identity's agent": { address: "169.254.170.23" },
  "instance metadata": { address: "169.254.169.254" },
};

const reach = (from: string, to: string) => portText(verdict(policies, party(from), party(to)).ports) || "nothing";
const party = (name: string): Party => pods[name] ?? addresses[name]!;

describe("[LOOM-12] who reaches whom, as a matrix of every pair", () => {
  const DNS = "TCP 53 · UDP 53";
  const OUT = "TCP 443, 465, 587";
  const ours = Object.keys(pods).filter((name) => pods[name]?.namespace === "loomworks");
  const admitted: Record<string, string> = {
    "traefik → odoo": "TCP 8069, 8072",
    "prometheus → odoo": "TCP 9188",
    "prometheus → postgres": "TCP 9187",
    "odoo → postgres": "TCP 5432",
    "odoo-cron → postgres": "TCP 5432",
    "odoo-migrate → postgres": "TCP 5432",
    "odoo-copy-sweep → postgres": "TCP 5432",
    "postgres-backup → postgres": "TCP 5432",
    "prometheus → postgres-backup-exporter": "TCP 9100",
    ...Object.fromEntries(
      ["postgres-offsite-wal", "postgres-offsite-backups", "odoo-offsite-filestore"].flatMap((name) => [
        [`${name} → internet`, "TCP 443"],
        [`${name} → pod identity's agent`, "TCP 80"],
      ]),
    ),
    "odoo → internet": OUT,
    "odoo-cron → internet": OUT,
    ...Object.fromEntries(ours.map((name) => [`${name} → dns`, DNS])),
  };
  const everybody = [...Object.keys(pods), ...Object.keys(addresses)];
  const pairs = everybody.flatMap((from) => everybody.map((to) => [from, to] as const));
  // Between two ends outside of the namespace, its policies have nothing to say.
  const ruled = pairs.filter(([from, to]) => from !== to && (ours.includes(from) || ours.includes(to)));

  it.each(ruled)("%s → %s", (from, to) => {
    expect(reach(from, to)).toBe(admitted[`${from} → ${to}`] ?? "nothing");
  });

  it("covers every connection that is meant", () => {
    const names = ruled.map(([from, to]) => `${from} → ${to}`);
    expect(Object.keys(admitted).filter((name) => !names.includes(name))).toEqual([]);
    expect(ruled.length).toBeGreaterThan(100);
  });
});
