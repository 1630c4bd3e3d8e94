import * as pulumi from "@pulumi/pulumi";
import { CLONE_SERVICE_NAMESPACE, PEERS } from "../../constructs/contract";
import { CHARTS } from "../../constructs/versions";
import { HelmAddon } from "./helm-addon";
import { ONE_AT_A_TIME, resources } from "./values";

const REPLICAS = 2;

const RESOURCES = resources("100m", "128Mi", "512Mi");

const MONITORED = { enabled: true, serviceMonitor: { enabled: true } };

/** What it tells of a ScaledObject is of that one's namespace, not of KEDA's own: so alerts find it beside the rest. */
const OF_WHOM_IT_SCALES = [
  { sourceLabels: ["exported_namespace"], regex: "(.+)", targetLabel: "namespace" },
  { action: "labeldrop", regex: "exported_namespace" },
];

const VALUES = {
  // In the clones' namespace alone: elsewhere it would read every Secret of the cluster.
  watchNamespace: CLONE_SERVICE_NAMESPACE,
  // Deployments and StatefulSets are what it scales; by default, anything with a scale.
  rbac: { enabledCustomScaledRefKinds: false },
  operator: { replicaCount: REPLICAS },
  metricsServer: { replicaCount: REPLICAS },
  webhooks: { replicaCount: REPLICAS },
  podDisruptionBudget: { operator: ONE_AT_A_TIME, metricServer: ONE_AT_A_TIME, webhooks: ONE_AT_A_TIME },
  resources: { operator: RESOURCES, metricServer: RESOURCES, webhooks: RESOURCES },
  image: { pullPolicy: "IfNotPresent" },
  logging: { operator: { format: "json" }, webhooks: { format: "json" } },
  prometheus: {
    operator: { enabled: true, serviceMonitor: { enabled: true, metricRelabelings: OF_WHOM_IT_SCALES } },
    metricServer: MONITORED,
    webhooks: MONITORED,
  },
};

/** KEDA: scales the clone workers by the length of their queue (PLAT-04). */
export class Keda extends HelmAddon {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super(name, { chart: CHARTS.keda, namespace: PEERS.keda.namespace, values: VALUES }, opts);
  }
}
