import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { ClonesSettings, serviceImage } from "../../../constructs/settings";
import { objectLabels, selectorLabels } from "../../../constructs/shared/labels";
import { ACCOUNTS, PORTS } from "../accounts";
import { apiEnvironment } from "./environment";
import { METRICS_PORT, metricsService, oneAtATime, probes, processPod, rolling } from "./process";

const NAME = ACCOUNTS.service;

const RESOURCES = { cpuRequest: "250m", cpuLimit: "1000m", memoryRequest: "256Mi", memoryLimit: "512Mi" } as const;

/** Seconds that a pod goes on serving after its end was decided: the ingress needs them to forget it. */
const DRAIN_SECONDS = 15;

/** Longest that an answer takes, in seconds; streams of events are cut, and their readers come back with Last-Event-ID. */
const ANSWER_SECONDS = 30;

/** CPU use above which replicas are added, in percent of the requests. */
const CPU_PERCENT = 70;

/** How long a lower need must last before the first replica goes. */
const SCALE_DOWN_WINDOW_SECONDS = 300;

/** The API: replicas by CPU, spread over nodes, rolled one at a time, never fewer ready ones than before. */
export class Api extends Construct {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    const metadata = { name: NAME, labels: objectLabels(NAME) };
    this.createServices();
    // No replicas: they are the autoscaler's, and each apply would set them back.
    new k8s.KubeDeployment(this, "Deployment", { metadata, spec: rolling(NAME, pod(settings)) });
    new k8s.KubePodDisruptionBudget(this, "DisruptionBudget", { metadata, spec: oneAtATime(NAME) });
    this.createAutoscaler(settings.service);
  }

  private createServices(): void {
    new k8s.KubeService(this, "Service", {
      metadata: { name: NAME, labels: objectLabels(NAME) },
      spec: {
        selector: selectorLabels(NAME),
        ports: [{ name: "http", port: 80, targetPort: k8s.IntOrString.fromString("http") }],
      },
    });
    new k8s.KubeService(this, "MetricsService", metricsService(NAME));
  }

  private createAutoscaler({ minReplicas, maxReplicas }: ClonesSettings["service"]): void {
    const target = { type: "Utilization", averageUtilization: CPU_PERCENT };
    new k8s.KubeHorizontalPodAutoscalerV2(this, "Autoscaler", {
      metadata: { name: NAME, labels: objectLabels(NAME) },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: NAME },
        minReplicas,
        maxReplicas,
        metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
        behavior: {
          scaleDown: {
            stabilizationWindowSeconds: SCALE_DOWN_WINDOW_SECONDS,
            // A tenth of fewer than ten replicas rounds to none (decision 21).
            selectPolicy: "Max",
            policies: [
              { type: "Percent", value: 10, periodSeconds: 60 },
              { type: "Pods", value: 1, periodSeconds: 60 },
            ],
          },
        },
      },
    });
  }
}

function pod(settings: ClonesSettings): k8s.PodTemplateSpec {
  return processPod({
    name: NAME,
    image: serviceImage(settings),
    file: "server.js",
    env: apiEnvironment(settings),
    resources: RESOURCES,
    scratch: "16Mi",
    graceSeconds: DRAIN_SECONDS + ANSWER_SECONDS,
    container: {
      ports: [{ name: "http", containerPort: PORTS.http }, METRICS_PORT],
      ...probes("http", "/readyz"),
      lifecycle: { preStop: { exec: { command: ["sleep", String(DRAIN_SECONDS)] } } },
    },
  });
}
