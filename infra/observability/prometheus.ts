import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import { HelmAddon } from "../addons/helm-addon";
import { resources, RESTRICTED_CONTAINER } from "../addons/values";
import { AlertChannels, alertSecret } from "./alert-channels";
import { alertmanagerConfig, alertTemplates, TEMPLATES } from "./alertmanager-config";
import { GrafanaArgs, grafanaValues } from "./grafana-values";
import { AGENTS_NAMESPACE, DATA_SOURCES, NAMES, NAMESPACE } from "./names";

export interface PrometheusArgs {
  readonly within: k8s.core.v1.Namespace;
  readonly grafana: GrafanaArgs;
  /** Name of the cluster, on each alert: the stacks may tell the same people. */
  readonly clusterName: pulumi.Input<string>;
  /** Where alerts go. */
  readonly alerts: AlertChannels;
  /** Days for which figures are kept. */
  readonly days: number;
  /** Size of the volume of each replica, as in `50Gi`. */
  readonly volume: string;
  /** Replicas of Prometheus and of Alertmanager: each asks everybody by itself. */
  readonly replicas: number;
  /** StorageClass of the volumes. */
  readonly storageClass: string;
}

/** Share of the volume that figures may take; the rest is for the log of what came last, and for compaction. */
const VOLUME_SHARE = "85%";

const ALERTS_VOLUME = "2Gi";

/** Prometheus, Alertmanager and Grafana, by kube-prometheus-stack: they find every monitor, rule and dashboard of every namespace. */
export class Prometheus extends HelmAddon {
  constructor(name: string, args: PrometheusArgs, opts: pulumi.ComponentResourceOptions) {
    const { within } = args;
    super(name, { chart: CHARTS.prometheus, namespace: NAMESPACE, within, values: valuesOf(args) }, opts);
  }
}

function valuesOf(args: PrometheusArgs): pulumi.Inputs {
  return {
    fullnameOverride: NAMES.prometheus,
    // From a release of their own: see CHARTS.prometheusCrds.
    crds: { enabled: false },
    prometheus: { prometheusSpec: prometheusOf(args) },
    alertmanager: {
      config: alertmanagerConfig(args.alerts),
      templateFiles: { [TEMPLATES]: alertTemplates(args.alerts) },
      alertmanagerSpec: alertmanagerOf(args),
    },
    prometheusOperator: { resources: resources("50m", "128Mi", "256Mi") },
    grafana: grafanaValues(args.grafana),
    "kube-state-metrics": { resources: resources("50m", "128Mi", "512Mi") },
    // It reads the host's own files.
    "prometheus-node-exporter": {
      namespaceOverride: AGENTS_NAMESPACE,
      resources: resources("20m", "32Mi", "128Mi"),
    },
    ...HIDDEN_BY_EKS,
  };
}

/** AWS runs these, and shows them to nobody: their alerts would fire for ever. */
const HIDDEN_BY_EKS = {
  kubeControllerManager: { enabled: false },
  kubeScheduler: { enabled: false },
  kubeEtcd: { enabled: false },
  kubeProxy: { enabled: false },
  defaultRules: {
    rules: { etcd: false, kubeControllerManager: false, kubeSchedulerAlerting: false, kubeSchedulerRecording: false },
  },
};

function prometheusOf({ clusterName, days, volume, replicas, storageClass }: PrometheusArgs): pulumi.Inputs {
  return {
    replicas,
    retention: `${days}d`,
    retentionSize: sizeOf(volume),
    storageSpec: claim(storageClass, volume),
    // Whatever asks to be watched is, wherever it stands; by default, what this release brought alone.
    serviceMonitorSelectorNilUsesHelmValues: false,
    podMonitorSelectorNilUsesHelmValues: false,
    ruleSelectorNilUsesHelmValues: false,
    probeSelectorNilUsesHelmValues: false,
    scrapeConfigSelectorNilUsesHelmValues: false,
    // Tempo writes what it counts of traces.
    enableRemoteWriteReceiver: true,
    enableFeatures: ["exemplar-storage"],
    podAntiAffinity: "soft",
    resources: resources("250m", "1Gi", "3Gi"),
    externalLabels: { source: DATA_SOURCES.metrics, cluster: clusterName },
  };
}

function alertmanagerOf({ alerts, replicas, storageClass }: PrometheusArgs): pulumi.Inputs {
  const secret = alertSecret(alerts);
  return {
    replicas,
    secrets: secret === undefined ? [] : [secret.name],
    storage: claim(storageClass, ALERTS_VOLUME),
    podAntiAffinity: "soft",
    securityContext: {
      runAsUser: 1000,
      runAsGroup: 2000,
      fsGroup: 2000,
      runAsNonRoot: true,
      seccompProfile: RESTRICTED_CONTAINER.seccompProfile,
    },
    resources: resources("20m", "64Mi", "128Mi"),
  };
}

function claim(storageClassName: string, storage: string) {
  const spec = { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } };
  return { volumeClaimTemplate: { spec } };
}

/** Prometheus knows no shares, and writes `GB` where Kubernetes writes `Gi`, for the same. */
function sizeOf(volume: string): string {
  const [, size = "0", unit = "G"] = /^(\d+)([MGT])i$/.exec(volume) ?? [];
  const scale = { M: 1, G: 1024, T: 1024 ** 2 }[unit] ?? 1;
  return `${Math.floor((Number(size) * scale * Number.parseInt(VOLUME_SHARE, 10)) / 100)}MB`;
}
