/** What the figures are called that alerts and dashboards of Loomworks ask for, and where that is written. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface ExportedMetric {
  /** Those that its exporter gives. Prometheus adds {@link TARGET_LABELS}. */
  readonly labels: readonly string[];
  readonly source: string;
}

/** Of the target, by the ServiceMonitor; a label that the exporter gives itself stands above them where `honorLabels` is on. */
export const TARGET_LABELS = ["namespace", "job", "instance", "pod", "service", "endpoint", "container"] as const;

const SCRIPTS = join(__dirname, "../../constructs/loomworks/scripts");

const metrics = (source: string, given: Readonly<Record<string, readonly string[]>>): [string, ExportedMetric][] =>
  Object.entries(given).map(([name, labels]) => [name, { labels, source }]);

/** Of the release that the pinned chart of Prometheus brings. */
const kubeStateMetrics = (page: string, given: Readonly<Record<string, readonly string[]>>) =>
  metrics(`kube-state-metrics, docs/metrics/${page}-metrics.md`, given);

const WORKLOAD = "workload/";

export const EXPORTED: Readonly<Record<string, ExportedMetric>> = Object.fromEntries([
  ...kubeStateMetrics("cluster/namespace", { kube_namespace_created: ["namespace"] }),
  ...kubeStateMetrics("policy/resourcequota", {
    kube_resourcequota: ["namespace", "resourcequota", "resource", "type"],
  }),
  ...kubeStateMetrics("storage/persistentvolumeclaim", {
    kube_persistentvolumeclaim_resource_requests_storage_bytes: ["namespace", "persistentvolumeclaim"],
  }),
  ...kubeStateMetrics(`${WORKLOAD}cronjob`, {
    kube_cronjob_created: ["namespace", "cronjob"],
    kube_cronjob_status_last_successful_time: ["namespace", "cronjob"],
  }),
  ...kubeStateMetrics(`${WORKLOAD}deployment`, {
    kube_deployment_created: ["namespace", "deployment"],
    kube_deployment_status_condition: ["namespace", "deployment", "reason", "condition", "status"],
    kube_deployment_status_replicas_available: ["namespace", "deployment"],
  }),
  ...kubeStateMetrics(`${WORKLOAD}horizontalpodautoscaler`, {
    kube_horizontalpodautoscaler_spec_max_replicas: ["namespace", "horizontalpodautoscaler"],
    kube_horizontalpodautoscaler_status_current_replicas: ["namespace", "horizontalpodautoscaler"],
  }),
  ...kubeStateMetrics(`${WORKLOAD}job`, {
    kube_job_created: ["namespace", "job_name"],
    kube_job_failed: ["namespace", "job_name", "condition"],
  }),
  ...kubeStateMetrics(`${WORKLOAD}pod`, {
    kube_pod_container_status_waiting_reason: ["namespace", "pod", "container", "reason", "uid"],
    kube_pod_init_container_status_waiting_reason: ["namespace", "pod", "container", "reason", "uid"],
  }),
  ...kubeStateMetrics(`${WORKLOAD}statefulset`, { kube_statefulset_created: ["namespace", "statefulset"] }),
  ...metrics("Kubernetes, docs/reference/instrumentation/metrics (the kubelet's)", {
    kubelet_volume_stats_available_bytes: ["namespace", "persistentvolumeclaim"],
    kubelet_volume_stats_capacity_bytes: ["namespace", "persistentvolumeclaim"],
    kubelet_volume_stats_used_bytes: ["namespace", "persistentvolumeclaim"],
  }),
  ...metrics("cAdvisor, docs/storage/prometheus.md, with the kubelet's labels", {
    container_cpu_usage_seconds_total: ["namespace", "pod", "container"],
    container_memory_working_set_bytes: ["namespace", "pod", "container"],
  }),
  ...metrics("cert-manager, docs/devops-tips/prometheus-metrics", {
    certmanager_certificate_expiration_timestamp_seconds: ["namespace", "name", "issuer_name", "issuer_kind"],
  }),
  ...metrics("node_exporter v1.9.1, collector/textfile.go", { node_textfile_scrape_error: [] }),
  ...metrics("postgres_exporter v0.18.1, cmd/postgres_exporter/postgres_exporter.go and queries.go", {
    pg_up: [],
    pg_replication_slots_pg_wal_lsn_diff: ["slot_name", "database", "server"],
    pg_stat_activity_count: ["datname", "state", "usename", "application_name", "backend_type", "server"],
    pg_stat_archiver_failed_count: ["server"],
    pg_stat_archiver_last_archive_age: ["server"],
  }),
  ...metrics("postgres_exporter v0.18.1, cmd/postgres_exporter/pg_setting.go: name and unit of the setting", {
    pg_settings_max_connections: ["server"],
    pg_settings_max_wal_size_bytes: ["server"],
  }),
  ...metrics("postgres_exporter v0.18.1, collector/pg_wal.go, pg_database.go, pg_stat_database.go", {
    pg_database_size_bytes: ["datname"],
    pg_stat_database_xact_commit: ["datid", "datname"],
    pg_wal_size_bytes: [],
  }),
  ...metrics("constructs/loomworks/scripts: what they write of themselves", ownMetrics()),
]);

/** Read from the scripts, so that none can be asked for that no script writes. */
function ownMetrics(): Record<string, readonly string[]> {
  const read = (file: string) => readFileSync(join(SCRIPTS, file), "utf8");
  const scripts = readdirSync(SCRIPTS).filter((file) => file.endsWith(".sh"));
  const lines = scripts.flatMap((file) => read(file).split("\n"));
  const gauges = lines.flatMap((line) => {
    const name = /\bgauge (loomworks_\w+)/.exec(line)?.[1];
    return name === undefined ? [] : [[name, [...line.matchAll(/(\w+)=\\"/g)].map(([, label = ""]) => label)] as const];
  });
  const rows = [...read("odoo-exporter.py").matchAll(/^\s*\("(odoo_\w+)",/gm)];
  return Object.fromEntries([...gauges, ...rows.map(([, name = ""]) => [name, []] as const)]);
}
