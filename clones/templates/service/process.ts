/** The form that the service's Deployments share: one image, one user, nothing to write to but what is named. */
import { k8s } from "cdk8s-plus-28";
import { requirements, scratch } from "../../../constructs/shared/containers";
import { configHash, Files } from "../../../constructs/shared/files";
import { objectLabels, selectorLabels } from "../../../constructs/shared/labels";
import { restrictedContainer, restrictedPod } from "../../../constructs/shared/security";
import type { Resources } from "../../../constructs/settings/loomworks";
import { PORTS } from "../accounts";

/** Node's own user in its official images. */
export const NODE_IDENTITY = { user: 1000, group: 1000 } as const;

const ZONE = "topology.kubernetes.io/zone";

export interface ProcessProps {
  /** Of workload, account and pods. */
  readonly name: string;
  readonly image: string;
  /** File of the image that is run, as in `server.js`. */
  readonly file: string;
  readonly env: readonly k8s.EnvVar[];
  readonly resources: Resources;
  /** What it may write below /tmp, as in `16Mi`. */
  readonly scratch: string;
  /** Seconds from SIGTERM to SIGKILL, what `preStop` takes included. */
  readonly graceSeconds: number;
  /** Ports, probes and hooks. */
  readonly container: Partial<k8s.Container>;
  /** Files that it reads, in a folder. @default none */
  readonly files?: { readonly source: Files; readonly folder: string };
}

/** Pods with the token of their own account. */
export function processPod(props: ProcessProps): k8s.PodTemplateSpec {
  const { name, image, file, env, resources, graceSeconds, files } = props;
  return {
    metadata: { labels: objectLabels(name), ...(files && { annotations: configHash(files.source) }) },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: graceSeconds,
      securityContext: restrictedPod(NODE_IDENTITY),
      topologySpreadConstraints: [
        // Rather two on one node than none at all: a worker that can't be placed works on nothing.
        spread(name, "kubernetes.io/hostname"),
        spread(name, ZONE),
      ],
      containers: [
        {
          name,
          image,
          command: ["node", file],
          env: [...env],
          resources: requirements(resources),
          securityContext: restrictedContainer(),
          volumeMounts: [
            { name: "tmp", mountPath: "/tmp" },
            ...(files ? [{ name: "files", mountPath: files.folder, readOnly: true }] : []),
          ],
          ...props.container,
        },
      ],
      volumes: [
        scratch("tmp", props.scratch),
        ...(files ? [{ name: "files", configMap: { name: files.source.name } }] : []),
      ],
    },
  };
}

/** A Deployment's spec around {@link processPod}: a new pod is ready before an old one goes. */
export function rolling(name: string, template: k8s.PodTemplateSpec, replicas?: number): k8s.DeploymentSpec {
  return {
    replicas,
    selector: { matchLabels: selectorLabels(name) },
    strategy: {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
    },
    revisionHistoryLimit: 10,
    template,
  };
}

/** Whether the process runs, and whether it can work: asked on one of its ports, by name. */
export function probes(port: "http" | "metrics", readyPath: string): Partial<k8s.Container> {
  const ask = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString(port) } });
  return {
    startupProbe: { ...ask("/healthz"), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 30 },
    // Without Redis and database: one that is away would otherwise restart every process, over and over.
    livenessProbe: { ...ask("/healthz"), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...ask(readyPath), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
  };
}

/** The port that Prometheus asks. */
export const METRICS_PORT: k8s.ContainerPort = { name: "metrics", containerPort: PORTS.metrics };

/** One pod at a time may go for a drained node. */
export function oneAtATime(name: string): k8s.PodDisruptionBudgetSpec {
  return {
    maxUnavailable: k8s.IntOrString.fromNumber(1),
    selector: { matchLabels: selectorLabels(name) },
    // A pod that never got ready protects nobody, and would block each drain.
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  };
}

/** Where Prometheus finds the pods of `name`, apart from what serves people. */
export function metricsService(name: string): { metadata: k8s.ObjectMeta; spec: k8s.ServiceSpec } {
  const own = `${name}-metrics`;
  return {
    metadata: { name: own, labels: objectLabels(own) },
    spec: {
      clusterIp: "None",
      selector: selectorLabels(name),
      ports: [{ name: "metrics", port: PORTS.metrics, targetPort: k8s.IntOrString.fromString("metrics") }],
    },
  };
}

function spread(name: string, topologyKey: string): k8s.TopologySpreadConstraint {
  return {
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    maxSkew: 1,
    labelSelector: { matchLabels: selectorLabels(name) },
    // Each rollout is spread by itself: the old pods that are about to go don't count.
    matchLabelKeys: ["pod-template-hash"],
  };
}
