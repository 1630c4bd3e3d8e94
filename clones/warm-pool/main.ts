/** The warm pool's process: any number of replicas, of which one acts. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { KubeConfig } from "@kubernetes/client-node";
import { CLONE_NAMESPACES } from "../../constructs/contract";
import { assertNoProblems, Problem } from "../../constructs/shared/problems";
import { Clock, systemClock } from "../provisioner/clock";
import { Kube } from "../provisioner/kube";
import { ControllerOptions, PoolLogEntry, WarmPoolController } from "./controller";
import { podExec } from "./exec";
import { NAME_TOKEN } from "./labels";
import { LeaderElection } from "./leader-election";
import { POOL_DEFAULTS, PoolSettings } from "./plan";
import { ExecPodReset, PodReset } from "./reset";
import { watchPool } from "./watch";

type Env = Readonly<Record<string, string | undefined>>;

export interface WarmPoolProcess {
  /** `WARM_POD_TEMPLATE` (a file), and if need be `WARM_POOL_NAMESPACE`, `_MIN`, `_MAX`, `_REUSE`, and `POD_NAME`. */
  readonly env: Env;
  readonly config: KubeConfig;
  readonly log: (entry: PoolLogEntry) => void;
  readonly signal: AbortSignal;
  readonly observe?: ControllerOptions["observe"];
  readonly clock?: Clock;
  /** @default by commands in the pods */
  readonly reset?: PodReset;
}

/** Name of the Lease, in the pool's own namespace. */
const LEASE = "warm-pool";

/** What the environment says. @throws {InvalidInputError} WARM_POOL_ARGUMENT */
export function warmPoolSettings(env: Env): PoolSettings & { readonly namespace: string; readonly template: string } {
  const problems: Problem[] = [];
  const count = (key: string, fallback: number) => {
    const text = env[key] ?? "";
    if (text === "") return fallback;
    if (/^\d{1,3}$/.test(text)) return Number(text);
    problems.push(wrong(key, text, "it is no number of pods", "Give 0 to 999"));
    return fallback;
  };
  const min = count("WARM_POOL_MIN", POOL_DEFAULTS.min);
  const max = count("WARM_POOL_MAX", Math.max(min, POOL_DEFAULTS.max));
  if (min > max) problems.push(wrong("WARM_POOL_MIN", min, `it is more than the most, ${max}`, "Lower it"));
  const template = templateFrom(env.WARM_POD_TEMPLATE ?? "", problems);
  assertNoProblems(problems);
  const namespace = env.WARM_POOL_NAMESPACE ?? CLONE_NAMESPACES.staging;
  return { ...POOL_DEFAULTS, min, max, reuse: env.WARM_POOL_REUSE === "true", namespace, template };
}

/** Until the signal aborts. A replica that doesn't act waits for its turn. */
export async function runWarmPool(process: WarmPoolProcess): Promise<void> {
  const { env, config, log, signal, observe, clock = systemClock } = process;
  const settings = warmPoolSettings(env);
  const { namespace } = settings;
  const kube = new Kube(config);
  // Not the pod's name alone: a process that starts again in its pod has forgotten what it reset.
  const identity = `${env.POD_NAME ?? "warm-pool"}-${randomUUID().slice(0, 8)}`;
  const election = new LeaderElection(kube, { namespace, name: LEASE, identity, clock, log });
  const reset = process.reset ?? new ExecPodReset(kube, podExec(config), { namespace, clock });
  const mayAct = () => election.isLeader();
  const controller = new WarmPoolController(kube, {
    ...settings,
    identity,
    reset,
    mayAct,
    log,
    clock,
    ...(observe && { observe }),
  });
  await election.run(async (term) => {
    const watching = watchPool(config, namespace, clock, () => controller.wake(), term);
    await controller.run(term);
    await watching;
  }, signal);
}

function templateFrom(file: string, problems: Problem[]): string {
  try {
    const text = readFileSync(file, "utf8");
    const pod = JSON.parse(text) as { kind?: string };
    if (pod.kind === "Pod" && text.includes(NAME_TOKEN)) return text;
    problems.push(
      wrong("WARM_POD_TEMPLATE", file, "it holds no template of a pod", "Mount pod.json of warm-pod-template"),
    );
  } catch {
    problems.push(wrong("WARM_POD_TEMPLATE", file, "it can't be read as JSON", "Mount pod.json of warm-pod-template"));
  }
  return "";
}

function wrong(path: string, value: unknown, reason: string, remedy: string): Problem {
  return { code: "WARM_POOL_ARGUMENT", path, value, reason, remedy };
}
