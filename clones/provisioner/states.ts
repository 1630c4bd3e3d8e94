/** What the objects of a clone say about themselves, in a few words: pure, and the same for errors and for `clones tree`. */

/** As much of Kubernetes' objects as is looked at. */
export interface Stateful {
  readonly metadata: { readonly deletionTimestamp?: string | Date };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly StateCondition[];
    readonly containerStatuses?: readonly ContainerState[];
    readonly initContainerStatuses?: readonly ContainerState[];
    readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string; readonly ip?: string }[] };
    readonly dbInstanceStatus?: string;
    readonly endpoint?: { readonly address?: string };
    readonly active?: number;
    readonly succeeded?: number;
    readonly failed?: number;
  };
}

interface StateCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface ContainerState {
  readonly name: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly exitCode: number; readonly reason?: string };
  };
  readonly lastState?: { readonly terminated?: { readonly exitCode: number } };
}

export interface State {
  /** One or two words. */
  readonly text: string;
  /** Why it isn't as it should be; a sentence without its full stop. */
  readonly problem?: string;
}

const PULL_REASONS = ["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull"];
/** Reasons of a container that merely takes its time. */
const PATIENT_REASONS = ["ContainerCreating", "PodInitializing"];

/** @param kind such as `Pod`; of a kind that has no state it only tells whether it is ending */
export function stateOf(kind: string, object: Stateful): State {
  if (object.metadata.deletionTimestamp !== undefined) return { text: "ending" };
  if (kind === "Pod") return podState(object);
  if (kind === "Job") return jobState(object);
  if (kind === "DBInstance") return databaseState(object);
  if (kind === "Ingress") return ingressState(object);
  return { text: "there" };
}

function podState({ status }: Stateful): State {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of containers) {
    const problem = containerProblem(container);
    if (problem !== undefined) return { text: container.state?.waiting?.reason ?? status?.phase ?? "failing", problem };
  }
  const unscheduled = find(status?.conditions, "PodScheduled", "False");
  if (unscheduled !== undefined) {
    return { text: "unscheduled", problem: `no node takes the pod: ${unscheduled.message ?? "no reason given"}` };
  }
  const phase = status?.phase ?? "Pending";
  if (phase === "Failed") return { text: "Failed", problem: "the pod failed" };
  if (phase !== "Running") return { text: phase };
  const unready = containers.find(({ ready }) => ready === false);
  if (unready === undefined) return { text: "Running, ready" };
  return {
    text: "Running, not ready",
    problem: `container ${unready.name} runs, but its readiness probe doesn't succeed`,
  };
}

function containerProblem({ name, image, state, lastState, restartCount }: ContainerState): string | undefined {
  const { waiting, terminated } = state ?? {};
  const reason = waiting?.reason ?? "";
  const told = waiting?.message === undefined ? "" : `: ${waiting.message}`;
  if (PULL_REASONS.includes(reason)) return `image ${image ?? "?"} can't be pulled (${reason})${told}`;
  if (reason === "CrashLoopBackOff") {
    const code = lastState?.terminated?.exitCode ?? terminated?.exitCode;
    return `container ${name} crashes again and again (${restartCount ?? 0} restarts, exit code ${code ?? "unknown"})`;
  }
  if (reason !== "" && !PATIENT_REASONS.includes(reason)) return `container ${name} can't start (${reason})${told}`;
  if (terminated === undefined || terminated.exitCode === 0) return undefined;
  return `container ${name} ended with exit code ${terminated.exitCode} (${terminated.reason ?? "Error"})`;
}

function jobState({ status }: Stateful): State {
  const failed = find(status?.conditions, "Failed", "True");
  if (failed !== undefined) {
    return { text: "Failed", problem: `the Job failed (${failed.reason ?? "?"}): ${failed.message ?? "no message"}` };
  }
  if (find(status?.conditions, "Complete", "True") !== undefined) return { text: "Complete" };
  return { text: (status?.active ?? 0) > 0 ? "Active" : "no pod yet" };
}

/** Shape of ACK's conditions: Terminal never gets better by itself, Recoverable may. */
function databaseState({ status }: Stateful): State {
  const text = status?.dbInstanceStatus ?? "not made yet";
  const terminal = find(status?.conditions, "ACK.Terminal", "True");
  if (terminal !== undefined) {
    return { text: "refused", problem: `the DBInstance was refused: ${terminal.message ?? "no message"}` };
  }
  const recoverable = find(status?.conditions, "ACK.Recoverable", "True");
  if (recoverable !== undefined) {
    return { text, problem: `the DBInstance can't be made at the moment: ${recoverable.message ?? "no message"}` };
  }
  if (status?.endpoint?.address !== undefined) return { text };
  return { text, problem: `the DBInstance has no address yet (${text})` };
}

function ingressState({ status }: Stateful): State {
  const [address] = status?.loadBalancer?.ingress ?? [];
  const text = address?.hostname ?? address?.ip;
  return { text: text ?? "no address" };
}

function find(
  conditions: readonly StateCondition[] | undefined,
  type: string,
  status: string,
): StateCondition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === status);
}
