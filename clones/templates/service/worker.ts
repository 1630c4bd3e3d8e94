import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { ClonesSettings, serviceImage } from "../../../constructs/settings";
import { objectLabels } from "../../../constructs/shared/labels";
import { ACCOUNTS } from "../accounts";
import { workerEnvironment } from "./environment";
import { WorkerScaling } from "./worker-scaling";
import { METRICS_PORT, metricsService, oneAtATime, probes, processPod, rolling } from "./process";

const NAME = ACCOUNTS.worker;

const RESOURCES = { cpuRequest: "250m", cpuLimit: "1000m", memoryRequest: "256Mi", memoryLimit: "1Gi" } as const;

/** Uploads and database dumps of the sites that are under way: what a copy holds on disk before it is passed on. */
const SCRATCH = "8Gi";

/** The workers. One that is told to end takes no more jobs, and has the longest job's time for those it holds. */
export class Worker extends Construct {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    const metadata = { name: NAME, labels: objectLabels(NAME) };
    const { autoscale, replicas } = settings.service.worker;
    new k8s.KubeService(this, "MetricsService", metricsService(NAME));
    if (autoscale) new WorkerScaling(this, "Scaling");
    // No replicas where KEDA has a say: each apply would set them back.
    const spec = rolling(NAME, pod(settings), autoscale ? undefined : replicas);
    new k8s.KubeDeployment(this, "Deployment", { metadata, spec });
    new k8s.KubePodDisruptionBudget(this, "DisruptionBudget", { metadata, spec: oneAtATime(NAME) });
  }
}

function pod(settings: ClonesSettings): k8s.PodTemplateSpec {
  return processPod({
    name: NAME,
    image: serviceImage(settings),
    file: "worker.js",
    env: workerEnvironment(settings),
    resources: RESOURCES,
    scratch: SCRATCH,
    graceSeconds: settings.service.worker.graceSeconds,
    container: { ports: [METRICS_PORT], ...probes("metrics", "/healthz") },
  });
}
