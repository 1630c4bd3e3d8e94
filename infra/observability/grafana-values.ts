/** Grafana: its password, its dashboards, and its data sources, linked both ways: from a trace to its logs, from a log to its trace. */
import * as pulumi from "@pulumi/pulumi";
import { CREDENTIALS_HASH_ANNOTATION, OBSERVABILITY_SECRETS } from "../../constructs/contract";
import { admittedIngress } from "../addons/admitted";
import { resources } from "../addons/values";
import { DATA_SOURCES, NAMESPACE, URLS } from "./names";

export interface GrafanaArgs {
  /** Its host in the browser, as in `grafana.example.com`. */
  readonly host: string;
  /** Networks from which it is reached there. None: by `kubectl port-forward` alone. */
  readonly admitted: readonly string[];
  /** Of the password's Secret: a new one rolls the pod, which reads it once. */
  readonly credentialsHash: pulumi.Input<string>;
}

/** Where docs/runbook.md has people forward it to. */
const FORWARDED = "http://localhost:3000";

/** How far around a span its logs may lie: clocks differ, and lines wait in a buffer. */
const MARGIN = { spanStartTimeShift: "-5m", spanEndTimeShift: "5m" } as const;

/** Two of a dollar come out as one: with one, Grafana would look for a variable of its environment. */
const TRACE_ID = "$${__trace.traceId}";
const VALUE = "$${__value.raw}";

export function grafanaValues({ host, admitted, credentialsHash }: GrafanaArgs): pulumi.Inputs {
  const { name } = OBSERVABILITY_SECRETS.grafana;
  const isPublic = admitted.length > 0;
  return {
    admin: { existingSecret: name, userKey: "admin-user", passwordKey: "admin-password" },
    podAnnotations: { [CREDENTIALS_HASH_ANNOTATION]: credentialsHash },
    // All that it shows comes from ConfigMaps. A database would keep the first password for ever, whatever the Secret says.
    persistence: { enabled: false },
    testFramework: { enabled: false },
    ingress: {
      enabled: isPublic,
      ingressClassName: "traefik",
      hosts: [host],
      annotations: admittedIngress(NAMESPACE),
    },
    "grafana.ini": {
      server: { root_url: isPublic ? `https://${host}` : FORWARDED },
      analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
      "auth.anonymous": { enabled: false },
      users: { allow_sign_up: false },
      security: { cookie_secure: isPublic, disable_gravatar: true },
    },
    sidecar: {
      // Those of dist, in whichever namespace, by the label that they carry.
      dashboards: { enabled: true, label: "grafana_dashboard", labelValue: "1", searchNamespace: "ALL" },
      datasources: { enabled: true, defaultDatasourceEnabled: true, uid: DATA_SOURCES.metrics },
    },
    additionalDataSources: [logs(), traces()],
    resources: resources("100m", "256Mi", "512Mi"),
  };
}

function logs() {
  const query = (text: string, name: string, label: string) => ({
    name,
    // By the label of a line, as the collector found it in its JSON.
    matcherType: "label",
    matcherRegex: name,
    datasourceUid: DATA_SOURCES.traces,
    url: text,
    urlDisplayLabel: label,
  });
  return {
    name: "Loki",
    uid: DATA_SOURCES.logs,
    type: "loki",
    access: "proxy",
    url: URLS.loki,
    jsonData: {
      derivedFields: [
        query(VALUE, "trace_id", "Trace"),
        query(`{ span.job_id = "${VALUE}" }`, "job_id", "Traces of this job"),
      ],
    },
  };
}

function traces() {
  const datasourceUid = DATA_SOURCES.metrics;
  return {
    name: "Tempo",
    uid: DATA_SOURCES.traces,
    type: "tempo",
    access: "proxy",
    url: URLS.tempo,
    jsonData: {
      tracesToLogsV2: {
        datasourceUid: DATA_SOURCES.logs,
        ...MARGIN,
        customQuery: true,
        // By the trace alone: Grafana hides a link of which a part is missing, and most spans have no job.
        query: `{k8s_namespace_name=~".+"} | trace_id="${TRACE_ID}"`,
      },
      serviceMap: { datasourceUid },
      nodeGraph: { enabled: true },
    },
  };
}
