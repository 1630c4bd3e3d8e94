/** Where the parts of observability find each other. */
import { PEERS } from "../../constructs/contract";

/** Namespace of all that listens; what reads the nodes' files has one of its own, since Pod Security can't be strict there. */
export const NAMESPACE = PEERS.prometheus.namespace;
export const AGENTS_NAMESPACE = "node-agents";

const host = (name: string) => `${name}.${NAMESPACE}.svc.cluster.local`;

/** Names of releases and of their Services. */
export const NAMES = {
  prometheus: "kube-prometheus",
  loki: "loki",
  tempo: "tempo",
  /** As the settings' default of `clones.service.tracingEndpoint` has it. */
  collector: "otel-collector",
  agent: "otel-agent",
} as const;

export const URLS = {
  prometheus: `http://${host(`${NAMES.prometheus}-prometheus`)}:9090`,
  loki: `http://${host(NAMES.loki)}:3100`,
  tempo: `http://${host(NAMES.tempo)}:3200`,
  /** OTLP over gRPC, without scheme as exporters want it. */
  tempoTraces: `${host(NAMES.tempo)}:4317`,
  collector: `${host(NAMES.collector)}:4317`,
} as const;

/** Grafana's ids of the data sources; dashboards of dist name the first. */
export const DATA_SOURCES = { metrics: "prometheus", logs: "loki", traces: "tempo" } as const;
