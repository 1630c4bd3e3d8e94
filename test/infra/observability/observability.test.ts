import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { CREDENTIALS_HASH_ANNOTATION } from "../../../constructs/contract";
import { parseSettings } from "../../../constructs/settings";
import { NAMES, URLS } from "../../../infra/observability/names";
import { plannedAddons } from "../../support/aws-platform";
import type { Planned } from "../../support/planned";

let plan: Planned;
beforeAll(async () => {
  plan = await plannedAddons();
});

const valuesOf = (name: string): any => plan.get(`${name}-release`).inputs.values;
const grafana = () => valuesOf("kube-prometheus").grafana;

describe("[PLAT-06] Grafana", () => {
  const source = (uid: string) => grafana().additionalDataSources.find((one: any) => one.uid === uid);

  it("leads from a line of a log to its trace, and to all traces of its job", () => {
    const fields = source("loki").jsonData.derivedFields;
    expect(
      fields.map(({ matcherType, matcherRegex, datasourceUid, url }: any) => [
        matcherType,
        matcherRegex,
        datasourceUid,
        url,
      ]),
    ).toEqual([
      ["label", "trace_id", "tempo", "$${__value.raw}"],
      ["label", "job_id", "tempo", '{ span.job_id = "$${__value.raw}" }'],
    ]);
  });

  it("leads from a trace to its lines", () => {
    expect(source("tempo").jsonData.tracesToLogsV2).toMatchObject({
      datasourceUid: "loki",
      customQuery: true,
      query: '{k8s_namespace_name=~".+"} | trace_id="$${__trace.traceId}"',
    });
  });

  it("asks Prometheus by the id that every dashboard of dist names", () => {
    expect(grafana().sidecar.datasources.uid).toBe("prometheus");
    for (const { spec } of dashboards()) expect(JSON.stringify(spec)).toContain('"uid":"prometheus"');
  });

  it("loads the dashboards of dist, in whichever namespace, by their label", () => {
    const { label, labelValue, searchNamespace } = grafana().sidecar.dashboards;
    expect(searchNamespace).toBe("ALL");
    expect(dashboards().length).toBeGreaterThan(1);
    for (const { labels } of dashboards()) expect(labels[label]).toBe(labelValue);
  });

  it("starts anew when its password changes, and keeps no database that would hold the old one", () => {
    expect(Object.keys(grafana().podAnnotations)).toEqual([CREDENTIALS_HASH_ANNOTATION]);
    expect(grafana().persistence).toEqual({ enabled: false });
  });

  it("lets in nobody without a password, over HTTPS alone", () => {
    expect(grafana()["grafana.ini"]).toMatchObject({
      "auth.anonymous": { enabled: false },
      users: { allow_sign_up: false },
      security: { cookie_secure: true },
    });
    expect(grafana().ingress).toMatchObject({ hosts: ["grafana.platform.example.com"], ingressClassName: "traefik" });
  });
});

describe("[PLAT-06] Prometheus", () => {
  it("finds every monitor and rule, and keeps what it has on a volume of which it leaves some free", () => {
    const { prometheusSpec } = valuesOf("kube-prometheus").prometheus;
    for (const kind of ["serviceMonitor", "podMonitor", "rule"]) {
      expect(prometheusSpec[`${kind}SelectorNilUsesHelmValues`]).toBe(false);
    }
    expect(prometheusSpec).toMatchObject({ replicas: 2, retention: "15d", retentionSize: "43520MB" });
    const { spec } = prometheusSpec.storageSpec.volumeClaimTemplate;
    expect(spec).toMatchObject({ storageClassName: "gp3", resources: { requests: { storage: "50Gi" } } });
  });

  it("keeps silences through the end of a pod", () => {
    expect(valuesOf("kube-prometheus").alertmanager.alertmanagerSpec).toMatchObject({
      replicas: 2,
      storage: { volumeClaimTemplate: { spec: { storageClassName: "gp3" } } },
    });
  });

  it("has no alerts about what AWS runs and shows to nobody", () => {
    const values = valuesOf("kube-prometheus");
    for (const part of ["kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"]) {
      expect(values[part]).toEqual({ enabled: false });
    }
  });

  it("reads the host from a namespace apart", () => {
    expect(valuesOf("kube-prometheus")["prometheus-node-exporter"].namespaceOverride).toBe("node-agents");
    expect(plan.before("kube-prometheus-release")).toEqual(
      expect.arrayContaining(["observability-node-agents", "observability-observability"]),
    );
  });
});

describe("[PLAT-06] Loki and Tempo", () => {
  it("keep logs and traces in their buckets, for as long as the stack says, and what is on its way on volumes", () => {
    const { loki, singleBinary } = valuesOf("loki");
    expect(loki.storage).toMatchObject({ type: "s3", bucketNames: { chunks: "[id of storage-logs-bucket]" } });
    expect(loki.limits_config).toMatchObject({ retention_period: "720h", allow_structured_metadata: true });
    expect(loki.compactor).toMatchObject({ retention_enabled: true });
    expect(singleBinary.persistence).toMatchObject({ enabled: true, whenDeleted: "Retain" });

    const { tempo, persistence } = valuesOf("tempo");
    expect(tempo.storage.trace).toMatchObject({ backend: "s3", s3: { bucket: "[id of storage-traces-bucket]" } });
    expect(tempo.retention).toBe("336h");
    expect(persistence).toMatchObject({ enabled: true, storageClassName: "gp3" });
  });

  it("tell nobody outside of what they do", () => {
    expect(valuesOf("loki").loki.analytics).toEqual({ reporting_enabled: false });
    expect(valuesOf("tempo").tempo.reportingEnabled).toBe(false);
  });
});

describe("[CLONE-12] The collectors", () => {
  const pipelines = (name: string) => valuesOf(name).config.service.pipelines;

  it("are where the settings have processes send their traces", () => {
    const { tracingEndpoint } = parseSettings({}).clones.service;
    expect(tracingEndpoint).toBe(`http://${NAMES.collector}.observability.svc.cluster.local:4318`);
    expect(valuesOf("otel-collector").fullnameOverride).toBe(NAMES.collector);
  });

  it("pass traces on to Tempo and logs to Loki, with the pod they come from", () => {
    const { exporters } = valuesOf("otel-collector").config;
    expect(exporters["otlp/tempo"].endpoint).toBe(URLS.tempoTraces);
    expect(exporters["otlphttp/loki"].endpoint).toBe(`${URLS.loki}/otlp`);
    for (const kind of ["traces", "logs"])
      expect(pipelines("otel-collector")[kind].processors).toContain("k8s_attributes");
  });

  it("find trace and job in the JSON that our processes log", () => {
    const { operators, exclude } = valuesOf("otel-agent").config.receivers.filelog;
    const lifted = operators.filter(({ type }: any) => type === "move").map(({ to }: any) => to);
    expect(lifted).toEqual(["trace_id", "span_id", "job_id", "job_type"].map((field) => `attributes.${field}`));
    expect(operators[1]).toMatchObject({ type: "json_parser", on_error: "send_quiet" });
    // Their own lines would be read, and logged about, for ever.
    expect(exclude).toEqual([
      "/var/log/pods/observability_otel-*_*/*/*.log",
      "/var/log/pods/node-agents_otel-*_*/*/*.log",
    ]);
  });

  it("forget nothing that they have read when they start again, and open no port on the host", () => {
    const values = valuesOf("otel-agent");
    expect(values.presets.logsCollection).toEqual({ enabled: true, storeCheckpoints: true });
    const open = Object.entries(values.ports).filter(([, port]: any) => port.enabled);
    expect(open.map(([name]) => name)).toEqual(["metrics"]);
  });
});

interface DashboardMap {
  readonly labels: Record<string, string>;
  readonly spec: unknown;
}

function dashboards(): DashboardMap[] {
  const folder = join(__dirname, "../../../dist/staging");
  const files = readdirSync(folder).filter((file) => file.includes("dashboard"));
  return files.flatMap((file) => {
    const [document] = parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((one) => one.toJS());
    return Object.values<string>(document.data).map((text) => ({
      labels: document.metadata.labels,
      spec: JSON.parse(text),
    }));
  });
}
