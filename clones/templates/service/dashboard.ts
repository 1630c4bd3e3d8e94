import { Construct } from "constructs";
import { CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { Dashboard, Panel } from "../../../constructs/shared/dashboard";
import { METRICS, OUTCOME } from "../../telemetry/names";
import { ACCOUNTS, POWERLESS } from "../accounts";

/** In the order of a request's way: API, queue, jobs, their steps, clones; then what they stand on. */
const PANELS: readonly Panel[] = [
  { title: "API: answers by route", expression: rates(METRICS.httpRequests, "route"), unit: "reqps" },
  { title: "API: answers by status", expression: rates(METRICS.httpRequests, "status"), unit: "reqps" },
  { title: "API: time to answer, p99", expression: quantile(0.99, METRICS.httpDuration, "route"), unit: "s" },
  { title: "API: time to answer, p50", expression: quantile(0.5, METRICS.httpDuration, "route"), unit: "s" },
  { title: "Queue: jobs by state", expression: greatest(METRICS.queueJobs, "state"), unit: "short" },
  { title: "Jobs by status", expression: greatest(METRICS.jobs, "status"), unit: "short" },
  { title: "Jobs ended a second", expression: rates(`${METRICS.jobDuration}_count`, "type, status"), unit: "reqps" },
  { title: "Jobs: time to their end, p95", expression: quantile(0.95, METRICS.jobDuration, "type, status"), unit: "s" },
  { title: "Steps: time, p95", expression: quantile(0.95, METRICS.stepDuration, "type, step"), unit: "s" },
  { title: "Steps that failed, a second", expression: failedSteps(), unit: "reqps" },
  { title: "Clones by state", expression: greatest(METRICS.clones, "state"), unit: "short" },
  { title: "Oldest clone beyond its time", expression: greatest(METRICS.expiryLag), unit: "s" },
  { title: "Warm pods by state", expression: greatest(METRICS.warmPods, "state"), unit: "short" },
  { title: "Webhooks by outcome", expression: rates(METRICS.webhookDeliveries, "outcome"), unit: "reqps" },
  { title: "Jobs that the sweeper put back", expression: requeued(), unit: "short" },
  { title: "Redis: share of its memory", expression: redisMemory(), unit: "percentunit" },
  { title: "Ready replicas", expression: replicas(), unit: "short" },
  { title: "CPU by pod", expression: usage("container_cpu_usage_seconds_total", "rate"), unit: "short" },
  { title: "Memory by pod", expression: usage("container_memory_working_set_bytes"), unit: "bytes" },
];

/** The clone service at a glance. */
export class ServiceDashboard extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new Dashboard(this, "Dashboard", {
      name: "clones-dashboard",
      owner: "clones",
      uid: "clone-service",
      title: "Clone service",
      namespace: CLONE_SERVICE_NAMESPACE,
      panels: PANELS,
    });
  }
}

function rates(counter: string, by: string): string {
  return `sum by (${by}) (rate(${counter}{namespace="$namespace"}[5m]))`;
}

/** Gauges of one thing that several processes tell: the sum would count it as often. */
function greatest(gauge: string, by?: string): string {
  return `max${by === undefined ? "" : ` by (${by})`} (${gauge}{namespace="$namespace"})`;
}

function quantile(share: number, histogram: string, by: string): string {
  return `histogram_quantile(${share}, sum by (le, ${by}) (rate(${histogram}_bucket{namespace="$namespace"}[5m])))`;
}

function failedSteps(): string {
  const steps = `${METRICS.stepDuration}_count{namespace="$namespace", outcome="${OUTCOME.failed}"}`;
  return `sum by (type, step) (rate(${steps}[5m]))`;
}

function requeued(): string {
  return `sum(increase(${METRICS.sweeperRequeued}{namespace="$namespace"}[15m]))`;
}

function redisMemory(): string {
  const bytes = (kind: string) => `max(redis_memory_${kind}_bytes{namespace="$namespace"})`;
  return `${bytes("used")} / ${bytes("max")}`;
}

function replicas(): string {
  const names = [ACCOUNTS.service, ACCOUNTS.worker, ACCOUNTS.warmPool].join("|");
  const deployments = `kube_deployment_status_replicas_available{namespace="$namespace", deployment=~"${names}"}`;
  const redis = `kube_statefulset_status_replicas_ready{namespace="$namespace", statefulset="${POWERLESS.redis}"}`;
  return `max by (deployment) (${deployments}) or max by (statefulset) (${redis})`;
}

function usage(metric: string, how?: "rate"): string {
  const series = `${metric}{namespace="$namespace", container!=""}`;
  return `sum by (pod) (${how === "rate" ? `rate(${series}[5m])` : series})`;
}
