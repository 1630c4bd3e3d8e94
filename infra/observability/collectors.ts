import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CHART_IMAGES, CHARTS } from "../../constructs/versions";
import { HelmAddon } from "../addons/helm-addon";
import { ONE_AT_A_TIME, resources, RESTRICTED_CONTAINER } from "../addons/values";
import { agentConfig, gatewayConfig } from "./collector-config";
import { AGENTS_NAMESPACE, NAMES, NAMESPACE } from "./names";

/** User of its image. */
const USER = 10_001;

const RECEIVERS_OFF = {
  "jaeger-compact": { enabled: false },
  "jaeger-thrift": { enabled: false },
  "jaeger-grpc": { enabled: false },
  zipkin: { enabled: false },
  metrics: { enabled: true },
};

const COMMON = {
  image: { repository: CHART_IMAGES.collector },
  command: { name: "otelcol-k8s" },
};

/** The collector that processes send traces to, and the nodes' agents logs. */
export class Collector extends HelmAddon {
  constructor(name: string, within: k8s.core.v1.Namespace, opts: pulumi.ComponentResourceOptions) {
    super(name, { chart: CHARTS.collector, namespace: NAMESPACE, within, values: GATEWAY }, opts);
  }
}

const GATEWAY = {
  ...COMMON,
  fullnameOverride: NAMES.collector,
  mode: "deployment",
  replicaCount: 2,
  podDisruptionBudget: { enabled: true, ...ONE_AT_A_TIME },
  presets: { kubernetesAttributes: { enabled: true } },
  config: gatewayConfig(),
  ports: RECEIVERS_OFF,
  resources: resources("100m", "256Mi", "512Mi"),
  podSecurityContext: { runAsUser: USER, runAsGroup: USER },
  securityContext: RESTRICTED_CONTAINER,
  serviceMonitor: { enabled: true },
};

/** On each node: reads what its pods log, finds trace and job in it, and sends it on. */
export class LogAgents extends HelmAddon {
  constructor(name: string, within: k8s.core.v1.Namespace, opts: pulumi.ComponentResourceOptions) {
    super(name, { chart: CHARTS.collector, namespace: AGENTS_NAMESPACE, within, values: AGENT }, opts);
  }
}

const AGENT = {
  ...COMMON,
  fullnameOverride: NAMES.agent,
  mode: "daemonset",
  presets: { logsCollection: { enabled: true, storeCheckpoints: true }, kubernetesAttributes: { enabled: true } },
  config: agentConfig(),
  ports: { ...RECEIVERS_OFF, otlp: { enabled: false }, "otlp-http": { enabled: false } },
  // Logs of every node, tainted ones too.
  tolerations: [{ operator: "Exists" }],
  priorityClassName: "system-node-critical",
  resources: resources("50m", "128Mi", "384Mi"),
  // The pods' files belong to root, and so does where it notes how far it has read.
  podSecurityContext: { runAsUser: 0, runAsGroup: 0 },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
    seccompProfile: RESTRICTED_CONTAINER.seccompProfile,
  },
  podMonitor: { enabled: true },
};
