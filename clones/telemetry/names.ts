/**
 * Names of what the clone service measures, where processes record it and where dashboard and alerts ask for it. A name that
 * changes breaks both, so it stands once, here. Units are in the names, as Prometheus has them: seconds, totals.
 */

/** Metrics by what they measure; the labels of each stand in {@link METRIC_LABELS}. */
export const METRICS = {
  /** Counter: requests answered, by route (its pattern, never the address asked for), method and status code. */
  httpRequests: "clone_http_requests_total",
  /** Histogram: seconds until an answer was complete. */
  httpDuration: "clone_http_request_duration_seconds",
  /** Gauge: jobs in the queue, by {@link QUEUE_STATE}. */
  queueJobs: "clone_queue_jobs",
  /** Gauge: rows of the jobs table. */
  jobs: "clone_jobs",
  /** Histogram: seconds from a job's request to its end. */
  jobDuration: "clone_job_duration_seconds",
  /** Histogram: seconds that one step of a job took. */
  stepDuration: "clone_step_duration_seconds",
  /** Gauge: pods of the warm pool, by their label: creating, ready, assigned, serving, resetting. */
  warmPods: "clone_warm_pods",
  /** Gauge: WordPressClones, by state. */
  clones: "clone_clones",
  /** Gauge: seconds by which the oldest clone still there has outlived its time; 0 if none has. */
  expiryLag: "clone_expiry_lag_seconds",
  /** Counter: jobs that the queue had lost, and the sweeper put back. */
  sweeperRequeued: "clone_sweeper_requeued_total",
  /** Counter: attempts to deliver a webhook. */
  webhookDeliveries: "clone_webhook_deliveries_total",
  /** Gauge of redis_exporter: 1 if Redis answers it. */
  redisUp: "redis_up",
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];

/** Labels of each metric, complete: one more would multiply the series. */
export const METRIC_LABELS = {
  [METRICS.httpRequests]: ["route", "method", "status"],
  [METRICS.httpDuration]: ["route", "method", "status"],
  [METRICS.queueJobs]: ["state"],
  [METRICS.jobs]: ["type", "status"],
  [METRICS.jobDuration]: ["type", "status"],
  [METRICS.stepDuration]: ["type", "step", "outcome"],
  [METRICS.warmPods]: ["state"],
  [METRICS.clones]: ["state"],
  [METRICS.expiryLag]: [],
  [METRICS.sweeperRequeued]: [],
  [METRICS.webhookDeliveries]: ["outcome"],
  [METRICS.redisUp]: [],
} as const satisfies Record<MetricName, readonly string[]>;

/** Values of `state` that alerts ask for: of {@link METRICS.queueJobs}, and of a pod of the pool that can be claimed. */
export const QUEUE_STATE = { waiting: "waiting", delayed: "delayed", active: "active" } as const;
export const WARM_STATE = "ready";

/** Values of `outcome` of a step and of a delivery. */
export const OUTCOME = { succeeded: "succeeded", failed: "failed" } as const;
