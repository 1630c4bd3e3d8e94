import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import { HelmAddon } from "./helm-addon";
import { ONE_AT_A_TIME, resources } from "./values";

const VALUES = {
  replicas: 2,
  podDisruptionBudget: { enabled: true, ...ONE_AT_A_TIME },
  // A certificate that the API server checks, where by default it takes any.
  tls: { type: "helm" },
  apiService: { insecureSkipTLSVerify: false },
  resources: resources("100m", "128Mi", "256Mi"),
  metrics: { enabled: true },
  serviceMonitor: { enabled: true },
};

/** metrics-server: CPU and memory of pods, by which Odoo and the API are scaled (LOOM-10). */
export class MetricsServer extends HelmAddon {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super(name, { chart: CHARTS.metricsServer, namespace: "metrics-server", values: VALUES }, opts);
  }
}
