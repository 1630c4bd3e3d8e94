import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { serviceAlertRules } from "../../../../clones/templates/service/alert-rules";
import { clonesSettings, synthesizeClones } from "../../../support/clone-charts";
import { AlertTester, missingPromtool, Series } from "../../../support/promtool";
import { describeWith } from "../../../support/requires";

const rules = Object.values(serviceAlertRules(clonesSettings())).flat();
const groups = synthesizeClones().find("PrometheusRule", "clones").spec.groups;
const runbook = readFileSync(resolve(__dirname, "../../../../docs/runbook.md"), "utf8");

const NS = 'namespace="clones"';
const deployment = (name: string) => `kube_deployment_status_replicas_available{${NS}, deployment="${name}"}`;
const bucket = (le: string) => `clone_http_request_duration_seconds_bucket{${NS}, route="/api/v2/clone", le="${le}"}`;
const ended = (status: string) => `clone_job_duration_seconds_count{${NS}, type="clone", status="${status}"}`;
const queue = (state: string, pod = "a") => `clone_queue_jobs{${NS}, state="${state}", pod="${pod}"}`;
const webhooks = (outcome: string) => `clone_webhook_deliveries_total{${NS}, outcome="${outcome}"}`;
const volume = (kind: string) => `kubelet_volume_stats_${kind}_bytes{${NS}, persistentvolumeclaim="clone-redis-data"}`;
const LAST_RUN = `kube_cronjob_status_last_successful_time{${NS}, cronjob="clone-cleaner"}`;

const TRIGGERS = ["waiting", "prioritized", "active"] as const;
const HPA = `${NS}, horizontalpodautoscaler="keda-hpa-clone-worker"`;

interface Case {
  /** What the alert is for, and what looks like it. */
  readonly fires: Series;
  readonly rests: Series;
}

/** A figure of KEDA's of one trigger, as KEDA labels it; or of the formula. */
function keda(figure: string, scaler: string, metric: string = scaler): string {
  return `keda_scaler_${figure}{${NS}, scaledObject="clone-worker", scaler="${scaler}", metric="${metric}"}`;
}

/** How long each trigger's last look took. */
function looks(values: string): Series {
  return Object.fromEntries(TRIGGERS.map((name) => [keda("metrics_latency_seconds", name), values]));
}

/** What each trigger's look found. */
function sees(found: Readonly<Record<(typeof TRIGGERS)[number], string>>): Series {
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [keda("metrics_value", name), values]));
}

/** Each alert: what it calls for, and the nearest thing that it doesn't call for. An hour of each, then it is asked. */
const CASES: Record<string, Case> = {
  CloneApiUnavailable: {
    fires: { [deployment("clone-service")]: "2x30 0x30" },
    rests: { [deployment("clone-service")]: "1x60", [deployment("clone-worker")]: "0x60" },
  },
  CloneApiErrors: {
    fires: {
      [`clone_http_requests_total{${NS}, status="200"}`]: "0+90x60",
      [`clone_http_requests_total{${NS}, status="503"}`]: "0+10x60",
    },
    // Callers' own mistakes, and one in a hundred.
    rests: {
      [`clone_http_requests_total{${NS}, status="404"}`]: "0+99x60",
      [`clone_http_requests_total{${NS}, status="500"}`]: "0+1x60",
    },
  },
  CloneApiSlow: {
    fires: {
      [bucket("0.1")]: "0+90x60",
      [bucket("1")]: "0+95x60",
      [bucket("5")]: "0+100x60",
      [bucket("+Inf")]: "0+100x60",
    },
    rests: {
      [bucket("0.1")]: "0+100x60",
      [bucket("+Inf")]: "0+100x60",
      [`clone_http_request_duration_seconds_bucket{${NS}, route="/api/v2/jobs/:id/events", le="0.1"}`]: "0x60",
      [`clone_http_request_duration_seconds_bucket{${NS}, route="/api/v2/jobs/:id/events", le="+Inf"}`]: "0+100x60",
    },
  },
  CloneServiceRolloutStuck: {
    fires: {
      [`kube_deployment_status_condition{${NS}, deployment="clone-worker", condition="Progressing", status="false"}`]:
        "1x60",
    },
    rests: {
      [`kube_deployment_status_condition{${NS}, deployment="clone-worker", condition="Progressing", status="false"}`]:
        "0x60",
      [`kube_deployment_status_condition{${NS}, deployment="clone-worker", condition="Available", status="false"}`]:
        "1x60",
    },
  },
  CloneSchemaFailed: {
    fires: { [`kube_job_failed{${NS}, job_name="clone-schema-4446cb49", condition="true"}`]: "1x60" },
    rests: { [`kube_job_failed{${NS}, job_name="clone-cleaner-123", condition="true"}`]: "1x60" },
  },
  CloneWorkersUnavailable: {
    fires: { [deployment("clone-worker")]: "0x60" },
    rests: { [deployment("clone-worker")]: "1x60" },
  },
  CloneQueueStuck: {
    // What two processes tell of one queue.
    fires: { [queue("waiting")]: "3x60", [queue("active")]: "0x60", [queue("waiting", "b")]: "3x60" },
    rests: { [queue("waiting")]: "3x60", [queue("active")]: "0x60", [queue("active", "b")]: "1x60" },
  },
  CloneQueueLong: {
    fires: { [queue("waiting")]: "801x60", [queue("active")]: "80x60" },
    rests: { [queue("waiting")]: "800x60", [queue("waiting", "b")]: "800x60", [queue("active")]: "80x60" },
  },
  CloneScalerFailing: {
    // The last look that succeeded is what KEDA goes on telling; of the formula, it goes on telling what it made up.
    fires: { ...looks("0+0.001x30 0.03x30"), [keda("metrics_latency_seconds", "composite-metric")]: "0+1x60" },
    // Not for three minutes, when Redis was rolled; nor another's.
    rests: {
      ...looks("0+0.001x30 0.03x3 0.04+0.001x30"),
      [`keda_scaler_metrics_latency_seconds{${NS}, scaledObject="other", scaler="waiting"}`]: "1x60",
      [`kube_horizontalpodautoscaler_status_condition{${HPA}, condition="ScalingActive", status="false"}`]: "0x60",
    },
  },
  CloneScalerBlind: {
    // What the formula gives, and what stands in for a trigger, is not what KEDA sees; of the old key it tells no more.
    fires: {
      [queue("waiting")]: "60x60",
      [queue("active")]: "8x60",
      ...sees({ waiting: "0x60", prioritized: "0x60", active: "8x60" }),
      ...looks("0+0.001x60"),
      [keda("metrics_value", "waiting", "the-old-key")]: "60x60",
      [keda("metrics_latency_seconds", "waiting", "the-old-key")]: "0.02x60",
      [keda("metrics_value", "composite-metric")]: "2x60",
      [keda("metrics_value", "waiting", "composite-metric")]: "50x60",
    },
    // It sees most of them; or there are too few to matter.
    rests: {
      [queue("waiting")]: "60x30 5x30",
      [queue("active")]: "8x30 4x30",
      ...sees({ waiting: "32x30 0x30", prioritized: "0x60", active: "8x30 0x30" }),
      ...looks("0+0.001x60"),
    },
  },
  CloneWorkersAtMaximum: {
    fires: {
      [`kube_horizontalpodautoscaler_status_current_replicas{${HPA}}`]: "20x60",
      [`kube_horizontalpodautoscaler_spec_max_replicas{${HPA}}`]: "20x60",
    },
    rests: {
      [`kube_horizontalpodautoscaler_status_current_replicas{${HPA}}`]: "10x40 20x20",
      [`kube_horizontalpodautoscaler_spec_max_replicas{${HPA}}`]: "20x60",
    },
  },
  CloneJobsFailing: {
    fires: { [ended("completed")]: "0+8x60", [ended("failed")]: "0+2x60" },
    // One in twenty; those that were cancelled count for nothing.
    rests: { [ended("completed")]: "0+19x60", [ended("failed")]: "0+1x60", [ended("cancelled")]: "0+50x60" },
  },
  CloneWebhooksFailing: {
    fires: { [webhooks("failed")]: "0+3x60", [webhooks("succeeded")]: "0+1x60" },
    rests: { [webhooks("failed")]: "0+1x60", [webhooks("succeeded")]: "0+2x60" },
  },
  CloneMetricsMissing: {
    fires: { up: "1x60" },
    rests: { [queue("waiting")]: "0x60" },
  },
  CloneRedisDown: {
    fires: { [`redis_up{${NS}}`]: "1x30 0x30" },
    rests: { [`redis_up{${NS}}`]: "1x60" },
  },
  CloneRedisMemory: {
    fires: { [`redis_memory_used_bytes{${NS}}`]: "81x60", [`redis_memory_max_bytes{${NS}}`]: "100x60" },
    rests: { [`redis_memory_used_bytes{${NS}}`]: "80x60", [`redis_memory_max_bytes{${NS}}`]: "100x60" },
  },
  CloneRedisVolumeNearlyFull: {
    fires: { [volume("available")]: "14x60", [volume("capacity")]: "100x60" },
    rests: { [volume("available")]: "15x60", [volume("capacity")]: "100x60" },
  },
  CloneQueueLosesJobs: {
    fires: { [`clone_sweeper_requeued_total{${NS}}`]: "0+1x60" },
    // All at once when Redis came back empty, and then no more.
    rests: { [`clone_sweeper_requeued_total{${NS}}`]: "0x20 50x40" },
  },
  CloneExpiryLate: {
    fires: { [`clone_expiry_lag_seconds{${NS}}`]: "901x60" },
    rests: { [`clone_expiry_lag_seconds{${NS}}`]: "900x60" },
  },
  CloneCleanerMissed: {
    fires: { [LAST_RUN]: "0x60" },
    rests: { [LAST_RUN]: "0+60x60" },
  },
  CloneWarmPoolEmpty: {
    fires: { [`clone_warm_pods{${NS}, state="ready"}`]: "0x60", [`clone_warm_pods{${NS}, state="creating"}`]: "2x60" },
    // The replica that only waits knows of none.
    rests: {
      [`clone_warm_pods{${NS}, state="ready", pod="leader"}`]: "1x60",
      [`clone_warm_pods{${NS}, state="ready", pod="other"}`]: "0x60",
    },
  },
};

describe("[CLONE-12] The alerts of the clone service", () => {
  it.each(rules.map(({ name }) => name))("%s has a section in the runbook, and is held against figures", (name) => {
    expect(runbook).toContain(`\n### ${name}\n`);
    expect(Object.keys(CASES)).toContain(name);
    const written = groups.flatMap((group: any) => group.rules).find(({ alert }: any) => alert === name);
    expect(written.annotations.runbook).toBe(`docs/runbook.md#${name.toLowerCase()}`);
  });

  it("ask for nothing but the service's own namespace", () => {
    expect(rules.filter(({ expression }) => !expression.includes(NS))).toEqual([]);
    const selectors = rules.flatMap(({ expression }) => [...expression.matchAll(/\{([^}]*)\}/g)]);
    expect(selectors.filter(([, labels]) => !labels!.includes(NS)).map(([text]) => text)).toEqual([]);
  });

  it("miss no warm pod where the stack wants none", () => {
    const names = (min: number) =>
      Object.values(serviceAlertRules(clonesSettings({ service: { warmPool: { min } } })))
        .flat()
        .map(({ name }) => name);
    expect(names(1)).toContain("CloneWarmPoolEmpty");
    expect(names(0)).not.toContain("CloneWarmPoolEmpty");
  });

  it("miss no autoscaler where the stack has none, and count the workers that there are then", () => {
    const worker = { autoscale: false, replicas: 3, concurrency: 4 };
    const { scaling, jobs } = serviceAlertRules(clonesSettings({ service: { worker } }));
    expect(scaling).toBeUndefined();
    expect(jobs!.find(({ name }) => name === "CloneQueueLong")?.expression).toMatch(/> 120$/);
  });

  it("follow the cleaner's schedule", () => {
    const settings = clonesSettings({ cleaner: { schedule: "*/10 * * * *" } });
    const late = serviceAlertRules(settings).clones!.find(({ name }) => name === "CloneExpiryLate");
    expect(late?.expression).toMatch(/> 1800$/);
  });
});

describeWith(missingPromtool(), "[CLONE-12] Prometheus, asked after an hour,", () => {
  const alerts = new AlertTester(groups);
  afterAll(() => alerts.remove());

  it.each(Object.entries(CASES))(
    "calls for what %s is about, and not for what is like it",
    (name, { fires, rests }) => {
      expect(alerts.objections(name, fires, true)).toBe("");
      expect(alerts.objections(name, rests, false)).toBe("");
    },
  );

  it("would be found to be silent where it should call", () => {
    expect(alerts.objections("CloneApiUnavailable", CASES.CloneApiUnavailable!.rests, true)).toContain("FAILED");
  });
});
