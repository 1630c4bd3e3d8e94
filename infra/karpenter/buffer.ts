import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { IMAGES } from "../../constructs/versions";
import { Component, LABELS } from "../component";
import type { BufferCapacity } from "./buffer-capacity";

export interface BufferArgs {
  /** What keeps room: pods that give way, or an order that Karpenter reads. */
  readonly mode: "pause" | "capacityBuffer";
  readonly namespace: pulumi.Input<string>;
  /** NodePool of the warm nodes. */
  readonly pool: string;
  readonly capacity: BufferCapacity;
}

const NAME = "warm-nodes";
const SELECTOR = { "app.kubernetes.io/name": NAME };

/**
 * Below every other pod, so that all of them may take its place; but not far below: Karpenter takes a node whose pods are at
 * -33554432 or lower for an empty one, and would remove it.
 */
const PRIORITY = -10;

/** The same user that the image has by itself. */
const NOBODY = 65_535;

/**
 * Room that is kept on the warm nodes: for each node as much as its clones take. When clones come, it gives way at once, and
 * Karpenter makes room anew behind them.
 */
export class Buffer extends Component {
  constructor(name: string, args: BufferArgs, opts: pulumi.ComponentResourceOptions) {
    super("karpenter:Buffer", name, opts);
    if (args.mode === "pause") this.createPausePods(args, opts.dependsOn);
    else this.createCapacityBuffer(args, opts.dependsOn);
    this.registerOutputs({ clones: args.capacity.clones });
  }

  private createPausePods({ namespace, pool, capacity }: BufferArgs, dependsOn: DependsOn): void {
    const priority = new k8s.scheduling.v1.PriorityClass(
      this.nameOf("priority"),
      {
        metadata: { name: NAME, labels: LABELS },
        value: PRIORITY,
        preemptionPolicy: "Never",
        description: "Keeps room on warm nodes, and gives it to anybody",
      },
      this.childOptions({ dependsOn }),
    );
    new k8s.apps.v1.Deployment(
      this.nameOf("pods"),
      {
        metadata: { name: NAME, namespace, labels: { ...LABELS, ...SELECTOR } },
        spec: {
          replicas: capacity.nodes,
          selector: { matchLabels: SELECTOR },
          strategy: { type: "Recreate" },
          template: {
            metadata: { labels: { ...LABELS, ...SELECTOR } },
            spec: { ...podSpec(pool, capacity), priorityClassName: priority.metadata.name, affinity: ONE_A_NODE },
          },
        },
      },
      // Nodes may take their time, and a pod that gave way is no failure.
      this.childOptions({ dependsOn, customTimeouts: { create: "15m" } }),
    );
  }

  private createCapacityBuffer({ namespace, pool, capacity }: BufferArgs, dependsOn: DependsOn): void {
    const metadata = { name: NAME, namespace, labels: LABELS };
    const template = new k8s.core.v1.PodTemplate(
      this.nameOf("template"),
      { metadata, template: { metadata: { labels: SELECTOR }, spec: podSpec(pool, capacity) } },
      this.childOptions({ dependsOn }),
    );
    new k8s.apiextensions.CustomResource(
      this.nameOf("buffer"),
      {
        apiVersion: "autoscaling.x-k8s.io/v1beta1",
        kind: "CapacityBuffer",
        metadata,
        spec: { podTemplateRef: { name: NAME }, replicas: capacity.nodes },
      },
      this.childOptions({ dependsOn: [template] }),
    );
  }
}

type DependsOn = pulumi.CustomResourceOptions["dependsOn"];

const ONE_A_NODE = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { labelSelector: { matchLabels: SELECTOR }, topologyKey: "kubernetes.io/hostname" },
    ],
  },
};

/** One for each node, as large as all clones that fit beside the DaemonSets. */
function podSpec(pool: string, { clone, clonesPerNode }: BufferCapacity): k8s.types.input.core.v1.PodSpec {
  const requests = { cpu: `${clone.cpu * clonesPerNode}m`, memory: `${clone.memory * clonesPerNode}Mi` };
  return {
    nodeSelector: { "karpenter.sh/nodepool": pool },
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: NOBODY, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "pause",
        image: IMAGES.pause,
        resources: { requests, limits: { memory: requests.memory } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
}
