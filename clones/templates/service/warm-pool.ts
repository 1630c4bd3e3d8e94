import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { ClonesSettings, cloneImage, serviceImage } from "../../../constructs/settings";
import { Files } from "../../../constructs/shared/files";
import { objectLabels } from "../../../constructs/shared/labels";
import { WARM_POD_TEMPLATE } from "../../warm-pool/labels";
import { ACCOUNTS } from "../accounts";
import { warmPodTemplateData } from "../warm-pod";
import { warmPoolEnvironment } from "./environment";
import { METRICS_PORT, metricsService, oneAtATime, probes, processPod, rolling } from "./process";

const NAME = ACCOUNTS.warmPool;

/** One acts, the other one waits for its Lease. */
const REPLICAS = 2;

const RESOURCES = { cpuRequest: "50m", cpuLimit: "500m", memoryRequest: "128Mi", memoryLimit: "256Mi" } as const;

/** Long enough to give the Lease back, so that the other replica needn't wait for its end. */
const GRACE_SECONDS = 30;

/** Where it finds the manifest of a pod of the pool. */
const FOLDER = "/etc/warm-pool";

/** The controller of the warm pool (WARM-03). */
export class WarmPool extends Construct {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    const metadata = { name: NAME, labels: objectLabels(NAME) };
    const template = new Files(this, "Template", {
      name: WARM_POD_TEMPLATE.name,
      owner: NAME,
      data: warmPodTemplateData({ image: cloneImage(settings) }),
    });
    new k8s.KubeService(this, "MetricsService", metricsService(NAME));
    new k8s.KubeDeployment(this, "Deployment", { metadata, spec: rolling(NAME, pod(settings, template), REPLICAS) });
    new k8s.KubePodDisruptionBudget(this, "DisruptionBudget", { metadata, spec: oneAtATime(NAME) });
  }
}

function pod(settings: ClonesSettings, template: Files): k8s.PodTemplateSpec {
  return processPod({
    name: NAME,
    image: serviceImage(settings),
    file: "warm-pool.js",
    env: warmPoolEnvironment(settings, `${FOLDER}/${WARM_POD_TEMPLATE.key}`),
    resources: RESOURCES,
    scratch: "16Mi",
    graceSeconds: GRACE_SECONDS,
    files: { source: template, folder: FOLDER },
    container: { ports: [METRICS_PORT], ...probes("metrics", "/healthz") },
  });
}
