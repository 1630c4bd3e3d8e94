/** What the collectors do with traces and logs. Their own figures are asked by Prometheus. */
import { AGENTS_NAMESPACE, NAMESPACE, URLS } from "./names";

/** Fields of the JSON that our processes log, which lead from a line to its trace and to its job (CLONE-12). */
const LINKS = ["trace_id", "span_id", "job_id", "job_type"] as const;

const queued = (more: object) => ({
  ...more,
  // Minutes of a store that is away, on the way there; then the oldest go.
  sending_queue: { queue_size: 5000 },
  retry_on_failure: { max_elapsed_time: "300s" },
});

/** Of the one that everybody sends to: traces on to Tempo, logs on to Loki. */
export function gatewayConfig() {
  return {
    receivers: { jaeger: null, prometheus: null, zipkin: null },
    exporters: {
      "otlp/tempo": queued({ endpoint: URLS.tempoTraces, tls: { insecure: true } }),
      "otlphttp/loki": queued({ endpoint: `${URLS.loki}/otlp` }),
    },
    service: {
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "k8s_attributes", "batch"],
          exporters: ["otlp/tempo"],
        },
        logs: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "k8s_attributes", "batch"],
          exporters: ["otlphttp/loki"],
        },
        metrics: null,
      },
    },
  };
}

/** Of the one on each node, which reads the files of its pods: fields that link are lifted out of the line. */
export function agentConfig() {
  return {
    receivers: {
      jaeger: null,
      prometheus: null,
      zipkin: null,
      otlp: null,
      filelog: {
        // Their own: reading one would write the next.
        exclude: [NAMESPACE, AGENTS_NAMESPACE].map((namespace) => `/var/log/pods/${namespace}_otel-*_*/*/*.log`),
        operators: [
          { id: "container-parser", type: "container", max_log_size: 102_400 },
          {
            id: "parse-json",
            type: "json_parser",
            // What isn't JSON goes on as it is.
            if: 'body startsWith "{"',
            parse_from: "body",
            parse_to: "attributes.fields",
            on_error: "send_quiet",
          },
          ...LINKS.map(lift),
          { id: "drop-fields", type: "remove", field: "attributes.fields", if: "attributes.fields != nil" },
        ],
      },
    },
    exporters: { otlp: queued({ endpoint: URLS.collector, tls: { insecure: true } }) },
    service: {
      pipelines: {
        logs: {
          receivers: ["filelog"],
          processors: ["memory_limiter", "k8s_attributes", "batch"],
          exporters: ["otlp"],
        },
        traces: null,
        metrics: null,
      },
    },
  };
}

/** An attribute of the line becomes structured metadata in Loki, by which lines are found without an index of their own. */
function lift(field: string) {
  return {
    id: `lift-${field.replace("_", "-")}`,
    type: "move",
    from: `attributes.fields.${field}`,
    to: `attributes.${field}`,
    if: `attributes.fields != nil and attributes.fields.${field} != nil`,
  };
}
