/**
 * What the fake nodes' kubelet does with pods, in kwok's language. Tests steer single pods by these annotations, which
 * may come and go while a pod runs.
 */
export const POD_ANNOTATIONS = {
  /** `"true"`: the pod runs, and its readiness probe fails. So does an image with {@link NEVER_READY_IMAGE} in its name. */
  neverReady: "test.loomworks/never-ready",
  /** A Go duration, such as `5s`: how long the pod takes to get ready. @default at once */
  readyAfter: "test.loomworks/ready-after",
  /** A Go duration: how long the pod takes to end once it is deleted. @default at once */
  terminatesAfter: "test.loomworks/terminates-after",
  /** A Go duration after which the pod's containers have done their work. @default never, not even a Job's */
  completesAfter: "test.loomworks/completes-after",
  /** The same, with exit code 1. */
  failsAfter: "test.loomworks/fails-after",
} as const;

/** Marker in an image's name that makes its pods {@link POD_ANNOTATIONS.neverReady}. */
export const NEVER_READY_IMAGE = "never-ready";

interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const PHASE = ".status.phase";
const annotation = (name: string) => `.metadata.annotations["${name}"]`;

const LIVES: Requirement = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };
const IS_READY: Requirement = { key: READY, operator: "In", values: ["True"] };
const IS_NOT_READY: Requirement = { key: READY, operator: "NotIn", values: ["True"] };
const IS_PENDING: Requirement = { key: PHASE, operator: "In", values: ["Pending"] };
const RUNS: Requirement = { key: PHASE, operator: "In", values: ["Running"] };

/** `true` for a pod that must not get ready, by annotation or by image. */
const MARKED =
  `(${annotation(POD_ANNOTATIONS.neverReady)} == "true") or ` +
  `([.spec.containers[].image | select(contains("${NEVER_READY_IMAGE}"))] | length > 0) | tostring`;
const IS_MARKED: Requirement = { key: MARKED, operator: "In", values: ["true"] };
const IS_NOT_MARKED: Requirement = { key: MARKED, operator: "NotIn", values: ["true"] };

/** The stages, as the text of a kwok configuration. */
export function stagesText(): string {
  const stages = [
    stage("node-initialize", "Node", [IS_NOT_READY], { statusTemplate: nodeStatus() }),
    stage(
      "pod-ready",
      "Pod",
      [LIVES, IS_PENDING, IS_NOT_MARKED],
      { statusTemplate: startedStatus(true) },
      "readyAfter",
    ),
    stage("pod-never-ready", "Pod", [LIVES, IS_PENDING, IS_MARKED], { statusTemplate: startedStatus(false) }),
    stage("pod-recovers", "Pod", [LIVES, RUNS, IS_NOT_READY, IS_NOT_MARKED], { statusTemplate: startedStatus(true) }),
    stage("pod-sickens", "Pod", [LIVES, RUNS, IS_READY, IS_MARKED], { statusTemplate: startedStatus(false) }),
    ending("pod-completes", "completesAfter", "Succeeded", 0),
    ending("pod-fails", "failsAfter", "Failed", 1),
    stage(
      "pod-delete",
      "Pod",
      [{ key: ".metadata.deletionTimestamp", operator: "Exists" }],
      { delete: true },
      "terminatesAfter",
    ),
  ];
  return stages.map((one) => JSON.stringify(one)).join("\n---\n");
}

function stage(
  name: string,
  kind: "Node" | "Pod",
  matchExpressions: readonly Requirement[],
  next: object,
  delay?: keyof typeof POD_ANNOTATIONS,
): object {
  const durationFrom = delay && { expressionFrom: annotation(POD_ANNOTATIONS[delay]) };
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions },
      ...(durationFrom && { delay: { durationMilliseconds: 0, durationFrom } }),
      next,
    },
  };
}

function ending(name: string, when: "completesAfter" | "failsAfter", phase: string, exitCode: number): object {
  const asked: Requirement = { key: annotation(POD_ANNOTATIONS[when]), operator: "Exists" };
  const statusTemplate = `
{{ $now := Now }}
conditions:
- { lastTransitionTime: {{ $now | Quote }}, status: "False", type: Ready, reason: Pod${phase} }
- { lastTransitionTime: {{ $now | Quote }}, status: "False", type: ContainersReady, reason: Pod${phase} }
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    terminated:
      exitCode: ${exitCode}
      finishedAt: {{ $now | Quote }}
      reason: ${exitCode === 0 ? "Completed" : "Error"}
      startedAt: {{ $now | Quote }}
{{ end }}
phase: ${phase}
`;
  return stage(name, "Pod", [LIVES, RUNS, asked], { statusTemplate }, when);
}

function nodeStatus(): string {
  return `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}
addresses:
- { address: {{ NodeIP | Quote }}, type: InternalIP }
- { address: {{ NodeName | Quote }}, type: Hostname }
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: {{ printf "kwok-%s" Version }}
  kernelVersion: {{ printf "kwok-%s" Version }}
  kubeProxyVersion: {{ printf "kwok-%s" Version }}
  kubeletVersion: {{ printf "kwok-%s" Version }}
  machineID: ""
  operatingSystem: linux
  osImage: ""
  systemUUID: ""
phase: Running
`;
}

/** Containers that run, after their init containers did their work; ready or not. */
function startedStatus(ready: boolean): string {
  const condition = ready ? "True" : "False";
  return `
{{ $now := Now }}
conditions:
- { lastTransitionTime: {{ $now | Quote }}, status: "True", type: Initialized }
- { lastTransitionTime: {{ $now | Quote }}, status: "${condition}", type: Ready }
- { lastTransitionTime: {{ $now | Quote }}, status: "${condition}", type: ContainersReady }
{{ range .spec.readinessGates }}
- { lastTransitionTime: {{ $now | Quote }}, status: "True", type: {{ .conditionType | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: ${ready}
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
  {{ else }}
  state:
    terminated: { exitCode: 0, finishedAt: {{ $now | Quote }}, reason: Completed, startedAt: {{ $now | Quote }} }
  {{ end }}
{{ end }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ if not .status.podIP }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ end }}
phase: Running
startTime: {{ or .status.startTime $now | Quote }}
`;
}
