/** What exporters would tell Prometheus of an installation, minute by minute: of one that is well, and of what happens to it. */
import { EXPORTED, TARGET_LABELS } from "./exported-metrics";
import type { Labels, Series } from "./promtool";

/** At each minute, or always the same; nothing where the exporter tells nothing. */
export type Values = number | ((minute: number) => number | undefined);

/** By series. */
export type Figures = Readonly<Record<string, Values>>;

/** How long a test watches, in minutes. */
export const WATCHED = 120;

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;
export const GIB = 2 ** 30;

const NAMESPACE = "loomworks";

/** The address that its exporter happens to have. */
const STATE: Labels = { instance: "10.0.0.9:8080", job: "kube-state-metrics" };

/**
 * A series as its exporter writes it.
 *
 * @throws {Error} if that exporter has no such metric, or gives it no such label
 */
export function series(metric: string, labels: Labels = {}): string {
  const known = EXPORTED[metric];
  if (known === undefined) throw new Error(`${metric} is in no list of what exporters give`);
  const unknown = Object.keys(labels).filter(
    (label) => !known.labels.includes(label) && !(TARGET_LABELS as readonly string[]).includes(label),
  );
  if (unknown.length > 0) throw new Error(`${metric} has no label ${unknown.join(", ")}`);
  const all = { namespace: NAMESPACE, ...(metric.startsWith("kube_") ? STATE : {}), ...labels };
  const text = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${text.join(", ")}}`;
}

/** The same metric, for each of these. */
export function forEach(metric: string, label: string, values: Readonly<Record<string, Values>>): Figures {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [series(metric, { [label]: name }), value]));
}

const replicas = (pod: string): Figures => ({
  [series("odoo_up", { pod })]: 1,
  [series("odoo_database_up", { pod })]: 1,
});

const CLAIMS = { "postgres-data": 200, "postgres-wal-archive": 100, "postgres-backups": 1024, "odoo-filestore": 200 };

/** Sixty days old, watched from three in the morning on. Time begins at 0 with promtool. */
export const HEALTHY: Figures = {
  [series("kube_namespace_created")]: -60 * DAY,
  ...forEach("kube_deployment_created", "deployment", {
    odoo: -60 * DAY,
    "odoo-cron": -60 * DAY,
    "postgres-backup-exporter": -60 * DAY,
  }),
  ...forEach("kube_deployment_status_replicas_available", "deployment", { odoo: 2, "odoo-cron": 1 }),
  ...Object.fromEntries(["odoo", "odoo-cron"].map((deployment) => [progress(deployment), 0])),
  [series("kube_statefulset_created", { statefulset: "postgres" })]: -60 * DAY,
  [series("kube_horizontalpodautoscaler_status_current_replicas", { horizontalpodautoscaler: "odoo" })]: 2,
  [series("kube_horizontalpodautoscaler_spec_max_replicas", { horizontalpodautoscaler: "odoo" })]: 10,
  ...forEach("kube_cronjob_created", "cronjob", {
    "postgres-backup": -60 * DAY,
    "postgres-drill": -60 * DAY,
    "postgres-offsite-wal": -60 * DAY,
    "postgres-offsite-backups": -60 * DAY,
    "odoo-offsite-filestore": -60 * DAY,
    "odoo-copy-sweep": -60 * DAY,
  }),
  ...forEach("kube_cronjob_status_last_successful_time", "cronjob", {
    "postgres-backup": -HOUR,
    "postgres-drill": -3 * DAY,
    "postgres-offsite-wal": every(5),
    "postgres-offsite-backups": every(60),
    "odoo-offsite-filestore": every(15),
    "odoo-copy-sweep": every(60),
  }),
  [series("kube_job_created", { job_name: "postgres-backup-2961" })]: -HOUR - 600,
  [series("kube_job_failed", { job_name: "postgres-backup-2961", condition: "true" })]: 0,
  ...replicas("odoo-a"),
  ...replicas("odoo-b"),
  [series("pg_up")]: 1,
  [series("pg_stat_archiver_failed_count", { server: "127.0.0.1:5432" })]: 3,
  [series("pg_stat_archiver_last_archive_age", { server: "127.0.0.1:5432" })]: 45,
  [series("pg_stat_activity_count", { state: "idle", server: "127.0.0.1:5432" })]: 60,
  [series("pg_stat_activity_count", { state: "active", server: "127.0.0.1:5432" })]: 20,
  [series("pg_settings_max_connections", { server: "127.0.0.1:5432" })]: 400,
  [series("pg_settings_max_wal_size_bytes", { server: "127.0.0.1:5432" })]: GIB,
  [series("pg_wal_size_bytes")]: 0.8 * GIB,
  [series("loomworks_backup_good")]: 30,
  [series("loomworks_backup_corrupt")]: 0,
  [series("loomworks_wal_archive_damaged_segments")]: 0,
  [series("loomworks_drill_success")]: 1,
  [series("loomworks_drill_rto_seconds")]: 900,
  ...forEach("loomworks_offsite_last_success_timestamp_seconds", "part", {
    wal: every(5),
    backups: every(60),
    filestore: every(15),
  }),
  [series("loomworks_filestore_files")]: 50_000,
  [series("loomworks_filestore_damaged_files")]: 0,
  [series("loomworks_offsite_backups")]: 30,
  [series("node_textfile_scrape_error")]: 0,
  ...volumes(CLAIMS),
  [series("kube_resourcequota", { resource: "requests.cpu", type: "used" })]: 8,
  [series("kube_resourcequota", { resource: "requests.cpu", type: "hard" })]: 12,
  [series("certmanager_certificate_expiration_timestamp_seconds", { name: "odoo-wildcard-tls" })]: 60 * DAY,
  [waiting("odoo-a", "odoo", "ContainerCreating")]: () => undefined,
};

/** When the last run began that ended by then, of runs each so many minutes that take one. */
export function every(minutes: number): (minute: number) => number {
  return (minute) => Math.floor((minute - 1) / minutes) * minutes * MINUTE;
}

export function progress(deployment: string): string {
  return series("kube_deployment_status_condition", {
    deployment,
    reason: "ProgressDeadlineExceeded",
    condition: "Progressing",
    status: "false",
  });
}

export function waiting(pod: string, container: string, reason: string): string {
  return series("kube_pod_container_status_waiting_reason", { pod, container, reason });
}

/** Of each claim, a third is taken. EFS says that it holds 8 EiB, on each node that mounts it. */
function volumes(sizes: Readonly<Record<string, number>>): Figures {
  const entries = Object.entries(sizes).flatMap(([persistentvolumeclaim, size]) => {
    const isShared = persistentvolumeclaim !== "postgres-data";
    return (isShared ? ["10.0.0.1:10250", "10.0.0.2:10250"] : ["10.0.0.1:10250"]).flatMap((instance) => {
      const labels = { persistentvolumeclaim, instance };
      const capacity = isShared ? 2 ** 63 : size * GIB;
      const used = (size * GIB) / 3;
      return [
        [series("kubelet_volume_stats_capacity_bytes", labels), capacity],
        [series("kubelet_volume_stats_available_bytes", labels), capacity - used],
        [series("kubelet_volume_stats_used_bytes", labels), used],
      ] as const;
    });
  });
  const requests = Object.entries(sizes).map(([claim, size]) => [claim, size * GIB] as const);
  const metric = "kube_persistentvolumeclaim_resource_requests_storage_bytes";
  return { ...Object.fromEntries(entries), ...forEach(metric, "persistentvolumeclaim", Object.fromEntries(requests)) };
}

/** `value` until the minute, then another. */
export function from(minute: number, before: number | undefined, after: number | undefined): Values {
  return (now) => (now < minute ? before : after);
}

/** The figures in Prometheus' notation. What isn't told ends a series, as a target that answers without it does. */
export function notation(figures: Figures, silent = "stale", minutes = WATCHED): Series {
  return Object.fromEntries(
    Object.entries(figures).map(([name, values]) => [
      name,
      // What is no number can't be repeated.
      Number.isFinite(values)
        ? `${String(values)}x${minutes}`
        : Array.from({ length: minutes + 1 }, (_, minute) => valueAt(values, minute) ?? silent).join(" "),
    ]),
  );
}

/** The figures, where at some minutes nobody hears some series. */
export function unheard(figures: Figures, isUnheard: (minute: number, name: string) => boolean): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, values]) => [
      name,
      (minute: number) => (isUnheard(minute, name) ? undefined : valueAt(values, minute)),
    ]),
  );
}

export function valueAt(values: Values, minute: number): number | undefined {
  return typeof values === "number" ? values : values(minute);
}
