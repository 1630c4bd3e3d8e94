/** What people are called for when the clone service is unwell. Each alert has a section of its name in docs/runbook.md. */
import { CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import type { ClonesSettings } from "../../../constructs/settings";
import type { AlertRule } from "../../../constructs/shared/alerts";
import { longestGapSeconds } from "../../../constructs/shared/schedule";
import { METRICS, OUTCOME, QUEUE_STATE, WARM_STATE } from "../../telemetry/names";
import { ACCOUNTS, POWERLESS } from "../accounts";
import { AUTOSCALER, COUNTED, MOST_WORKERS, STEP_BOUND } from "./worker-steps";

const NS = `namespace="${CLONE_SERVICE_NAMESPACE}"`;
const { service, worker, warmPool, cleaner } = ACCOUNTS;
const { redis, schema } = POWERLESS;

/** Share of answers and of ended jobs that may fail before somebody is called. */
const FAILING = { answers: 0.05, jobs: 0.1, webhooks: 0.5 } as const;

/** Fewer than these prove nothing. */
const LEAST = { jobs: 3, webhooks: 10 } as const;

/** Ten times the documents' 100 ms: people notice. Streams of events are as long as their readers like. */
const SLOW_SECONDS = 1;
const STREAMS = 'route!~".*/events"';

/** Jobs that wait, for each that can be worked on at once: with jobs of a minute, a wait of as many minutes. */
const WAITING_PER_PLACE = 10;

/** Share of the queue that KEDA must see: two who look at different moments never quite agree. */
const LEAST_SEEN = 0.5;

/** A clone that outlived its time by three runs of the cleaner, and a run that is as late. */
const CLEANER_RUNS = 3;

/** What a run of the cleaner may take, and begin late by. */
const RUN_MARGIN_SECONDS = 600;

export function serviceAlertRules(settings: ClonesSettings): Record<string, readonly AlertRule[]> {
  return {
    api: apiRules(),
    jobs: jobRules(settings),
    queue: queueRules(),
    ...(settings.service.worker.autoscale && { scaling: scalingRules() }),
    clones: cloneRules(settings),
  };
}

function apiRules(): AlertRule[] {
  const answers = (more: string) => `sum(rate(${METRICS.httpRequests}{${NS}${more}}[5m]))`;
  const seconds = `${METRICS.httpDuration}_bucket{${NS}, ${STREAMS}}`;
  return [
    {
      name: "CloneApiUnavailable",
      severity: "critical",
      expression: `kube_deployment_status_replicas_available{${NS}, deployment="${service}"} < 1`,
      for: "1m",
      summary: "No replica of the clone API is ready",
    },
    {
      name: "CloneApiErrors",
      severity: "critical",
      expression: `${answers(', status=~"5.."')} / ${answers("")} > ${FAILING.answers}`,
      for: "5m",
      summary: "More than one in twenty answers of the clone API is an error of ours",
    },
    {
      name: "CloneApiSlow",
      severity: "warning",
      expression: `histogram_quantile(0.99, sum by (le) (rate(${seconds}[5m]))) > ${SLOW_SECONDS}`,
      for: "10m",
      summary: "One in a hundred answers of the clone API takes longer than a second",
    },
    {
      name: "CloneServiceRolloutStuck",
      severity: "critical",
      expression: `kube_deployment_status_condition{${NS}, deployment=~"${service}|${worker}|${warmPool}", condition="Progressing", status="false"} == 1`,
      for: "1m",
      summary: "A new version of {{ $labels.deployment }} does not get ready; the old one goes on",
    },
    {
      name: "CloneSchemaFailed",
      severity: "critical",
      expression: `kube_job_failed{${NS}, job_name=~"${schema}-.+", condition="true"} == 1`,
      for: "0m",
      summary: "The jobs table could not be brought to the form that the new version needs",
    },
  ];
}

function jobRules({ service: { worker: workers } }: ClonesSettings): AlertRule[] {
  const places = (workers.autoscale ? MOST_WORKERS : workers.replicas) * workers.concurrency;
  const ended = (statuses: string) => `sum(increase(${METRICS.jobDuration}_count{${NS}, status=~"${statuses}"}[30m]))`;
  const deliveries = (more: string) => `sum(increase(${METRICS.webhookDeliveries}{${NS}${more}}[30m]))`;
  const failed = `, outcome="${OUTCOME.failed}"`;
  return [
    {
      name: "CloneWorkersUnavailable",
      severity: "critical",
      expression: `kube_deployment_status_replicas_available{${NS}, deployment="${worker}"} < 1`,
      for: "2m",
      summary: "No worker is ready: jobs are taken, and nothing is done for them",
    },
    {
      name: "CloneQueueStuck",
      severity: "critical",
      expression: `max(${queued(QUEUE_STATE.waiting)}) > 0 and max(${queued(QUEUE_STATE.active)}) == 0`,
      for: "5m",
      summary: "Jobs wait, and no worker takes one",
    },
    {
      name: "CloneQueueLong",
      severity: "warning",
      expression: `max(${queued(QUEUE_STATE.waiting)}) > ${WAITING_PER_PLACE * places}`,
      for: "10m",
      summary: "More jobs wait than the workers get done in ten rounds",
    },
    {
      name: "CloneJobsFailing",
      severity: "critical",
      expression: `${ended("failed")} / ${ended("failed|completed")} > ${FAILING.jobs} and ${ended("failed")} > ${LEAST.jobs}`,
      for: "5m",
      summary: "More than one in ten jobs of the last half hour has failed for good",
    },
    {
      name: "CloneWebhooksFailing",
      severity: "warning",
      expression: `${deliveries(failed)} / ${deliveries("")} > ${FAILING.webhooks} and ${deliveries("")} > ${LEAST.webhooks}`,
      for: "10m",
      summary: "Half of the webhooks of the last half hour reached nobody",
    },
    {
      name: "CloneMetricsMissing",
      severity: "warning",
      expression: `absent(${METRICS.queueJobs}{${NS}})`,
      for: "10m",
      summary: "Nobody says how long the queue is: alerts about it can't fire",
    },
  ];
}

/**
 * KEDA, and the autoscaler that it makes. KEDA 2.20 counts no errors of a ScaledObject with a formula while it falls back
 * (pkg/scaling/scale_handler.go, getScalerState); but it writes down how long each look took, to the nanosecond, and leaves
 * that as it is when a look fails. The queue's length is told by the service too: the two must agree.
 */
function scalingRules(): AlertRule[] {
  // Not the formula, whose result is never nothing, nor what stands in for a trigger that is fallen back from.
  const triggers = `${NS}, scaledObject="${worker}", scaler=~"${Object.keys(COUNTED).join("|")}", metric!="composite-metric"`;
  const looks = `changes(keda_scaler_metrics_latency_seconds{${triggers}}[5m])`;
  // Of a key that it no longer looks at, KEDA goes on telling what it saw last.
  const seen = `sum(max by (scaler) (keda_scaler_metrics_value{${triggers}} and ${looks} > 0))`;
  const autoscaler = `${NS}, horizontalpodautoscaler="${AUTOSCALER}"`;
  const inQueue = `max(${queued(QUEUE_STATE.waiting)}) + max(${queued(QUEUE_STATE.active)})`;
  return [
    {
      name: "CloneScalerFailing",
      severity: "critical",
      expression: `(min(max by (scaler) (${looks})) or vector(0)) == 0 or max(kube_horizontalpodautoscaler_status_condition{${autoscaler}, condition="ScalingActive", status="false"}) == 1`,
      for: "5m",
      summary: "KEDA can't read the queue: the workers stay as many as they are, or fall back to a few",
    },
    {
      name: "CloneScalerBlind",
      severity: "critical",
      expression: `${inQueue} >= ${STEP_BOUND} unless ${seen} >= ${LEAST_SEEN} * (${inQueue})`,
      for: "5m",
      summary: "KEDA sees less than half of the jobs in the queue: it looks at a key that isn't the queue's",
    },
    {
      name: "CloneWorkersAtMaximum",
      severity: "warning",
      expression: `kube_horizontalpodautoscaler_status_current_replicas{${autoscaler}} >= kube_horizontalpodautoscaler_spec_max_replicas{${autoscaler}}`,
      for: "30m",
      summary: "There are as many workers as there may be, for half an hour",
    },
  ];
}

function queueRules(): AlertRule[] {
  const volume = `${NS}, persistentvolumeclaim="${redis}-data"`;
  return [
    {
      name: "CloneRedisDown",
      severity: "critical",
      expression: `max(${METRICS.redisUp}{${NS}}) == 0 or absent(${METRICS.redisUp}{${NS}})`,
      for: "2m",
      summary: "Redis does not answer its exporter: new jobs wait in their table",
    },
    {
      name: "CloneRedisMemory",
      severity: "critical",
      expression: `max(redis_memory_used_bytes{${NS}}) > 0.8 * max(redis_memory_max_bytes{${NS}})`,
      for: "5m",
      summary: "Redis has used four fifths of its memory, and refuses jobs when it is full",
    },
    {
      name: "CloneRedisVolumeNearlyFull",
      severity: "critical",
      expression: `kubelet_volume_stats_available_bytes{${volume}} < 0.15 * kubelet_volume_stats_capacity_bytes{${volume}}`,
      for: "5m",
      summary: "Less than 15 % is left on the queue's volume",
    },
    {
      name: "CloneQueueLosesJobs",
      severity: "warning",
      expression: `sum(increase(${METRICS.sweeperRequeued}{${NS}}[15m])) > 5`,
      for: "15m",
      summary: "The sweeper keeps putting jobs back that the queue has lost",
    },
  ];
}

function cloneRules({ cleaner: { schedule }, service: { warmPool: pool } }: ClonesSettings): AlertRule[] {
  const gap = longestGapSeconds(schedule);
  const job = `{${NS}, cronjob="${cleaner}"}`;
  const lastRun = `kube_cronjob_status_last_successful_time${job} or on (namespace, cronjob) kube_cronjob_created${job}`;
  return [
    {
      name: "CloneExpiryLate",
      severity: "critical",
      expression: `max(${METRICS.expiryLag}{${NS}}) > ${CLEANER_RUNS * gap}`,
      for: "5m",
      summary: "A clone has outlived its time by three runs of the cleaner, and goes on costing",
    },
    {
      name: "CloneCleanerMissed",
      severity: "critical",
      expression: `time() - (${lastRun}) > ${CLEANER_RUNS * gap + RUN_MARGIN_SECONDS}`,
      for: "5m",
      summary: "The cleaner has not succeeded for three of its runs",
    },
    // A pool of none is never empty.
    ...(pool.min === 0 ? [] : [warmPoolEmpty()]),
  ];
}

function warmPoolEmpty(): AlertRule {
  return {
    name: "CloneWarmPoolEmpty",
    severity: "warning",
    expression: `max(${METRICS.warmPods}{${NS}, state="${WARM_STATE}"}) < 1 or absent(${METRICS.warmPods}{${NS}, state="${WARM_STATE}"})`,
    for: "15m",
    summary: "No warm pod is ready: clones take as long as a cold start",
  };
}

function queued(state: string): string {
  return `${METRICS.queueJobs}{${NS}, state="${state}"}`;
}
