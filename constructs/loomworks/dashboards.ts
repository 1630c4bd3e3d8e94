import { Construct } from "constructs";
import { Dashboard, Panel } from "../shared/dashboard";
import { BACKUP } from "./backup";
import { DRILL } from "./drill";
import { ODOO } from "./odoo-pod";

export const PANELS: readonly Panel[] = [
  { title: "Odoo: ready replicas", expression: deployment("kube_deployment_status_replicas_available"), unit: "short" },
  { title: "Odoo: replicas up", expression: 'sum(odoo_up{namespace="$namespace"})', unit: "short" },
  { title: "Odoo: time to answer", expression: 'max(odoo_health_seconds{namespace="$namespace"})', unit: "s" },
  { title: "CPU by pod", expression: usage("container_cpu_usage_seconds_total", "rate"), unit: "short" },
  { title: "Memory by pod", expression: usage("container_memory_working_set_bytes"), unit: "bytes" },
  { title: "Quota taken", expression: quotaTaken(), unit: "percentunit" },
  {
    title: "PostgreSQL: connections",
    expression: 'sum by (state) (pg_stat_activity_count{namespace="$namespace"})',
    unit: "short",
  },
  {
    title: "PostgreSQL: commits a second",
    expression: 'sum(rate(pg_stat_database_xact_commit{namespace="$namespace"}[5m]))',
    unit: "short",
  },
  {
    title: "PostgreSQL: size of databases",
    expression: 'pg_database_size_bytes{namespace="$namespace"}',
    unit: "bytes",
  },
  {
    title: "WAL: age of the last archived",
    expression: 'pg_stat_archiver_last_archive_age{namespace="$namespace"}',
    unit: "s",
  },
  { title: "Backup: age of the last good one", expression: sinceSuccess(BACKUP), unit: "s" },
  { title: "Backups: good ones", expression: 'loomworks_backup_good{namespace="$namespace"}', unit: "short" },
  {
    title: "Backup: size of the newest",
    expression: 'loomworks_backup_newest_bytes{namespace="$namespace"}',
    unit: "bytes",
  },
  {
    title: "WAL: size on the data volume",
    expression: 'pg_wal_size_bytes{namespace="$namespace"}',
    unit: "bytes",
  },
  {
    title: "Bucket: age of the newest WAL",
    expression: 'time() - loomworks_offsite_wal_timestamp_seconds{namespace="$namespace"}',
    unit: "s",
  },
  {
    title: "Bucket: age of the last copy, by part",
    expression: 'time() - loomworks_offsite_last_success_timestamp_seconds{namespace="$namespace"}',
    unit: "s",
  },
  { title: "Drill: age of the last proof", expression: sinceSuccess(DRILL), unit: "s" },
  {
    title: "Drill: time to restore (RTO)",
    expression: 'loomworks_drill_rto_seconds{namespace="$namespace"}',
    unit: "s",
  },
  {
    title: "Drill: what the loss of the server would have cost (RPO)",
    expression: 'loomworks_drill_rpo_seconds{namespace="$namespace"}',
    unit: "s",
  },
  {
    title: "Drill: size of what was restored",
    expression: 'loomworks_drill_database_bytes{namespace="$namespace"}',
    unit: "bytes",
  },
  {
    title: "Filestore: attachments",
    expression: 'loomworks_filestore_bytes{namespace="$namespace"}',
    unit: "bytes",
  },
  { title: "Volumes: share taken", expression: volumesTaken(), unit: "percentunit" },
];

/** One Grafana dashboard for an installation. */
export class Dashboards extends Construct {
  constructor(scope: Construct, id: string, namespace: string) {
    super(scope, id);
    new Dashboard(this, "Dashboard", {
      name: "loomworks-dashboard",
      owner: "loomworks",
      uid: `loomworks-${namespace}`,
      title: `Loomworks: ${namespace}`,
      namespace,
      panels: PANELS,
    });
  }
}

function deployment(metric: string): string {
  return `${metric}{namespace="$namespace", deployment=~"${ODOO.name}|${ODOO.cronName}"}`;
}

function usage(metric: string, how?: "rate"): string {
  const series = `${metric}{namespace="$namespace", container!=""}`;
  return `sum by (pod) (${how === "rate" ? `rate(${series}[5m])` : series})`;
}

function quotaTaken(): string {
  const series = (type: string) => `kube_resourcequota{namespace="$namespace", type="${type}"}`;
  return `max by (resource) (${series("used")} / ignoring(type) ${series("hard")})`;
}

function sinceSuccess(cronJob: string): string {
  return `time() - kube_cronjob_status_last_successful_time{namespace="$namespace", cronjob="${cronJob}"}`;
}

function volumesTaken(): string {
  const series = (kind: string) => `kubelet_volume_stats_${kind}_bytes{namespace="$namespace"}`;
  return `max by (persistentvolumeclaim) (${series("used")} / ${series("capacity")})`;
}
