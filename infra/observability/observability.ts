import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { OBSERVABILITY_SECRETS } from "../../constructs/contract";
import { createAdmitted } from "../addons/admitted";
import { namespaceLabels, PodSecurity } from "../addons/helm-addon";
import type { ClusterIdentity } from "../cluster/pod-identity";
import { Component } from "../component";
import type { Rotation } from "../config";
import { Credentials } from "../data/credentials";
import type { ObjectStorage } from "../data/object-storage";
import { AlertChannels, alertSecret } from "./alert-channels";
import { Collector, LogAgents } from "./collectors";
import type { GrafanaArgs } from "./grafana-values";
import { Loki, StoreArgs } from "./loki";
import { AGENTS_NAMESPACE, NAMES, NAMESPACE } from "./names";
import { Prometheus } from "./prometheus";
import { Tempo } from "./tempo";

export interface ObservabilityArgs {
  readonly cluster: ClusterIdentity;
  readonly region: string;
  readonly storage: ObjectStorage;
  readonly rotation: Rotation;
  /** Host of Grafana in the browser, and the networks from which it is reached there. */
  readonly grafana: Omit<GrafanaArgs, "credentialsHash">;
  /** Days for which figures, logs and traces are kept. */
  readonly metricDays: number;
  readonly logDays: number;
  readonly traceDays: number;
  /** Size of Prometheus' volume, as in `50Gi`. */
  readonly metricsVolume: string;
  /** Replicas of Prometheus and Alertmanager. */
  readonly replicas: number;
  /** StorageClass of the volumes. */
  readonly storageClass: string;
  /** Where alerts go. */
  readonly alerts: AlertChannels;
}

/**
 * Metrics, logs and traces, and one place to see them (PLAT-06). The kinds of Prometheus are not made here: whatever has a
 * monitor needs them before.
 */
export class Observability extends Component {
  readonly namespace: k8s.core.v1.Namespace;
  /** What has to be ready before dashboards, rules and monitors are of use. */
  readonly releases: readonly k8s.helm.v3.Release[];

  constructor(name: string, args: ObservabilityArgs, opts: pulumi.ComponentResourceOptions) {
    super("observability:Observability", name, opts);
    const { dependsOn } = opts;
    const within = this.createNamespace(NAMESPACE, "restricted", dependsOn);
    const agents = this.createNamespace(AGENTS_NAMESPACE, "privileged", dependsOn);
    const child = this.childOptions({ dependsOn });

    const stores = [
      new Loki(NAMES.loki, { ...this.storeOf(args, within, "logs"), days: args.logDays }, child),
      new Tempo(NAMES.tempo, { ...this.storeOf(args, within, "traces"), days: args.traceDays }, child),
    ];
    const after = this.childOptions({ dependsOn: stores.map(({ nodes }) => nodes.release) });
    const addons = [
      ...stores,
      this.createPrometheus(args, within, agents),
      new Collector(NAMES.collector, within, after),
      new LogAgents(NAMES.agent, agents, after),
    ];
    this.namespace = within;
    this.releases = addons.map(({ nodes }) => nodes.release);
    this.registerOutputs({ namespace: NAMESPACE });
  }

  private createNamespace(
    name: string,
    podSecurity: PodSecurity,
    dependsOn: pulumi.CustomResourceOptions["dependsOn"],
  ): k8s.core.v1.Namespace {
    const metadata = { name, labels: namespaceLabels(podSecurity) };
    return new k8s.core.v1.Namespace(this.nameOf(name), { metadata }, this.childOptions({ dependsOn }));
  }

  private storeOf(
    { cluster, region, storage, storageClass }: ObservabilityArgs,
    within: k8s.core.v1.Namespace,
    kind: "logs" | "traces",
  ): Omit<StoreArgs, "days"> {
    const { [kind]: kept } = storage;
    const identity = { cluster, policies: { storage: storage.statementsFor(kept) } };
    return { within, region, storageClass, bucket: kept.bucket, identity };
  }

  private createPrometheus(
    args: ObservabilityArgs,
    within: k8s.core.v1.Namespace,
    agents: k8s.core.v1.Namespace,
  ): Prometheus {
    const { cluster, rotation, grafana: page, metricDays, metricsVolume, replicas, storageClass, alerts } = args;
    const channels = alertSecret(alerts);
    const { grafana } = OBSERVABILITY_SECRETS;
    const credentials = new Credentials(
      this.nameOf("credentials"),
      {
        namespace: NAMESPACE,
        secrets: [grafana, ...(channels ? [channels] : [])],
        rotation,
        given: channels && { [channels.name]: alerts.secrets },
      },
      this.childOptions({ dependsOn: [within] }),
    );
    const credentialsHash = credentials.hashes[grafana.name] ?? "";
    return new Prometheus(
      NAMES.prometheus,
      {
        within,
        grafana: { ...page, credentialsHash },
        clusterName: cluster.name,
        alerts,
        days: metricDays,
        volume: metricsVolume,
        replicas,
        storageClass,
      },
      // Pods that mount a Secret wait for it.
      this.childOptions({ dependsOn: [agents, credentials, ...this.admit(page.admitted, within)] }),
    );
  }

  private admit(networks: readonly string[], within: k8s.core.v1.Namespace): pulumi.Resource[] {
    if (networks.length === 0) return [];
    const opts = this.childOptions({ dependsOn: [within] });
    return [createAdmitted(this.nameOf("admitted"), { namespace: NAMESPACE, networks }, opts)];
  }
}
