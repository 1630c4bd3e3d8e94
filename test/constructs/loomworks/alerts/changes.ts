/** What happens to an installation, as changes of the figures of one that is well. */
import { Figures, forEach, from, HEALTHY, series, Values } from "../../../support/loomworks-figures";
import type { Labels } from "../../../support/promtool";

export interface Call {
  readonly fires: Figures;
  /** That are on the alert. */
  readonly labels: Labels;
  /** What else calls then, and rightly. */
  readonly others?: readonly string[];
}

export const critical = { namespace: "loomworks", severity: "critical" };
export const warning = { namespace: "loomworks", severity: "warning" };

export const SERVER = { server: "127.0.0.1:5432" };
export const ABSENT: Values = () => undefined;

export const available = (deployment: string, values: Values): Figures =>
  forEach("kube_deployment_status_replicas_available", "deployment", { [deployment]: values });
export const lastSuccess = (cronjob: string, values: Values): Figures =>
  forEach("kube_cronjob_status_last_successful_time", "cronjob", { [cronjob]: values });
export const certificate = (values: Values): Figures => ({
  [series("certmanager_certificate_expiration_timestamp_seconds", { name: "odoo-wildcard-tls" })]: values,
});
export const odoo = (up: Values, database: Values): Figures =>
  Object.fromEntries(
    ["odoo-a", "odoo-b"].flatMap((pod) => [
      [series("odoo_up", { pod }), up],
      [series("odoo_database_up", { pod }), database],
    ]),
  );
export const hpa = (values: Values): Figures => ({
  [series("kube_horizontalpodautoscaler_status_current_replicas", { horizontalpodautoscaler: "odoo" })]: values,
});
export const quota = (values: Values): Figures => ({
  [series("kube_resourcequota", { resource: "requests.cpu", type: "used" })]: values,
});
export const volume = (kind: string, claim: string, values: Values): Figures => ({
  [series(`kubelet_volume_stats_${kind}_bytes`, { persistentvolumeclaim: claim, instance: "10.0.0.1:10250" })]: values,
});
export const age = (values: Values): Figures => ({ [series("pg_stat_archiver_last_archive_age", SERVER)]: values });
export const failures = (values: Values): Figures => ({ [series("pg_stat_archiver_failed_count", SERVER)]: values });
export const connections = (values: Values): Figures => ({
  [series("pg_stat_activity_count", { state: "idle", ...SERVER })]: values,
});
export const slot = (values: Values): Figures => ({
  [series("pg_replication_slots_pg_wal_lsn_diff", { slot_name: "forgotten", ...SERVER })]: values,
});

export const copied = (part: string, values: Values): Figures =>
  forEach("loomworks_offsite_last_success_timestamp_seconds", "part", { [part]: values });

/** A Job that failed, and when it was created. */
export function failed(job: string, created: number, since = 0): Figures {
  return {
    [series("kube_job_created", { job_name: job })]: created,
    [series("kube_job_failed", { job_name: job, condition: "true" })]: from(since, 0, 1),
  };
}

/** Everything that is told of one workload. */
export function gone(metric: string, label: string, name: string): Figures {
  const told = Object.keys(HEALTHY).filter((key) => key.includes(`${label}="${name}"`));
  return Object.fromEntries(
    [...told, series(metric, { [label]: name })].map((key) => [key, from(30, undefined, undefined)]),
  );
}
