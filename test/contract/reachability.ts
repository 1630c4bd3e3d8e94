/** Who there is in a whole stack and around it, and who of them may reach whom: the table that follows from the requirements. */
import { CLONE_LABELS, PEERS } from "../../constructs/contract";
import { groupsOf } from "../../infra/plan/report/network/groups";
import type { Pod } from "../../infra/plan/report/network/rules";
import type { KubernetesObject } from "../../infra/plan/report/kubernetes";

const NAME = "app.kubernetes.io/name";

const pod = (namespace: string, labels: Readonly<Record<string, string>>): Pod => ({ namespace, labels, ports: [] });
const clone = (namespace: string) => pod(namespace, { [CLONE_LABELS.clone]: "clone-20260205-143022" });

/** Pods that no manifest makes: KRO does, or somebody else. */
const OTHER_PODS: Readonly<Record<string, Pod>> = {
  "wordpress-staging/clone": clone("wordpress-staging"),
  "wordpress-production/clone": clone("wordpress-production"),
  "wordpress-staging/warm-pod": pod("wordpress-staging", { [NAME]: "warm-pod" }),
  "loomworks/odoo-copy": pod("loomworks", { [NAME]: "odoo-copy", "app.kubernetes.io/part-of": "loomworks" }),
  "loomworks/stranger": pod("loomworks", { "app.kubernetes.io/part-of": "loomworks" }),
  "clones/stranger": pod("clones", { app: "stranger" }),
  "wordpress-staging/stranger": pod("wordpress-staging", { app: "stranger" }),
  "wordpress-production/stranger": pod("wordpress-production", { app: "stranger" }),
};

/** Who is outside of dist and named by its policies. */
export const PEER_PODS: Readonly<Record<string, Pod>> = Object.fromEntries(
  Object.entries(PEERS).map(([name, peer]) => [name, pod(peer.namespace, peer.labels)]),
);

/** Who pretends to be somebody, from where nobody is admitted. */
export const IMPOSTORS: Readonly<Record<string, Pod>> = {
  "default/traefik": pod("default", PEERS.ingress.labels),
  "default/prometheus": pod("default", PEERS.prometheus.labels),
  "default/odoo": pod("default", { [NAME]: "odoo", "app.kubernetes.io/part-of": "loomworks" }),
};

export const ADDRESSES: Readonly<Record<string, { readonly address: string }>> = {
  internet: { address: "203.0.113.7" },
  "internet by IPv6": { address: "2001:db8::7" },
  "instance metadata": { address: "169.254.169.254" },
  "instance metadata by IPv6": { address: "fd00:ec2::254" },
  "pod identity's agent": { address: "169.254.170.23" },
  // The API server and the databases of RDS are there, and everything else that has an address of the VPC.
  "the VPC": { address: "10.0.64.10" },
  "Services of EKS": { address: "172.20.0.1" },
  "a node of somebody else's": { address: "192.168.4.20" },
  "carrier-grade addresses": { address: "100.64.1.1" },
};

const DNS = "TCP 53 · UDP 53";
const TO_DATABASE = ["odoo", "odoo-cron", "odoo-migrate", "odoo-copy", "odoo-copy-sweep", "postgres-backup"];
const COPIERS = ["postgres-offsite-wal", "postgres-offsite-backups", "odoo-offsite-filestore"];
const CLONES = ["wordpress-staging/clone", "wordpress-production/clone"];

const to = (end: string, ports: string, sources: readonly string[]): Record<string, string> =>
  Object.fromEntries(sources.map((source) => [`${source} → ${end}`, ports]));
const inNamespace = (namespace: string, names: readonly string[]) => names.map((name) => `${namespace}/${name}`);

/** Ports by connection: LOOM-12, LOOM-13, the copies to the bucket (decision 22), and the clones' (CLONE-09, CLONE-11, CLONE-12, decision 28). */
const ADMITTED: Readonly<Record<string, string>> = {
  ...to("loomworks/postgres", "TCP 5432", inNamespace("loomworks", TO_DATABASE)),
  "prometheus → loomworks/postgres": "TCP 9187",
  "prometheus → loomworks/odoo": "TCP 9188",
  "prometheus → loomworks/postgres-backup-exporter": "TCP 9100",
  "ingress → loomworks/odoo": "TCP 8069, 8072",
  ...to("internet", "TCP 443, 465, 587", inNamespace("loomworks", ["odoo", "odoo-cron"])),
  ...to("internet", "TCP 443", inNamespace("loomworks", COPIERS)),
  ...to("pod identity's agent", "TCP 80", inNamespace("loomworks", COPIERS)),
  "ingress → clones/clone-service": "TCP 8000",
  ...to("clones/clone-redis", "TCP 6379", ["clones/clone-service", "clones/clone-worker", "keda"]),
  "prometheus → clones/clone-redis": "TCP 9121",
  "prometheus → clones/clone-service": "TCP 9090",
  "prometheus → clones/clone-worker": "TCP 9090",
  "prometheus → clones/clone-warm-pool": "TCP 9090",
  ...to("otel", "TCP 4318", ["clones/clone-service", "clones/clone-worker"]),
  ...Object.assign(
    {},
    ...CLONES.map((end) => to(end, "TCP 8080", ["ingress", "clones/clone-service", "clones/clone-worker"])),
  ),
  ...to("the VPC", "TCP 443, 3306", inNamespace("clones", ["clone-service", "clone-worker", "clone-cleaner"])),
  "clones/clone-warm-pool → the VPC": "TCP 443",
  ...to("the VPC", "TCP 3306", ["clones/clone-schema", ...CLONES]),
  ...to("internet", "TCP 80, 443", ["clones/clone-worker", ...CLONES]),
};

/** The pods of dist, and those that come and go beside them: every one is held by policies. */
export function ourPods(objects: readonly KubernetesObject[]): Readonly<Record<string, Pod>> {
  const groups = groupsOf(objects);
  const deployed = groups.map((group) => [`${group.namespace}/${group.labels[NAME] ?? group.name}`, group] as const);
  return { ...Object.fromEntries(deployed), ...OTHER_PODS };
}

/** The whole table: ports, as `portText` writes them, by `from → to`. What it doesn't name is refused. */
export function admitted(ours: Readonly<Record<string, Pod>>): Readonly<Record<string, string>> {
  return { ...ADMITTED, ...to("dns", DNS, Object.keys(ours)) };
}
