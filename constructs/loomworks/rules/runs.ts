/** Alerts on runs of a CronJob: on one that failed, and on one that never came. */
import type { AlertRule } from "../../shared/alerts";
import { longestGapSeconds } from "../../shared/schedule";

/** Time a run may take, and start late by, before the next success counts as missed. */
const RUN_MARGIN_SECONDS = 7200;

export interface RunRule {
  /** Of the alert. */
  readonly name: string;
  readonly cronJob: string;
  /** Matcher of the installation's namespace. */
  readonly namespace: string;
  readonly summary: string;
}

/** Calls until a later run has succeeded; a Job that Kubernetes cleared away calls no longer, and {@link missedRun} takes over. */
export function failedRun({ name, cronJob, namespace, summary }: RunRule): AlertRule {
  const jobs = `${namespace}, job_name=~"${cronJob}-.+"`;
  const lastSuccess = `kube_cronjob_status_last_successful_time{${namespace}, cronjob="${cronJob}"}`;
  const madeGood = `kube_job_created{${jobs}} <= on (namespace) group_left () max by (namespace) (${lastSuccess})`;
  return {
    name,
    severity: "critical",
    expression: `kube_job_failed{${jobs}, condition="true"} == 1 unless on (namespace, job_name) (${madeGood})`,
    for: "0m",
    summary,
  };
}

/** @param schedule cron line, UTC, whose longest gap may pass without a success */
export function missedRun({ name, cronJob, namespace, summary }: RunRule, schedule: string): AlertRule {
  const expression = noSuccess(cronJob, namespace, schedule);
  return { name, severity: "critical", expression, for: "5m", summary };
}

/** That no run has succeeded within the longest gap of its schedule, and the time that a run may take. */
export function noSuccess(cronJob: string, namespace: string, schedule: string): string {
  const selector = `{${namespace}, cronjob="${cronJob}"}`;
  const limit = longestGapSeconds(schedule) + RUN_MARGIN_SECONDS;
  const succeeded = `kube_cronjob_status_last_successful_time${selector}`;
  // One that never succeeded has no time of its last success: its own age counts then.
  return `time() - (${succeeded} or on (namespace, cronjob) kube_cronjob_created${selector}) > ${limit}`;
}
