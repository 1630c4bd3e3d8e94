import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels, selectorLabels } from "../shared/labels";
import type { LoomworksSettings } from "../settings/loomworks";
import { OdooAutoscaler } from "./odoo-autoscaler";
import { LONGEST_REQUEST_SECONDS, OdooConfig } from "./odoo-config";
import { ODOO, odooExporter, odooPod, reloadOnRotation } from "./odoo-pod";

export interface OdooWebProps {
  readonly settings: LoomworksSettings["odoo"];
  readonly config: OdooConfig;
  /** Annotations of the Service, for the ingress controller in front of it. @default none */
  readonly serviceAnnotations?: Readonly<Record<string, string>>;
}

/** Seconds that a pod goes on serving after its end was decided: the ingress needs them to forget it. */
const DRAIN_SECONDS = 15;

/** Odoo for requests: replicas spread over nodes, rolled one at a time, never fewer ready ones than before. */
export class OdooWeb extends Construct {
  constructor(scope: Construct, id: string, props: OdooWebProps) {
    super(scope, id);
    this.createServiceAccount();
    this.createServices(props.serviceAnnotations);
    this.createDeployment(props);
    this.createDisruptionBudget();
    new OdooAutoscaler(this, "Autoscaler", { deployment: ODOO.name, ...props.settings });
  }

  private createServiceAccount(): void {
    new k8s.KubeServiceAccount(this, "ServiceAccount", {
      metadata: { name: ODOO.name, labels: objectLabels(ODOO.name) },
      automountServiceAccountToken: false,
    });
  }

  private createServices(annotations?: Readonly<Record<string, string>>): void {
    new k8s.KubeService(this, "Service", {
      metadata: { name: ODOO.name, labels: objectLabels(ODOO.name), annotations: { ...annotations } },
      spec: {
        selector: selectorLabels(ODOO.name),
        ports: [port("http", ODOO.httpPort), port("websocket", ODOO.websocketPort)],
      },
    });
    // Apart, so that what serves people exposes nothing that counts them.
    new k8s.KubeService(this, "MetricsService", {
      metadata: { name: `${ODOO.name}-metrics`, labels: objectLabels(`${ODOO.name}-metrics`) },
      spec: { clusterIp: "None", selector: selectorLabels(ODOO.name), ports: [port("metrics", ODOO.metricsPort)] },
    });
  }

  private createDeployment({ settings, config }: OdooWebProps): void {
    new k8s.KubeDeployment(this, "Deployment", {
      metadata: { name: ODOO.name, labels: objectLabels(ODOO.name), annotations: reloadOnRotation() },
      spec: {
        // No replicas: they are the autoscaler's (two to begin with), and each apply would set them back.
        selector: { matchLabels: selectorLabels(ODOO.name) },
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
        },
        progressDeadlineSeconds: settings.rolloutDeadlineSeconds,
        revisionHistoryLimit: 10,
        template: odooPod({
          name: ODOO.name,
          settings,
          config,
          container: webContainer(),
          sidecars: [odooExporter()],
          terminationGracePeriodSeconds: LONGEST_REQUEST_SECONDS + DRAIN_SECONDS,
          topologySpreadConstraints: [
            spread("kubernetes.io/hostname", "DoNotSchedule"),
            spread(ZONE, "ScheduleAnyway"),
          ],
        }),
      },
    });
  }

  private createDisruptionBudget(): void {
    new k8s.KubePodDisruptionBudget(this, "DisruptionBudget", {
      metadata: { name: ODOO.name, labels: objectLabels(ODOO.name) },
      spec: {
        minAvailable: k8s.IntOrString.fromNumber(1),
        selector: { matchLabels: selectorLabels(ODOO.name) },
        // A pod that never got ready protects nobody, and would block each drain.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    });
  }
}

const ZONE = "topology.kubernetes.io/zone";

function webContainer(): Partial<k8s.Container> {
  const health = (query: string) => ({
    httpGet: { path: `/web/health${query}`, port: k8s.IntOrString.fromString("http") },
  });
  return {
    ports: [
      { name: "http", containerPort: ODOO.httpPort },
      { name: "websocket", containerPort: ODOO.websocketPort },
    ],
    startupProbe: { ...health(""), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 },
    // Without the database: a database that is away would otherwise restart every replica, over and over.
    livenessProbe: { ...health(""), periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...health("?db_server_status=1"), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2 },
    lifecycle: { preStop: { exec: { command: ["sleep", String(DRAIN_SECONDS)] } } },
  };
}

function spread(topologyKey: string, whenUnsatisfiable: string): k8s.TopologySpreadConstraint {
  return {
    topologyKey,
    whenUnsatisfiable,
    maxSkew: 1,
    labelSelector: { matchLabels: selectorLabels(ODOO.name) },
    // Each rollout is spread by itself: the old pods that are about to go don't count.
    matchLabelKeys: ["pod-template-hash"],
  };
}

function port(name: string, number: number): k8s.ServicePort {
  return { name, port: number, targetPort: k8s.IntOrString.fromString(name) };
}
