import { etcd } from "./etcd";
import { EXTERNAL_METRICS, kedaAdapter, kedaOperator } from "./keda";
import { kro } from "./kro";
import { kubeApiserver } from "./kube-apiserver";
import { kubeControllerManager } from "./kube-controller-manager";
import { kubeScheduler } from "./kube-scheduler";
import { kubectl } from "./kubectl";
import { kwok } from "./kwok";
import type { Program } from "./program";

/** What every cluster runs, in the order of start. */
export const CONTROL_PLANE = [etcd, kubeApiserver, kubeControllerManager, kubeScheduler, kwok] as const;

/** Built with the control plane, never started. */
export const TOOLS = [kubectl] as const;

/** Something that a cluster runs when it is asked for by name. One more is one more entry. */
export interface Controller {
  /** Started in this order, after the CRDs are established. */
  readonly programs: readonly Program[];
  /** Whose asset `crds` is installed first. */
  readonly crdsOf?: Program;
  /** What one of them adds to the API, on one of its ports; registered when all are ready. */
  readonly api?: { readonly groupVersion: string; readonly service: string; readonly port: string };
}

export const CONTROLLERS = {
  kro: { programs: [kro], crdsOf: kro },
  keda: { programs: [kedaOperator, kedaAdapter], crdsOf: kedaOperator, api: EXTERNAL_METRICS },
} as const satisfies Record<string, Controller>;

export type ControllerName = keyof typeof CONTROLLERS;

/** What a suite may kill and have run again: the controllers, and Kubernetes' own API. */
export const KILLABLE = {
  ...CONTROLLERS,
  "kube-apiserver": { programs: [kubeApiserver] },
} as const satisfies Record<string, Controller>;

export type KillableName = keyof typeof KILLABLE;

/** Every program that a cluster with these controllers needs, tools included. */
export function programsFor(controllers: readonly ControllerName[]): Program[] {
  return [...CONTROL_PLANE, ...TOOLS, ...controllers.flatMap((name): readonly Program[] => CONTROLLERS[name].programs)];
}
