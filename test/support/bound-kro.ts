/** KRO as its chart installs it with `rbac.mode: aggregation`: as a service account that may do what was granted to it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster, eventually, KubeObject } from "../cluster";
import { provide } from "../cluster/build/builder";
import { Keeper } from "../cluster/keeper";
import { kro } from "../cluster/programs/kro";
import { kubeconfigOf } from "./account-config";

const NAMESPACE = "kro-system";
export const KRO_USER = `system:serviceaccount:${NAMESPACE}:kro`;

const KEEP = ["get", "list", "watch", "create", "update", "patch", "delete"];
const rule = (apiGroup: string, resource: string, verbs: string[]) => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
});
const meta = (kind: string, name: string, more: object = {}) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: { name, ...more },
});

/** What the chart of KRO 0.9.4 makes (`helm/templates/cluster-role.yaml`). */
const CHART: KubeObject[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: NAMESPACE, name: "kro" } },
  {
    ...meta("ClusterRole", "kro:controller"),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "rbac.kro.run/aggregate-to-controller": "true" } }] },
  },
  {
    ...meta("ClusterRole", "kro:controller:static", { labels: { "rbac.kro.run/aggregate-to-controller": "true" } }),
    rules: [
      rule("kro.run", "resourcegraphdefinitions", KEEP),
      rule("kro.run", "resourcegraphdefinitions/finalizers", ["update"]),
      rule("kro.run", "resourcegraphdefinitions/status", ["get", "patch", "update"]),
      rule("internal.kro.run", "graphrevisions", KEEP),
      rule("internal.kro.run", "graphrevisions/finalizers", ["update"]),
      rule("internal.kro.run", "graphrevisions/status", ["get", "patch", "update"]),
      rule("apiextensions.k8s.io", "customresourcedefinitions", KEEP),
      rule("", "configmaps", KEEP),
      rule("coordination.k8s.io", "leases", KEEP),
      rule("", "events", ["create", "patch"]),
    ],
  },
  {
    ...meta("ClusterRoleBinding", "kro:controller"),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "kro:controller" },
    subjects: [{ kind: "ServiceAccount", name: "kro", namespace: NAMESPACE }],
  },
];

export interface BoundKro {
  /** What it wrote so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts KRO under its own account, beside a cluster that has its CRDs and in which no other KRO runs. */
export async function startBoundKro(cluster: Cluster): Promise<BoundKro> {
  await cluster.apply(CHART);
  const aggregated = async () => ((await cluster.client.get(CHART[2]!)).rules ?? []).length > 10;
  await eventually(aggregated, { what: "KRO's rights, taken together" });
  const keeper = new Keeper("loomworks-kro-");
  const kubeconfig = join(keeper.folder, "kubeconfig");
  writeFileSync(kubeconfig, await kubeconfigOf(cluster, NAMESPACE, "kro"), { mode: 0o600 });
  const file = (await provide([kro])).get(kro) ?? "";
  const args = [
    "-metrics-bind-address=0",
    "-health-probe-bind-address=0",
    "-feature-gates=InstanceConditionEvents=true",
  ];
  const program = keeper.start("kro", file, [`-kubeconfig=${kubeconfig}`, ...args]);
  return { log: () => readFileSync(program.log, "utf8"), stop: () => keeper.release() };
}
